"""The processes under measurement: a real `mtchat serve` on a database of its own, and the bare limits beside it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt

SECRET = "a-secret-of-the-benchmarks-that-is-long-enough"
ADMIN = "admin-token-of-the-benchmarks"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def token_of(user_id: str) -> str:
    """Return a signed token that the server under measurement accepts for an hour."""
    return jwt.encode({"sub": user_id, "exp": int(time.time()) + 3600}, SECRET, algorithm="HS256")


@dataclass
class Server:
    """A running server: where it listens, its process, and a client of its Management API."""

    port: int
    process: subprocess.Popen[bytes]
    database_url: str
    host: httpx.Client = field(repr=False)
    environment: dict[str, str] = field(repr=False)

    def make_dialogs(self, count: int, people: list[str]) -> list[str]:
        """Create dialogs that all have these people; returns their ids."""
        return [self.make_dialog(f"object-{number}", people) for number in range(count)]

    def make_dialog(self, object_id: str, people: list[str]) -> str:
        """Create one dialog and return its id."""
        named = [{"user_id": user_id, "display_name": user_id.title(), "company": "Hald AB"} for user_id in people]
        body = {"object_id": object_id, "object_type": "order", "title": object_id, "participants": named}
        answer = self.host.post("/api/v1/management/dialogs", json=body)
        answer.raise_for_status()
        dialog_id: str = answer.json()["data"]["id"]
        return dialog_id

    def send(self, dialog_id: str, user_id: str, content: str) -> None:
        """Send one message."""
        answer = self.host.post(
            f"/api/v1/dialogs/{dialog_id}/messages",
            json={"content": content},
            headers={"Authorization": f"Bearer {token_of(user_id)}"},
        )
        answer.raise_for_status()


@contextlib.contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """Run `mtchat serve` with signed identities on an embedded, durable database (or BENCH_DATABASE_URL)."""
    with tempfile.TemporaryDirectory(prefix="mtchat-bench-") as home:
        os.chmod(home, 0o755)  # the embedded database may run as another account
        given = os.environ.get("BENCH_DATABASE_URL")
        database = {"DATABASE_URL": given} if given else {}
        with _served(MTCHAT_HOME=home, **database, **settings) as (port, process, host, environment):
            yield Server(port, process, given or embedded_url(home), host, environment)


@contextlib.contextmanager
def serving_on(database_url: str, **settings: str) -> Iterator[Server]:
    """Run `mtchat serve` on a database that runs already, also beside others."""
    with _served(DATABASE_URL=database_url, **settings) as (port, process, host, environment):
        yield Server(port, process, database_url, host, environment)


@contextlib.contextmanager
def _served(**settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes], httpx.Client, dict[str, str]]]:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "ADMIN_API_TOKEN": ADMIN,
        "JWT_AUTH_ENABLED": "true",
        "JWT_SECRET": SECRET,
        "LOG_LEVEL": "warning",
        **settings,
    }
    base = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-m", "mtchat", "serve"], environment) as process:
        wait_until_ready(f"{base}/health/ready", process)
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {ADMIN}"}, timeout=60) as host:
            yield port, process, host, environment


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a Redis that keeps nothing; yields its URL."""
    port = str(free_port())
    with running(["redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--logfile", os.devnull]):
        yield f"redis://127.0.0.1:{port}/0"


def embedded_url(home: str) -> str:
    """Return the URL of the embedded database that a server of this home runs."""
    with open(f"{home}/postgres/postmaster.pid") as file:
        socket_folder = file.read().split("\n")[4]
    return f"postgresql://postgres@/mtchat?host={socket_folder}"


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for the length of the block; it ends by SIGTERM, and by SIGKILL after 25 s."""
    process = subprocess.Popen(command, env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Poll until the address answers 200. Raises RuntimeError when the process ends or 60 s pass."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not get ready")


def machine() -> str:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version: Any = sys.version_info
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {version.major}.{version.minor}, load before {load}"
