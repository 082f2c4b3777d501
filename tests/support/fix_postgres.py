"""A PostgreSQL of the distribution, for what the shared one of the tests must not suffer: a restart."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mtchat.persistence.migrate import apply_migrations
from tests.support.process import free_port


class Postgres:
    """A PostgreSQL of the distribution, in a folder of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="mtchat-pg-"))
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        assert versions, "PostgreSQL is missing: apt-get install postgresql"
        self._programs = versions[-1]
        self._data, self._log = str(self._home / "data"), str(self._home / "log")
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Make a database folder and serve it; root may not, so root does it as the user of the package."""
        if os.geteuid() == 0:
            shutil.chown(self._home, "postgres", "postgres")
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", self._data)
        options = f"-p {self.port} -h 127.0.0.1 -k {self._home} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-o", options, "-l", self._log)

    def restart(self, *, crash: bool) -> None:
        """Stop and start it: every connection is cut. crash: without a word, and with recovery from its log."""
        mode = "immediate" if crash else "fast"
        self._run("pg_ctl", "restart", "-w", "-m", mode, "-D", self._data, "-l", self._log)

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", self._data)
        shutil.rmtree(self._home, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture
def postgres_of_its_own() -> Iterator[Postgres]:
    """A server of this test's own with the newest schema, which it may restart."""
    server = Postgres()
    try:
        server.start()
        apply_migrations(server.url)
        yield server
    finally:
        server.remove()
