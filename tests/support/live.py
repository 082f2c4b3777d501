"""One `mtchat serve` for a whole module, spoken to over bare connections: for tests of bytes no client would send."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from tests.support.process import free_port

WAIT_SECS = 20.0


@dataclass(frozen=True)
class WireAnswer:
    """One answer as it came: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None

    @property
    def code(self) -> str | None:
        """The code of an error envelope; None for anything else."""
        if self.status < 400:
            return None
        envelope = self.json
        assert set(envelope) == {"error"}, (self.status, self.body)
        assert set(envelope["error"]) == {"code", "message"}, envelope
        code: str = envelope["error"]["code"]
        return code


class Wire:
    """A bare connection to a server: sends any bytes, reads whole answers."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECS)
        self._answers = self._socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are; a server that has hung up meanwhile is seen when the answer is read."""
        try:
            self._socket.sendall(data)
        except OSError:
            return

    def answer(self, method: str = "GET") -> WireAnswer | None:
        """Read one answer; None when the server has closed the connection instead."""
        try:
            start = self._answers.readline()
            if not start:
                return None
            headers: dict[str, str] = {}
            while (line := self._answers.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.strip().lower()] = value.strip()
        except ConnectionError:
            return None
        status = int(start.split()[1])
        length = 0 if method == "HEAD" or status in (101, 204) else int(headers.get("content-length", 0))
        return WireAnswer(status, headers, self._answers.read(length))

    def ask(
        self, method: str, target: bytes | str, headers: Mapping[str, str | bytes] | None = None, body: bytes = b""
    ) -> WireAnswer | None:
        """Send one request with a Content-Length, unless the headers say how long the body is, and read its answer."""
        written = target.encode() if isinstance(target, str) else target
        self.send(request_bytes(method, written, headers or {}, body))
        return self.answer(method)


def request_bytes(method: str, target: bytes, headers: Mapping[str, str | bytes], body: bytes = b"") -> bytes:
    """A request as bytes; names and values of headers go out as they are."""
    lines = [method.encode() + b" " + target + b" HTTP/1.1"]
    given = {name.lower() for name in headers}
    if "host" not in given:
        lines.append(b"Host: localhost")
    if not given & {"content-length", "transfer-encoding"}:
        lines.append(b"Content-Length: %d" % len(body))
    for name, value in headers.items():
        lines.append(name.encode("latin-1") + b": " + (value if isinstance(value, bytes) else value.encode("latin-1")))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class LiveServer:
    """A running process and everything it has logged."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self.log: list[bytes] = []
        self._process = process
        self._serving = threading.Event()
        # Somebody has to read: a full pipe would stop the server in the middle of a log line.
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.append(line)
            if b'"serving"' in line:
                self._serving.set()
        self._serving.set()

    def wait_until_serving(self) -> None:
        """Wait for the line that says so; fails with the log when it does not come."""
        assert self._serving.wait(WAIT_SECS), self.log
        assert self._process.poll() is None, self.log

    def wire(self) -> Wire:
        """Open a connection."""
        return Wire(self.port)

    def stop(self) -> bytes:
        """End the process and return everything it has logged."""
        self._process.terminate()
        self._process.wait(WAIT_SECS)
        self._reader.join(WAIT_SECS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return b"".join(self.log)


@contextmanager
def live_server(database_url: str, **variables: str) -> Iterator[LiveServer]:
    """Run `mtchat serve` on this database, with these variables, until the end of the block."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "DATABASE_MIN_CONNECTIONS": "1",
        "DATABASE_MAX_CONNECTIONS": "6",
        "LOG_JSON": "1",
        **variables,
    }
    command = [sys.executable, "-m", "mtchat", "serve"]
    with tempfile.TemporaryDirectory() as home:
        environment.setdefault("MTCHAT_HOME", home)
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        server = LiveServer(process, port)
        try:
            server.wait_until_serving()
            yield server
        finally:
            server.stop()
