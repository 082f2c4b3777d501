"""A real PostgreSQL for the tests: a template database migrated once, cloned for each test.

`TEST_DATABASE_URL` names a server to use (a role that may create databases); without it the embedded one is started,
shared by all parallel workers, and stopped when the last of them ends.
"""

import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from mtchat.persistence.embedded import open_embedded
from mtchat.persistence.migrate import apply_migrations

# One number for the whole project: whoever holds this lock is building the template.
_TEMPLATE_LOCK = 7_301_554


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that the tests may do anything with."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    home = Path(tempfile.gettempdir()) / f"mtchat-tests-{os.getuid()}"
    server = open_embedded(home)
    with psycopg.connect(server.url, autocommit=True) as connection:
        # Losing this server's data is fine, waiting for its disk is not: the crashes under test are our own.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """The name of a database with the newest schema, built once for a state of the migrations."""
    name = f"mtchat_template_{_migrations_digest()}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        try:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                building = f"{name}_building"
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
                admin.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(building), _locale_of(admin)))
                apply_migrations(database_url_of(postgres_url, building))
                admin.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
                )
        finally:
            admin.execute("SELECT pg_advisory_unlock(%s)", [_TEMPLATE_LOCK])
    return name


@pytest.fixture(scope="session")
def new_database(postgres_url: str, template_database: str) -> Iterator[Callable[[], str]]:
    """A function that clones the template and returns the clone's URL; every clone is dropped at the end."""
    made: list[str] = []
    with psycopg.connect(postgres_url, autocommit=True) as admin:

        def clone() -> str:
            name = f"mtchat_test_{uuid.uuid4().hex}"
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template_database)
                )
            )
            made.append(name)
            return database_url_of(postgres_url, name)

        yield clone
        for name in made:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of an empty, migrated database of this test's own."""
    return new_database()


def database_url_of(server_url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    parts = urlsplit(server_url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


def _locale_of(admin: psycopg.Connection) -> sql.SQL:
    """Upper and lower case of every alphabet, as the embedded database has it; older servers keep their own locale."""
    if admin.info.server_version < 170_000:
        return sql.SQL("")
    return sql.SQL("TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")


def _migrations_digest() -> str:
    digest = hashlib.sha256()
    folder = resources.files("mtchat.persistence") / "migrations"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".sql"):
            digest.update(entry.read_bytes())
    return digest.hexdigest()[:12]
