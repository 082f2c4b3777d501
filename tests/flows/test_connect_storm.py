"""Clients that connect and vanish, a thousand times a second, cost nobody else anything and leave nothing (P4, F22)."""

import asyncio
import re

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.nightly import nightly
from tests.support.process import ServerProcess
from tests.support.sockets import SocketClient

pytestmark = pytest.mark.slow

CONNECTS_PER_SEC = 1_000
STORM_SECS = nightly(2, 20)
# Under way at once; when all are, the next one waits, so a busy machine carries out fewer a second.
AT_ONCE = 50
MAX_GROWTH_BYTES = 32 * 1024 * 1024
HANDSHAKE = (
    "GET /api/v1/ws?user_id=storm-{number} HTTP/1.1\r\nHost: storm\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# How much a client sends and what it waits for before it cuts the connection: from nothing at all to `connected`.
DEPTHS: list[tuple[int | None, bytes]] = [(0, b""), (60, b""), (None, b""), (None, b"\r\n\r\n"), (None, b"resume")]


async def come_and_go(port: int, number: int) -> None:
    """Connect, come so far, and be gone without a word."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    length, answer = DEPTHS[number % len(DEPTHS)]
    writer.write(HANDSHAKE.format(number=number).encode()[:length])
    if answer:
        await reader.readuntil(answer)
    writer.transport.abort()


async def storm(port: int) -> int:
    """Offer so many connects a second; returns how many were carried out."""
    places = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> None:
        try:
            await come_and_go(port, number)
        finally:
            places.release()

    async with asyncio.TaskGroup() as group:
        number = 0
        while (now := loop.time() - began) < STORM_SECS:
            if number > now * CONNECTS_PER_SEC:
                await asyncio.sleep(0.005)
                continue
            await places.acquire()
            group.create_task(one(number))
            number += 1
    return number


async def sockets_of(http: AsyncHTTPClient, server: ServerProcess) -> float:
    """How many live connections the process has, as it says itself."""
    metrics = (await http.fetch(f"{server.base_url}/metrics")).body.decode()
    found = re.search(r"^mtchat_sockets (\S+)$", metrics, re.MULTILINE)
    assert found is not None, metrics
    return float(found[1])


@pytest.mark.gen_test(timeout=120)
async def test_a_storm_of_connects_and_disconnects_disturbs_nobody_and_leaves_nothing(
    database_url: str, redis_url: str
) -> None:
    """1,000 connects a second are offered for 2 s, in the nightly form for 20 s; a busy machine carries out fewer."""
    http = AsyncHTTPClient(force_instance=True)
    server = ServerProcess({"DATABASE_URL": database_url, "ADMIN_API_TOKEN": ADMIN_TOKEN, "REDIS_URL": redis_url})
    await server.start()
    process = psutil.Process(server.pid)
    dialog_id = await make_dialog(ApiClient(http, server.base_url, admin_token=ADMIN_TOKEN), ["anna", "boris"])
    boris = await SocketClient.open(server.base_url, "boris")
    anna = ApiClient(http, server.base_url, user_id="anna")
    files, memory = process.num_fds(), process.memory_info().rss

    raging = asyncio.ensure_future(storm(server.port))
    slowest, sent = 0.0, 0
    while not raging.done():
        began = asyncio.get_running_loop().time()
        message = await send(anna, dialog_id)
        assert (await boris.expect("message.new"))["id"] == message["id"]
        slowest = max(slowest, asyncio.get_running_loop().time() - began)
        sent += 1
        await asyncio.sleep(0.05)
    carried_out = await raging
    print(f"{carried_out / STORM_SECS:.0f} connects a second, slowest of {sent} sends {slowest * 1000:.0f} ms")
    assert carried_out > 50 * STORM_SECS
    assert sent >= STORM_SECS
    assert slowest < 5

    async with asyncio.timeout(30):
        while await sockets_of(http, server) != 1:
            pass
    assert await boris.heard() == []
    assert process.num_fds() <= files + 5
    assert process.memory_info().rss - memory < MAX_GROWTH_BYTES
    boris.close()
    assert await server.stop() == 0
    assert {entry["level"] for entry in server.log if "level" in entry} <= {"info", "warning"}
    http.close()
