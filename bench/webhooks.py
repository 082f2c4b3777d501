"""Deliveries per second of one worker, what webhooks cost a send, and what 100,000 waiting deliveries cost."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import psycopg

from bench.run import Row, load, post_request
from bench.sends import BODY, PEOPLE
from bench.server import Server, free_port, running, serving_on, wait_until_ready
from mtchat.persistence.embedded import open_embedded
from mtchat.persistence.queries import all_queries

DIALOGS: Final = 200
WAITING: Final = 100_000
BUILTIN: Final = "00000000-0000-0000-0000-000000000001"


_EVENTS_SQL: Final = b"""
    WITH wanted AS MATERIALIZED (
        SELECT d.id AS dialog_id, d.last_seq + n AS seq, d.user_no + n AS user_no,
               clock_timestamp() + n * interval '1 microsecond' AS at
        FROM dialogs AS d, generate_series(1, %(count)s) AS n WHERE d.id = ANY (%(dialogs)s::uuid[])
    ), made AS (
        INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at)
        SELECT dialog_id, uuid7_at(at), seq, user_no, 'anna', '<p>The truck is at the terminal</p>', at FROM wanted
        RETURNING dialog_id, id, seq, sent_at
    ), raised AS (
        UPDATE dialogs SET last_seq = last_seq + %(count)s, user_no = user_no + %(count)s
        WHERE id = ANY (%(dialogs)s::uuid[])
    )
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT dialog_id, seq, 'message.new', id, sent_at FROM made
"""


class _Receiver(asyncio.Protocol):
    """Answers 204 to every POST and counts them: what it does is as little as a receiver can do."""

    count = 0
    first_at = 0.0
    last_at = 0.0

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            if head.startswith(b"get"):
                text = f"{_Receiver.count} {_Receiver.last_at - _Receiver.first_at}".encode()
                self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text))
                continue
            _Receiver.last_at = time.monotonic()
            _Receiver.first_at = _Receiver.first_at or _Receiver.last_at
            _Receiver.count += 1
            self._transport.write(b"HTTP/1.1 204 OK\r\n\r\n")


async def _receive(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Receiver, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


def run(quick: bool) -> Iterator[Row]:
    """Measure on one durable embedded database: a server, a worker and a receiver, each a process."""
    events = 10_000 if quick else 30_000
    seconds = 3.0 if quick else 10.0
    with tempfile.TemporaryDirectory(prefix="mtchat-bench-") as home:
        Path(home).chmod(0o755)
        database = open_embedded(Path(home))
        try:
            hooks = {"WEBHOOK_SECRET": "the-secret-of-the-host"}
            with (
                _receiving() as (port, received),
                serving_on(database.url, WEBHOOK_URL=f"http://127.0.0.1:{port}/hooks", **hooks) as server,
            ):
                yield from _sends(server, seconds)
                yield from _deliveries(server, received, events)
                yield from _waiting(server, seconds)
        finally:
            database.stop()


@contextlib.contextmanager
def _receiving() -> Iterator[tuple[int, httpx.Client]]:
    port = free_port()
    with running([sys.executable, "-m", "bench.webhooks", str(port)]) as process:
        wait_until_ready(f"http://127.0.0.1:{port}/", process)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield port, client


def _enable(server: Server, **fields: object) -> None:
    server.host.put(f"/api/v1/management/webhooks/{BUILTIN}", json=fields).raise_for_status()


def _rate(server: Server, dialogs: list[str], seconds: float) -> float:
    requests = [
        post_request(f"/api/v1/dialogs/{dialog_id}/messages", PEOPLE[number % 4], BODY)
        for number, dialog_id in enumerate(dialogs)
    ]
    plan = {"kind": "http", "port": server.port, "clients": 16, "seconds": seconds, "requests": requests}
    return float(str(load(plan)["per_sec"]))


def _sends(server: Server, seconds: float) -> Iterator[Row]:
    """In turn, because figures drift: off, on, off, on. Nobody delivers meanwhile: this is the cost of the rows."""
    dialogs = server.make_dialogs(100, PEOPLE)
    off, on = [], []
    _rate(server, dialogs, seconds / 2)
    for _ in range(3):
        _enable(server, enabled=False)
        off.append(_rate(server, dialogs, seconds))
        _enable(server, enabled=True, events=["message.new"])
        on.append(_rate(server, dialogs, seconds))
    _enable(server, events=["message.new", "notification.pending"])
    both = _rate(server, dialogs, seconds)
    without, with_one = sorted(off)[1], sorted(on)[1]
    yield Row("sends/s without an endpoint", f"{without:,.0f}", "", "")
    yield Row("the same with one told of messages", f"{with_one:,.0f} (-{1 - with_one / without:.0%})", "-10 %", "")
    yield Row("the same with notifications too", f"{both:,.0f} (-{1 - both / without:.0%})", "", "")


def _deliveries(server: Server, received: httpx.Client, events: int) -> Iterator[Row]:
    """The rows wait already; timed from the first to the last one that reaches the receiver."""
    _enable(server, events=["message.new"])
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        connection.execute("TRUNCATE webhook_outbox, webhook_lanes, webhook_deliveries, notifications")
        dialogs = server.make_dialogs(DIALOGS, PEOPLE)
        _make_events(connection, dialogs, events // DIALOGS)
    with running([sys.executable, "-m", "mtchat", "worker"], server.environment):
        while True:
            count, secs = received.get("/").text.split()
            if int(count) >= events:
                break
            time.sleep(0.1)
    yield Row(f"deliveries/s, one worker, {DIALOGS} dialogs", f"{int(count) / float(secs):,.0f}", "500", "")


def _make_events(connection: psycopg.Connection, dialogs: list[str], per_dialog: int) -> None:
    """Write messages with their events, 50 of each dialog a statement: what follows is up to the triggers."""
    for _ in range(per_dialog // 50):
        connection.execute(_EVENTS_SQL, {"dialogs": dialogs, "count": 50})


def _waiting(server: Server, seconds: float) -> Iterator[Row]:
    """A receiver that has been away for long: rows wait in 200 lanes, and sends add to them."""
    dialogs = server.make_dialogs(DIALOGS, PEOPLE)
    alone, behind = [], []
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        for _ in range(3):
            connection.execute("TRUNCATE webhook_outbox, webhook_lanes, webhook_deliveries")
            alone.append(_rate(server, dialogs, seconds))
            _make_events(connection, dialogs, WAITING // DIALOGS)
            while connection.execute("SELECT webhook_enqueue(1000)").fetchone() != (0,):
                pass
            connection.execute("ANALYZE webhook_lanes, webhook_deliveries")
            behind.append(_rate(server, dialogs, seconds))
        took = _claim_ms(connection)
    before, after = sorted(alone)[1], sorted(behind)[1]
    yield Row(f"sends/s with {WAITING:,} deliveries waiting", f"{after:,.0f} (before: {before:,.0f})", "no slower", "")
    yield Row("a sweep that takes 32 of their lanes", f"{took:.1f} ms", "", "")


def _claim_ms(connection: psycopg.Connection) -> float:
    params = {
        "worker": 1, "busy_ids": [], "busy_numbers": [], "most": 32, "most_per_lane": 16, "lease_secs": 60.0,
        "has_builtin": True,
    }  # fmt: skip
    times = []
    for _ in range(5):
        started = time.monotonic()
        connection.execute(all_queries()["claim_webhook_lanes"].encode(), params).fetchall()
        times.append((time.monotonic() - started) * 1000)
    return sorted(times)[2]


if __name__ == "__main__":
    asyncio.run(_receive(int(sys.argv[1])))
