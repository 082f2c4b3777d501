"""Redis, PostgreSQL or a process is lost under load: every client still gets each event once, in order (P2, P3, P5)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.fix_postgres import Postgres
from tests.support.fix_processes import Follower, OpenNode
from tests.support.fix_redis import RedisServer
from tests.support.nightly import nightly
from tests.support.process import ServerProcess
from tests.support.proxy import Address
from tests.support.sockets import SocketClient
from tests.support.traffic import Traffic

pytestmark = pytest.mark.slow

PEOPLE = ["anna", "boris", "vera", "walter"]
REDIS_AWAY_SECS = nightly(2.0, 30.0)


def seqs(socket: SocketClient, dialog_id: str) -> list[int]:
    """The places in the log of what a bare socket got, as it came: nothing is sorted or dropped here."""
    return [frame["seq"] for frame in socket.frames if "seq" in frame and frame.get("dialog_id") == dialog_id]


async def last_seq(api: ApiClient, dialog_id: str) -> int:
    """How far the dialog has come."""
    seq: int = (await api.get(f"/dialogs/{dialog_id}")).data["seq"]
    return seq


async def read_up_to(socket: SocketClient, ends: dict[str, int]) -> None:
    """Read until the last event of each dialog is here."""
    for dialog_id, end in ends.items():
        if end not in seqs(socket, dialog_id):
            await socket.expect("message.new", dialog_id=dialog_id, seq=end)


@pytest.mark.gen_test(timeout=90)
async def test_redis_killed_under_load_costs_nobody_an_event_or_his_socket(
    open_node: OpenNode, redis_server: RedisServer
) -> None:
    """P3, P4: sends go on, sockets stay open, events come from the log meanwhile; each once and in order.

    Redis is away for 2 s, in the nightly form for 30 s: the log is polled every second, memberships every ten.
    """
    nodes = [await open_node(redis_server.url), await open_node(redis_server.url)]
    dialogs = [await make_dialog(nodes[0].host, PEOPLE) for _ in range(3)]
    starts = {dialog_id: await last_seq(nodes[0].api("anna"), dialog_id) for dialog_id in dialogs}
    sockets = [await node.connect(person) for node in nodes for person in PEOPLE]
    traffic = Traffic([node.base_url for node in nodes], PEOPLE, dialogs).start()
    await traffic.reached(60)
    redis_server.kill()
    back_at = asyncio.get_running_loop().time() + REDIS_AWAY_SECS
    while asyncio.get_running_loop().time() < back_at:
        await traffic.reached(20)
        so_far = {dialog_id: await last_seq(nodes[0].api("anna"), dialog_id) for dialog_id in dialogs}
        for socket in sockets:
            await read_up_to(socket, so_far)
    assert not any(node.services.bus.is_up for node in nodes)
    redis_server.start()
    while not all(node.services.bus.is_up for node in nodes):
        await traffic.reached(1)
    await traffic.reached(60)
    await traffic.stop()
    ends = {dialog_id: await last_seq(nodes[0].api("anna"), dialog_id) for dialog_id in dialogs}
    for socket in sockets:
        await read_up_to(socket, ends)
        for dialog_id in dialogs:
            assert seqs(socket, dialog_id) == list(range(starts[dialog_id] + 1, ends[dialog_id] + 1))
        assert socket.close_code is None
    assert traffic.failures == []


@pytest.mark.gen_test(timeout=120)
async def test_postgresql_restarted_under_load_loses_and_doubles_nothing(
    open_node: OpenNode, redis_url: str, postgres_of_its_own: Postgres
) -> None:
    """P2, P3, P5: once as an operator does it, once as a crash; sends are repeated with their keys."""
    url = postgres_of_its_own.url
    nodes = [await open_node(redis_url, DATABASE_URL=url), await open_node(redis_url, DATABASE_URL=url)]
    dialogs = [await make_dialog(nodes[0].host, PEOPLE) for _ in range(3)]
    starts = {dialog_id: await last_seq(nodes[0].api("anna"), dialog_id) for dialog_id in dialogs}
    sockets = [await node.connect(person) for node in nodes for person in PEOPLE[:2]]
    traffic = Traffic([node.base_url for node in nodes], PEOPLE, dialogs).start()
    for crash in (False, True):
        await traffic.reached(40)
        await asyncio.to_thread(postgres_of_its_own.restart, crash=crash)
    await traffic.reached(40)
    await traffic.stop()
    assert traffic.failures, "no send met the restart"
    ends = {dialog_id: await last_seq(nodes[0].api("anna"), dialog_id) for dialog_id in dialogs}
    for dialog_id in dialogs:
        assert ends[dialog_id] - starts[dialog_id] == len(traffic.acknowledged[dialog_id])
        assert len(set(traffic.acknowledged[dialog_id])) == len(traffic.acknowledged[dialog_id])
    for socket in sockets:
        await read_up_to(socket, ends)
        for dialog_id in dialogs:
            assert seqs(socket, dialog_id) == list(range(starts[dialog_id] + 1, ends[dialog_id] + 1))
        assert socket.close_code is None


@asynccontextmanager
async def three_processes(database_url: str, redis_url: str) -> AsyncIterator[list[ServerProcess]]:
    """Three `mtchat serve`."""
    environment = {"DATABASE_URL": database_url, "ADMIN_API_TOKEN": ADMIN_TOKEN, "REDIS_URL": redis_url}
    servers = [ServerProcess({**environment, "LOG_LEVEL": "info"}) for _ in range(3)]
    await asyncio.gather(*(server.start() for server in servers))
    try:
        yield servers
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


@pytest.mark.gen_test(timeout=120)
async def test_one_of_three_processes_killed_under_load(database_url: str, redis_url: str) -> None:
    """P5: nothing acknowledged is lost, nobody misses an event, and presence is right again within 30 s."""
    http = AsyncHTTPClient(force_instance=True)
    async with three_processes(database_url, redis_url) as servers:
        host = ApiClient(http, servers[0].base_url, admin_token=ADMIN_TOKEN)
        dialogs = [await make_dialog(host, [*PEOPLE, "lost"]) for _ in range(3)]
        addresses = [Address(server.port) for server in servers]
        for address in addresses:
            await address.start()
        followers = [Follower(address.base_url, person) for address in addresses for person in PEOPLE]
        for follower in followers:
            await follower.start()
        lost = await SocketClient.open(servers[2].base_url, "lost")
        traffic = Traffic([server.base_url for server in servers], PEOPLE, dialogs).start()
        await traffic.reached(100)
        await servers[2].kill()
        killed_at = asyncio.get_running_loop().time()
        addresses[2].target = servers[1].port
        traffic.base_urls.pop()
        await traffic.reached(100)
        await traffic.stop()
        assert await lost.closed() in (None, 1006)

        anna = ApiClient(http, servers[0].base_url, user_id="anna")
        ends = {dialog_id: await last_seq(anna, dialog_id) for dialog_id in dialogs}
        for follower in followers:
            await follower.until_at(ends)
            for dialog_id, end in ends.items():
                found = follower.seqs(dialog_id)
                assert found == list(range(found[0], end + 1))
        for dialog_id in dialogs:
            page = (await anna.get(f"/dialogs/{dialog_id}/messages", limit=1000)).data["messages"]
            assert set(traffic.acknowledged[dialog_id]) <= {message["id"] for message in page}
            texts = [message["content"] for message in page]
            assert len(set(texts)) == len(texts)

        watcher = followers[0]
        await watcher.until(
            lambda: any(
                event.type == "presence.update" and event.fields["user_id"] == "lost" and not event.fields["is_online"]
                for event in watcher.events
            )
        )
        assert asyncio.get_running_loop().time() - killed_at < 30
        roster = (await anna.get(f"/dialogs/{dialogs[0]}/participants")).data
        assert {entry["user_id"]: entry["is_online"] for entry in roster} == dict.fromkeys(PEOPLE, True) | {
            "lost": False
        }
        for follower in followers:
            await follower.close()
        for address in addresses:
            await address.close()
    http.close()


@pytest.mark.gen_test(timeout=60)
async def test_people_of_a_process_that_stops_cleanly_are_offline_after_the_grace_and_not_before(
    open_node: OpenNode, redis_url: str
) -> None:
    """Design 5: a restart makes no flicker; who comes back to another process meanwhile never was away."""
    one = await open_node(redis_url, PRESENCE_GRACE_SECS="1")
    other = await open_node(redis_url, PRESENCE_GRACE_SECS="1")
    await make_dialog(one.host, ["anna", "boris", "vera"])
    anna = await other.connect("anna")
    boris, _ = await one.connect("boris"), await one.connect("vera")
    await anna.expect("presence.update", user_id="boris", is_online=True)
    await anna.expect("presence.update", user_id="vera", is_online=True)
    await one.close()
    assert await boris.closed() == 1001
    await other.connect("boris")
    await anna.expect("presence.update", user_id="vera", is_online=False)
    told = [frame["is_online"] for frame in anna.frames if frame.get("user_id") == "boris"]
    assert told == [True]


@pytest.mark.gen_test(timeout=60)
async def test_presence_without_redis_is_right_within_the_process_and_everywhere_when_it_is_back(
    open_node: OpenNode, redis_server: RedisServer
) -> None:
    """P7"""
    one, other = await open_node(redis_server.url), await open_node(redis_server.url)
    dialog_id = await make_dialog(one.host, ["anna", "boris", "vera", "walter"])
    anna, walter = await one.connect("anna"), await other.connect("walter")
    await anna.expect("presence.update", user_id="walter", is_online=True)
    redis_server.kill()
    boris = await one.connect("boris")
    await anna.expect("presence.update", user_id="boris", is_online=True)
    await one.connect("vera")
    await anna.expect("presence.update", user_id="vera", is_online=True)
    await boris.finish()
    await anna.expect("presence.update", user_id="boris", is_online=False)
    redis_server.start()
    await walter.expect("presence.update", user_id="vera", is_online=True)
    online: set[str] = set()
    while online != {"anna", "vera", "walter"}:
        roster = (await other.api("walter").get(f"/dialogs/{dialog_id}/participants")).data
        online = {entry["user_id"] for entry in roster if entry["is_online"]}
