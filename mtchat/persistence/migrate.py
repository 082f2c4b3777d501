"""Applies `migrations/NNNN_{pre|post}_<change>.sql` in order, once, whoever starts first.

`pre` changes suit the code of one release earlier and run before the new code; `post` changes run after it.
yoyo keeps the list of what was applied; its lock row makes several processes that start together wait for one another.
"""

from importlib import resources
from urllib.parse import quote, urlsplit, urlunsplit

from yoyo import get_backend, read_migrations

# A migration may rewrite a large table while others wait for it to finish.
LOCK_TIMEOUT_SECS = 300


def apply_migrations(database_url: str) -> list[str]:
    """Bring the database to the newest schema; returns the ids of what was applied now, in order.

    database_url: `postgresql://…`. Raises psycopg.Error when the database does not answer, yoyo's LockTimeout when
    another process has been migrating for more than five minutes.
    """
    backend = get_backend(_yoyo_url(database_url))
    try:
        migrations = read_migrations(str(resources.files("mtchat.persistence") / "migrations"))
        with backend.lock(timeout=LOCK_TIMEOUT_SECS):
            wanted = backend.to_apply(migrations)
            backend.apply_migrations(wanted)
        return [migration.id for migration in wanted]
    finally:
        backend.connection.close()


def _yoyo_url(database_url: str) -> str:
    """Name psycopg 3 as the driver, and keep a socket directory where yoyo finds it."""
    parts = urlsplit(database_url)
    return urlunsplit(("postgresql+psycopg", parts.netloc, quote(parts.path, safe="/"), parts.query, ""))
