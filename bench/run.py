"""What every script shares: plans for the load client, the limits, and a row of the table."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
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
def bare_tornado() -> Iterator[int]:
    """Run the bare Tornado process; yields its port."""
    port = free_port()
    with running([sys.executable, "-m", "bench.bare", str(port)]) as process:
        wait_until_ready(f"http://127.0.0.1:{port}/get", process)
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
