"""Whoever is asked about malware: a program, or ClamAV's daemon. Only a clear answer counts."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from mtchat.config.areas import StorageSettings
from mtchat.core.errors import Unavailable
from mtchat.jobs.scanning import Scanner
from tests.support.clamd import MALWARE, SIGNATURE, Clamd, write_scanner


@pytest.fixture
def clamd(io_loop: IOLoop, tmp_path: Path) -> Iterator[Clamd]:
    """A ClamAV daemon, as far as its INSTREAM goes."""
    made = Clamd(tmp_path / "clamd.sock", SIGNATURE)
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)


def asking_program(command: str, scan_secs: float = 5.0) -> Scanner:
    """One that asks a program."""
    return Scanner(replace(StorageSettings(), scan_command=command), scan_secs)


def asking_daemon(address: str, scan_secs: float = 5.0) -> Scanner:
    """One that asks a daemon."""
    return Scanner(replace(StorageSettings(), clamd_address=address), scan_secs)


def script(path: Path, text: str) -> str:
    """A program of a few lines."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


@pytest.mark.gen_test
async def test_a_program_tells_by_its_status(tmp_path: Path) -> None:
    scanner = asking_program(f"'{write_scanner(tmp_path)}' --quiet")
    for content, infected in ((MALWARE, True), (b"nothing", False)):
        (tmp_path / "a file; touch x").write_bytes(content)
        assert await scanner.is_infected(tmp_path / "a file; touch x") is infected
    (tmp_path / "broken").touch()
    with pytest.raises(Unavailable, match="status 2"):
        await scanner.is_infected(tmp_path / "a file; touch x")


@pytest.mark.gen_test(timeout=10)
async def test_a_program_that_is_missing_or_hangs_is_no_answer(tmp_path: Path) -> None:
    for command in ("/nowhere/at/all", script(tmp_path / "hangs", "exec sleep 60")):
        with pytest.raises(Unavailable):
            await asking_program(command, scan_secs=0.2).is_infected(tmp_path)


@pytest.mark.gen_test
async def test_a_daemon_gets_the_whole_file_and_tells(clamd: Clamd, tmp_path: Path) -> None:
    """By a socket of the machine, and by the network."""
    for address in (str(clamd.path), f"127.0.0.1:{clamd.port}"):
        scanner = asking_daemon(address)
        for content, infected in (
            (MALWARE, True),
            (bytes(3_000_000), False),
            (bytes(700_000) + MALWARE, True),
            (b"", False),
        ):
            (tmp_path / "file").write_bytes(content)
            assert await scanner.is_infected(tmp_path / "file") is infected
            assert clamd.received[-1] == len(content)


@pytest.mark.parametrize("fault", ["refuses", "hangs", "hangs up", "is full", "babbles"])
@pytest.mark.gen_test(timeout=10)
async def test_a_daemon_without_a_clear_answer_is_asked_again(clamd: Clamd, tmp_path: Path, fault: str) -> None:
    """Never taken for clean."""
    clamd.fault = fault
    if fault == "refuses":
        await clamd.stop()
    (tmp_path / "file").write_bytes(bytes(5_000_000))
    scanner = asking_daemon(str(clamd.path), scan_secs=0.5)
    with pytest.raises(Unavailable):
        await scanner.is_infected(tmp_path / "file")
    clamd.fault = ""
    if fault != "refuses":
        assert not await asking_daemon(str(clamd.path)).is_infected(tmp_path / "file")


@pytest.mark.gen_test
async def test_a_scan_that_is_called_off_leaves_no_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    text = f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}\nexec sleep 60"
    scanner = asking_program(script(tmp_path / "slow", text))
    task = asyncio.create_task(scanner.is_infected(tmp_path))
    async with asyncio.timeout(5):
        while not pid_file.exists():  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        while _runs(int(pid_file.read_text())):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def _runs(pid: int) -> bool:
    """Whether a process is there, and not just its number waiting to be taken note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
