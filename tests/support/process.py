"""Real `mtchat` processes, for tests that kill them."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping

import orjson


class ServerProcess:
    """One `mtchat serve` on a port of its own; its log is read for what the test waits for."""

    program: tuple[str, ...] = ("mtchat",)
    command = "serve"
    ready = "serving"

    def __init__(self, environment: Mapping[str, str], port: int | None = None) -> None:
        self.port = port or free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "LOG_JSON": "1",
            "LOG_LEVEL": "info",
            "DATABASE_MIN_CONNECTIONS": "1",
            "DATABASE_MAX_CONNECTIONS": "6",
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None
        self.log: list[dict[str, object]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, *arguments: str) -> None:
        """Start and wait until it is ready; fails with its log when it ends before."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self.program,
            self.command,
            *arguments,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        await self.wait_for(self.ready)

    async def wait_for(self, event: str, within_secs: float = 30) -> dict[str, object]:
        """Read the log until a line with this event."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(within_secs):
            while line := await self._process.stdout.readline():
                entry = self._note(line)
                if entry.get("event") == event:
                    return entry
        raise AssertionError(f"the server ended before {event!r}: {self.log}")

    def _note(self, line: bytes) -> dict[str, object]:
        try:
            entry: dict[str, object] = orjson.loads(line)
        except orjson.JSONDecodeError:
            entry = {"event": line.decode(errors="replace").rstrip()}
        self.log.append(entry)
        return entry

    async def ended(self) -> int:
        """Wait until it has ended by itself; returns the exit code, below zero for a signal."""
        assert self._process is not None
        rest, _ = await self._process.communicate()
        for line in rest.splitlines():
            self._note(line)
        assert self._process.returncode is not None
        return self._process.returncode

    async def kill(self) -> None:
        """SIGKILL, as a crash."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return await self._end(signal.SIGTERM)

    async def interrupt(self) -> int:
        """SIGINT, as from a terminal; returns the exit code."""
        return await self._end(signal.SIGINT)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended()


class WorkerProcess(ServerProcess):
    """One `mtchat worker`."""

    command = "worker"
    ready = "working"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
