"""What every script shares: plans for the load client, the limits, and a row of the table."""

import asyncio
import contextlib
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench import bare
from bench.server import free_port, running, token_of, wait_until_ready


@dataclass(frozen=True)
class Row:
    """One line of the table. limit: the same work done by the least that could do it, in the same run."""

    work: str
    measured: str
    at_least: str
    aim: str
    limit: str = ""
    errors: str = "0"


def load(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out a plan in a process of its own and return its result. Raises CalledProcessError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(plan) + "\n",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    result: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return result


class Holder:
    """A load client that has opened the sockets of a plan, and keeps them until `release`."""

    def __init__(self, plan: dict[str, Any]) -> None:
        command = [sys.executable, "-m", "bench.load"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._tell(json.dumps(plan | {"hold": True}))
        assert self._process.stdout is not None
        self.opened: int = json.loads(self._process.stdout.readline())["opened"]

    def release(self) -> dict[str, Any]:
        """Close the sockets; returns what they got meanwhile."""
        self._tell("")
        output, _ = self._process.communicate(timeout=60)
        result: dict[str, Any] = json.loads(output)
        return result

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


@contextlib.contextmanager
def many_files() -> Iterator[int]:
    """Let processes started here open up to 30,000 files; yields how many it is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = min(hard, 30_000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    try:
        yield allowed
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def at_once(*plans: dict[str, Any]) -> list[dict[str, Any]]:
    """Carry out plans at the same time, each in a process of its own."""
    with ThreadPoolExecutor(len(plans)) as pool:
        return list(pool.map(load, plans))


def get_request(path: str, user_id: str) -> str:
    """Return the text of a signed GET."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token_of(user_id)}\r\n"
        "Content-Type: application/json\r\n\r\n"
    )


def post_request(path: str, user_id: str, body: str) -> str:
    """Return the text of a signed POST."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token_of(user_id)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    )


def timed_post(path: str, user_id: str) -> str:
    """Return a template of a POST whose message carries the time it was sent at."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token_of(user_id)}\r\n"
        "Content-Type: application/json\r\nContent-Length: LENGTH"
    )
    return head + "\r\n\r\n" + json.dumps({"content": "<p>A message of usual length, t=TIME and so on.</p>"})


@contextlib.contextmanager
def bare_process(*options: str) -> Iterator[tuple[int, int]]:
    """Run the bare Tornado process; yields its port and its pid."""
    port = free_port()
    with running([sys.executable, "-m", "bench.bare", str(port), *options]) as process:
        wait_until_ready(f"http://127.0.0.1:{port}/get", process)
        yield port, process.pid


@contextlib.contextmanager
def bare_tornado() -> Iterator[int]:
    """Run the bare Tornado process; yields its port."""
    with bare_process() as (port, _):
        yield port


def bare_http(method: str, clients: int, seconds: float) -> float:
    """Return what a bare Tornado process answers per second to this many clients."""
    with bare_tornado() as port:
        request = get_request("/get", "anna") if method == "GET" else post_request("/echo", "anna", '{"content":"x"}')
        plan = {"kind": "http", "port": port, "clients": clients, "seconds": seconds, "requests": [request]}
        rate: float = load(plan)["per_sec"]
        return rate


def commits(database_url: str, connections: int, seconds: float) -> float:
    """Return single-row commits per second."""
    return asyncio.run(bare.commits_per_sec(database_url, connections, seconds))


def errors_of(result: dict[str, Any]) -> str:
    """Return the answers that were not 2xx: status×count, or 0."""
    return ", ".join(f"{status}×{count}" for status, count in result["bad"].items()) or "0"


def ratio(measured: float, limit: float) -> str:
    """Return a limit with the share of it that was reached."""
    return f"{limit:,.0f} ({measured / limit:.0%})" if limit else ""
