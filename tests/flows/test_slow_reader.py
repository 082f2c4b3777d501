"""A client that does not read, or hardly does, costs nobody else anything (P4, F20)."""

import asyncio
import base64
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY
from tornado.ioloop import IOLoop

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_sockets import Connect

pytestmark = pytest.mark.slow

# Each message makes a frame of some 90 KiB: its text is in the flat fields and in the payload.
LONG = "x" * 45_000
MESSAGES = 40


@pytest.fixture
def environment() -> dict[str, str]:
    """Who closes the last socket is offline at once."""
    return {"PRESENCE_GRACE_SECS": "0"}


def closed_as_slow() -> float:
    """How many sockets this process has closed as slow."""
    return REGISTRY.get_sample_value("mtchat_socket_closes_total", {"reason": "slow"}) or 0.0


@pytest.fixture
def deaf(io_loop: IOLoop, base_url: str) -> Iterator[Callable[[str], "asyncio.Future[socket.socket]"]]:
    """A function: user id -> a socket that shakes hands and then never reads, with little room in the kernel."""
    opened: list[socket.socket] = []

    async def connect(user_id: str) -> socket.socket:
        address = urlsplit(base_url)
        raw = socket.socket()
        opened.append(raw)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, (address.hostname, address.port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET /api/v1/ws?user_id={user_id} HTTP/1.1",
            f"Host: {address.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        ]
        await loop.sock_sendall(raw, "\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"connected" not in answer:
            answer += await loop.sock_recv(raw, 1_024)
        return raw

    yield lambda user_id: asyncio.ensure_future(connect(user_id))
    for raw in opened:
        raw.close()


async def read_a_byte_a_second(raw: socket.socket) -> None:
    """Read until there is nothing more to come."""
    with contextlib.suppress(OSError):
        got = b"?"
        while got:
            got = await asyncio.get_running_loop().sock_recv(raw, 1)
            await asyncio.sleep(1)


@pytest.mark.parametrize("reads", [False, True], ids=["never", "a byte a second"])
@pytest.mark.gen_test(timeout=30)
async def test_a_socket_that_hardly_reads_delays_nobody_and_is_closed_as_slow(
    reads: bool,
    connect: Connect,
    deaf: Callable[[str], "asyncio.Future[socket.socket]"],
    host: ApiClient,
    api: Callable[[str], ApiClient],
    services: Services,
) -> None:
    """Every send is answered, everybody else gets every message, the deaf one is let go."""
    dialog_id = await make_dialog(host, ["anna", "boris", "vera"])
    boris = await connect("boris")
    raw = await deaf("vera")
    reading = asyncio.ensure_future(read_a_byte_a_second(raw)) if reads else None
    before = closed_as_slow()
    assert services.hub.socket_count == 2
    slowest = 0.0
    for number in range(MESSAGES):
        began = time.perf_counter()
        await send(api("anna"), dialog_id, LONG)
        slowest = max(slowest, time.perf_counter() - began)
        await boris.expect("message.new", seq=number + 2)
    assert slowest < 1.0
    await boris.expect("presence.update", user_id="vera", is_online=False)
    assert closed_as_slow() == before + 1
    assert services.hub.socket_count == 1
    if reading is not None:
        reading.cancel()


@pytest.mark.gen_test(timeout=30)
async def test_who_was_closed_as_slow_comes_back_and_misses_nothing(
    connect: Connect,
    deaf: Callable[[str], "asyncio.Future[socket.socket]"],
    host: ApiClient,
    api: Callable[[str], ApiClient],
) -> None:
    """P3"""
    dialog_id = await make_dialog(host, ["anna", "vera"])
    await deaf("vera")
    for _ in range(MESSAGES):
        await send(api("anna"), dialog_id, LONG)
    vera = await connect("vera")
    vera.send({"type": "resume", "dialogs": {dialog_id: 1}})
    await vera.expect("resumed")
    assert [frame["seq"] for frame in await vera.heard()] == list(range(2, MESSAGES + 2))
