"""Several processes and a real Redis are one chat: whoever is connected where (P1, P3, F21)."""

import asyncio

import psycopg
import pytest

from tests.support.factories import make_dialog, send
from tests.support.fix_processes import Node, OpenNode
from tests.support.fix_redis import RedisCluster

pytestmark = pytest.mark.slow

SALES = {"scope_level0": ["north"], "scope_level1": ["sales"], "scope_level2": ["clerk"]}


async def two(open_node: OpenNode, redis_url: str) -> tuple[Node, Node]:
    """Two processes."""
    return await open_node(redis_url), await open_node(redis_url)


@pytest.mark.gen_test(timeout=30)
async def test_a_message_reaches_members_on_every_process_and_nobody_else(open_node: OpenNode, redis_url: str) -> None:
    """P1, F11, F21"""
    one, other = await two(open_node, redis_url)
    dialog_id = await make_dialog(one.host, ["anna", "boris"])
    await make_dialog(one.host, ["grace", "henry"])
    anna, boris, grace = await one.connect("anna"), await other.connect("boris"), await other.connect("grace")
    sent = await send(one.api("anna"), dialog_id)
    for socket in (anna, boris):
        assert (await socket.expect("message.new"))["id"] == sent["id"]
    assert [frame["type"] for frame in await grace.heard() if frame["type"] == "message.new"] == []


@pytest.mark.gen_test(timeout=30)
async def test_a_dialog_made_on_one_process_begins_for_people_on_another(open_node: OpenNode, redis_url: str) -> None:
    one, other = await two(open_node, redis_url)
    boris = await other.connect("boris")
    dialog_id = await make_dialog(one.host, ["anna", "boris"])
    await boris.expect("participant.joined", dialog_id=dialog_id, user_id="boris")
    sent = await send(one.api("anna"), dialog_id)
    await boris.expect("message.new", id=sent["id"])


@pytest.mark.parametrize("joins_at", [0, 1])
@pytest.mark.gen_test(timeout=30)
async def test_a_newcomer_hears_his_own_arrival_wherever_he_is(
    open_node: OpenNode, redis_url: str, joins_at: int
) -> None:
    """Contract 6.4: the system message, then participant.joined; and what is sent next."""
    nodes = await two(open_node, redis_url)
    dialog_id = await make_dialog(nodes[0].host, ["anna", "boris"], scopes=[SALES])
    anna, vera = await nodes[0].connect("anna"), await nodes[1].connect("vera")
    api = nodes[joins_at].api("vera").with_scopes(**SALES)
    answer = await api.post(f"/dialogs/{dialog_id}/join", {"display_name": "Vera", "company": "North"})
    assert answer.status == 200, answer.body
    for socket in (anna, vera):
        message = await socket.expect("message.new", message_type="system")
        joined = await socket.expect("participant.joined", user_id="vera")
        assert joined["seq"] == message["seq"] + 1
    await send(nodes[0].api("anna"), dialog_id)
    await vera.expect("message.new", message_type="user")


@pytest.mark.gen_test(timeout=30)
async def test_who_is_removed_hears_it_and_nothing_later(open_node: OpenNode, redis_url: str) -> None:
    """P1"""
    one, other = await two(open_node, redis_url)
    dialog_id = await make_dialog(one.host, ["anna", "boris", "vera"])
    boris, vera = await other.connect("boris"), await other.connect("vera")
    await one.host.delete(f"/dialogs/{dialog_id}/participants/boris")
    await boris.expect("participant.left", user_id="boris")
    sent = await send(one.api("anna"), dialog_id)
    await vera.expect("message.new", id=sent["id"])
    assert [frame for frame in await boris.heard() if frame["type"] == "message.new"] == []


@pytest.mark.gen_test(timeout=30)
async def test_withdrawn_credentials_close_sockets_on_every_process(open_node: OpenNode, redis_url: str) -> None:
    one, other = await two(open_node, redis_url)
    sockets = [await one.connect("anna"), await other.connect("anna")]
    boris = await other.connect("boris")
    one.services.publisher.revoke("anna")
    assert [await socket.closed() for socket in sockets] == [4401, 4401]
    assert await boris.heard() == []


@pytest.mark.gen_test(timeout=30)
async def test_a_person_is_online_from_the_first_process_to_the_last(open_node: OpenNode, redis_url: str) -> None:
    """F19, F23: two tabs on two processes are one person who comes once and goes once."""
    one, other = await two(open_node, redis_url)
    dialog_id = await make_dialog(one.host, ["anna", "boris"])
    anna = await one.connect("anna")
    first = await one.connect("boris")
    await anna.expect("presence.update", user_id="boris", is_online=True)
    second = await other.connect("boris")
    await _is_shared(other)
    await first.finish()
    while one.services.hub.is_online("boris"):
        await _online(one, dialog_id)
    await _is_shared(one)
    assert await _online(one, dialog_id) == {"anna", "boris"}
    await second.finish()
    await anna.expect("presence.update", user_id="boris", is_online=False)
    changes = [frame["is_online"] for frame in anna.frames if frame["type"] == "presence.update"]
    assert changes == [True, False]
    assert await _online(other, dialog_id) == {"anna"}


