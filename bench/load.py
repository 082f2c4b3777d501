"""The load client: a process of its own, light enough not to be what is measured.

`python -m bench.load` reads a plan as JSON from standard input, carries it out, and prints the result as JSON. Plans
are bounded in connections and time, and only ever go to 127.0.0.1.

- http: `clients` keep one request each under way for `seconds`; requests are prepared bytes, of an answer only the
  status and the length are looked at.
- sockets: opens a WebSocket per entry, then posts messages at `rate` a second for `seconds`; frames are counted, and
  the time in their text is subtracted from now.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
import time
from typing import Any, cast

import uvloop

_STATUS_AT = len(b"HTTP/1.1 ")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TIME = re.compile(rb"\bt=(\d+)")
# Sockets opened at once; more would measure the listen queue.
_OPENING = 50


def percentile(sorted_values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies; 0 of nothing."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))] if sorted_values else 0.0


def summary(latencies_ms: list[float]) -> dict[str, float]:
    """Return count, p50, p99 and maximum of latencies in ms."""
    values = sorted(latencies_ms)
    return {
        "count": len(values),
        "p50_ms": round(percentile(values, 0.5), 2),
        "p99_ms": round(percentile(values, 0.99), 2),
        "max_ms": round(values[-1], 2) if values else 0.0,
    }


class HttpClient(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._buffer, 0, head)
        if len(self._buffer) < head + 4 + (int(length[1]) if length else 0):
            return
        status = int(self._buffer[_STATUS_AT : _STATUS_AT + 3])
        self._buffer = b""
        if self._answer is not None:
            self._answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(0)

    async def call(self, request: bytes) -> int:
        """Send a prepared request; returns the status, 0 when the connection was lost."""
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


async def run_http(plan: dict[str, Any]) -> dict[str, Any]:
    """Keep `clients` requests under way, each client going through the requests from a place of its own."""
    loop = asyncio.get_running_loop()
    requests = [text.encode() for text in plan["requests"]]
    latencies: list[float] = []
    bad: dict[int, int] = {}

    async def client(number: int, until: float) -> None:
        _, protocol = await loop.create_connection(HttpClient, "127.0.0.1", plan["port"])
        step = number * len(requests) // plan["clients"]
        while (started := time.perf_counter()) < until:
            status = await protocol.call(requests[step % len(requests)])
            step += 1
            if 200 <= status < 300:
                latencies.append((time.perf_counter() - started) * 1000)
            else:
                bad[status] = bad.get(status, 0) + 1

    for seconds in (plan.get("warm_up", 1.0), plan["seconds"]):
        latencies.clear()
        began = time.perf_counter()
        await asyncio.gather(*(client(number, began + seconds) for number in range(plan["clients"])))
        took = time.perf_counter() - began
    return {"per_sec": round(len(latencies) / took, 1), "bad": bad, **summary(latencies)}


class SocketClient(asyncio.Protocol):
    """A WebSocket that counts events and measures those that carry a time; reads frames, answers pings."""

    def __init__(self, path: str, headers: str, tally: "Tally", expected: str | None) -> None:
        self._handshake = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self._tally = tally
        self._expected = expected.encode() if expected else None
        self._buffer = b""
        self._upgraded = False
        self._transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._handshake)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        if not self._upgraded:
            head = data.find(b"\r\n\r\n")
            if head < 0:
                self._buffer = data
                return
            self._upgraded = data.startswith(b"HTTP/1.1 101")
            if not self._upgraded:
                self._tally.refused += 1
                self._settle(False)
                return
            data = data[head + 4 :]
        at = 0
        while len(data) - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if len(data) < start + length:
                break
            self._take(data[at] & 15, data[start : start + length])
            at = start + length
        self._buffer = data[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == 9 and self._transport is not None:
            self._transport.write(b"\x8a\x80\x00\x00\x00\x00")
        if opcode != 1:
            return
        kind = payload[9:25]
        if kind.startswith(b"connected"):
            self._settle(True)
        elif kind.startswith(b"resumed"):
            self._tally.count_resumed()
        elif kind.startswith(b"message.new"):
            self._tally.count(payload, self._expected)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.closed += 1
        self._settle(False)

    def _settle(self, ready: bool) -> None:
        if not self.ready.done():
            self.ready.set_result(ready)

    def send_text(self, text: bytes) -> None:
        """Send a masked text frame of less than 64 KiB; the mask is zero."""
        assert self._transport is not None
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        self._transport.write(b"\x81" + size + b"\x00\x00\x00\x00" + text)

    def close(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()


class Tally:
    """What all sockets of a process saw."""

    def __init__(self) -> None:
        self.delays_ms: list[float] = []
        self.last_ns: dict[bytes, int] = {}
        self.strangers = self.refused = self.closed = self.resumed = 0
        self.wanted = 0
        self.all_resumed = asyncio.Event()

    def count_resumed(self) -> None:
        """Count a socket that has caught up."""
        self.resumed += 1
        if self.resumed == self.wanted:
            self.all_resumed.set()

    def count(self, payload: bytes, expected: bytes | None) -> None:
        """Count a message: how old it is, and whether this socket may have it at all."""
        now = time.monotonic_ns()
        if expected is not None and expected not in payload:
            self.strangers += 1
        found = _TIME.search(payload)
        if found:
            self.delays_ms.append((now - int(found[1])) / 1e6)
            self.last_ns[found[1]] = now


async def open_sockets(plan: dict[str, Any], tally: Tally) -> list[SocketClient]:
    """Open every socket of the plan and wait for `connected` on each."""
    loop = asyncio.get_running_loop()
    places = asyncio.Semaphore(plan.get("opening", _OPENING))

    async def open_one(entry: dict[str, Any]) -> SocketClient:
        def make() -> SocketClient:
            return SocketClient(entry["path"], entry.get("headers", ""), tally, entry.get("expected"))

        async with places:
            _, client = await loop.create_connection(make, "127.0.0.1", plan["port"])
            await client.ready
            if entry.get("first_frame"):
                client.send_text(entry["first_frame"].encode())
            return client

    return list(await asyncio.gather(*(open_one(entry) for entry in plan["sockets"])))


async def run_sockets(plan: dict[str, Any]) -> dict[str, Any]:
    """Open the sockets, post at a steady rate, and report delays from before the POST to the frame."""
    tally = Tally()
    tally.wanted = len(plan["sockets"])
    began = time.perf_counter()
    sockets = await open_sockets(plan, tally)
    opened_in = time.perf_counter() - began
    if plan.get("await_resumed"):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(tally.all_resumed.wait(), 60)
    result: dict[str, Any] = {
        "opened": len(sockets) - tally.refused,
        "open_secs": round(opened_in, 3),
        "resumed": tally.resumed,
        "all_secs": round(time.perf_counter() - began, 3),
    }
    if plan.get("hold"):
        print(json.dumps(result), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        result |= received(tally)
    if plan.get("posts"):
        result |= await post_steadily(plan, tally)
    for client in sockets:
        client.close()
    return result


async def post_steadily(plan: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """Post at `rate` a second over a few connections; a post that finds none free counts as not offered in time."""
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(HttpClient, "127.0.0.1", plan["port"]))[1] for _ in range(plan["posters"])
    ]
    free: asyncio.Queue[HttpClient] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)
    bad: dict[int, int] = {}
    tasks: set[asyncio.Task[None]] = set()

    async def post(connection: HttpClient, template: str) -> None:
        body = template.split("\r\n\r\n", 1)
        content = body[1].replace("TIME", str(time.monotonic_ns()).zfill(20))
        request = f"{body[0].replace('LENGTH', str(len(content)))}\r\n\r\n{content}"
        status = await connection.call(request.encode())
        if status != 200:
            bad[status] = bad.get(status, 0) + 1
        free.put_nowait(connection)

    wanted = int(plan["rate"] * plan["seconds"])
    began = time.perf_counter()
    for number in range(wanted):
        due = began + number / plan["rate"]
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        if time.perf_counter() - began > plan["seconds"] * 1.5:
            break
        task = loop.create_task(post(await free.get(), plan["posts"][number % len(plan["posts"])]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    posted = number + 1
    await asyncio.gather(*tasks)
    took = time.perf_counter() - began
    await asyncio.sleep(1.0)
    return {"posted_per_sec": round(posted / took, 1), "bad": bad, **received(tally)}


def received(tally: Tally) -> dict[str, Any]:
    """Return what the sockets got and how late."""
    last = [(seen - int(sent)) / 1e6 for sent, seen in tally.last_ns.items()]
    return {
        "delivered": len(tally.delays_ms),
        "strangers": tally.strangers,
        "closed": tally.closed,
        "last_member": summary(last),
        **summary(tally.delays_ms),
    }


def main() -> None:
    """Carry out the plan on standard input."""
    plan = json.loads(sys.stdin.readline())
    if os.environ.get("BENCH_NICE"):
        os.nice(int(os.environ["BENCH_NICE"]))
    run = {"http": run_http, "sockets": run_sockets}[plan["kind"]]
    print(json.dumps(uvloop.run(run(plan))), flush=True)


if __name__ == "__main__":
    main()