async def _is_shared(node: Node) -> None:
    """Wait until Redis knows who is connected to this process."""
    assert node.services.ledger is not None
    await node.services.ledger.settled()


async def _online(node: Node, dialog_id: str) -> set[str]:
    roster = (await node.api("anna").get(f"/dialogs/{dialog_id}/participants")).data
    return {entry["user_id"] for entry in roster if entry["is_online"]}


@pytest.mark.gen_test(timeout=30)
async def test_typing_and_reads_reach_the_other_process(open_node: OpenNode, redis_url: str) -> None:
    one, other = await two(open_node, redis_url)
    dialog_id = await make_dialog(one.host, ["anna", "boris"])
    anna, boris = await one.connect("anna"), await other.connect("boris")
    sent = await send(one.api("anna"), dialog_id)
    await boris.expect("message.new")
    boris.send({"type": "typing", "dialog_id": dialog_id})
    await anna.expect("typing", user_id="boris")
    boris.send({"type": "read", "dialog_id": dialog_id, "message_id": sent["id"]})
    await anna.expect("message.read", user_id="boris", last_read_message_id=sent["id"])


@pytest.mark.gen_test(timeout=30)
async def test_a_client_that_comes_back_to_another_process_catches_up(open_node: OpenNode, redis_url: str) -> None:
    """P3, F24"""
    one, other = await two(open_node, redis_url)
    dialog_id = await make_dialog(one.host, ["anna", "boris"])
    left_id = await make_dialog(one.host, ["anna", "boris"])
    before = await one.connect("boris")
    await send(one.api("anna"), dialog_id)
    await send(one.api("anna"), left_id)
    seqs = {}
    for _ in range(2):
        frame = await before.expect("message.new")
        seqs[frame["dialog_id"]] = frame["seq"]
    await before.finish()
    missed = [(await send(one.api("anna"), dialog_id))["id"] for _ in range(3)]
    await one.host.delete(f"/dialogs/{left_id}/participants/boris")
    after = await other.connect("boris")
    after.send({"type": "resume", "dialogs": seqs})
    resumed = await after.expect("resumed")
    assert [frame["id"] for frame in after.frames if frame["type"] == "message.new"] == missed
    assert resumed["gone"] == [left_id]


@pytest.mark.gen_test(timeout=30)
async def test_a_send_repeated_at_another_process_at_the_same_moment_is_one_message(
    open_node: OpenNode, redis_url: str, database_url: str
) -> None:
    """P2, F43: a balancer repeats a request while the first process is still at it; both get the one message."""
    one, other = await two(open_node, redis_url)
    dialog_id = await make_dialog(one.host, ["anna", "boris"])
    async with await psycopg.AsyncConnection.connect(database_url) as holder:
        await holder.execute("SELECT FROM dialogs WHERE id = %s FOR UPDATE", [dialog_id])
        sends = [
            asyncio.ensure_future(send(node.api("anna"), dialog_id, client_message_id="once")) for node in (one, other)
        ]
        await _both_wait_for_the_row(holder)
        await holder.commit()
    first, second = await asyncio.gather(*sends)
    assert first == second
    page = (await one.api("boris").get(f"/dialogs/{dialog_id}/messages")).data["messages"]
    assert [message["id"] for message in page if message["message_type"] == "user"] == [first["id"]]


async def _both_wait_for_the_row(connection: psycopg.AsyncConnection) -> None:
    waiting = (0,)
    while waiting != (2,):
        found = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        waiting = await found.fetchone() or (0,)
        await connection.execute("SELECT pg_stat_clear_snapshot()")


@pytest.mark.gen_test(timeout=60)
async def test_a_redis_cluster_joins_processes_too(open_node: OpenNode, redis_cluster: RedisCluster) -> None:
    one, other = await two(open_node, redis_cluster.url)
    dialogs = [await make_dialog(one.host, ["anna", "boris"]) for _ in range(6)]
    anna = await one.connect("anna")
    boris = await other.follow("boris")
    await anna.expect("presence.update", user_id="boris", is_online=True)
    for dialog_id in dialogs:
        await send(one.api("anna"), dialog_id)
    await boris.until(lambda: all(len(boris.seqs(dialog_id)) == 1 for dialog_id in dialogs))
    roster = (await one.api("anna").get(f"/dialogs/{dialogs[0]}/participants")).data
    assert all(entry["is_online"] for entry in roster)
    await boris.close()
    await anna.expect("presence.update", user_id="boris", is_online=False)
