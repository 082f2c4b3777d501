"""The Redis bus when Redis is away: nothing waits, nobody is forgotten, the cut has two ends (P4, P7)."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from tornado.ioloop import IOLoop

from mtchat.realtime.bus import FRAME, KNOWN, dialog_channel, pack, unpack, user_channel
from mtchat.realtime.bus_redis import RedisBus
from mtchat.realtime.redis_link import MAX_WAITING
from mtchat.realtime.redis_nodes import read_topology
from tests.support.fix_redis import RedisCluster, RedisServer
from tests.support.proxy import proxy_to

DIALOG = "01900000-0000-7000-8000-000000000001"
CHANNEL = dialog_channel(DIALOG)
PERSON = user_channel("anna")
pytestmark = pytest.mark.slow


def logged(seq: int) -> bytes:
    """A message of the log."""
    return pack([seq, "message.new", None, DIALOG, None], b'{"type":"message.new"}')


class Ear:
    """A started bus, what it brings and what it says of itself."""

    def __init__(self, url: str) -> None:
        self.bus = RedisBus(url)
        self.heard: list[tuple[str, bytes]] = []
        self.states: list[bool] = []
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.bus.on_message(lambda channel, payload: self._note(lambda: self.heard.append((channel, payload))))

    async def start(self) -> "Ear":
        await self.bus.start()
        self.bus.on_state(lambda is_up: self._note(lambda: self.states.append(is_up)))
        return self

    def _note(self, change: object) -> None:
        assert callable(change)
        change()
        task = asyncio.ensure_future(self._wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, condition: object) -> None:
        """Wait until this holds."""
        assert callable(condition)
        async with asyncio.timeout(15), self._news:
            await self._news.wait_for(condition)


@pytest.fixture
def pair(redis_server: RedisServer, io_loop: IOLoop) -> Iterator[tuple[Ear, Ear]]:
    """Two processes on a Redis of the test's own."""
    one, other = Ear(redis_server.url), Ear(redis_server.url)
    io_loop.run_sync(one.start)
    io_loop.run_sync(other.start)
    yield one, other
    io_loop.run_sync(one.bus.close)
    io_loop.run_sync(other.bus.close)


@pytest.mark.gen_test(timeout=30)
async def test_both_ends_of_a_cut_are_told_and_subscriptions_outlive_it(
    pair: tuple[Ear, Ear], redis_server: RedisServer
) -> None:
    one, other = pair
    await other.bus.subscribe(CHANNEL)
    redis_server.kill()
    await one.until(lambda: one.states == [False])
    await other.until(lambda: other.states == [False])
    await other.bus.subscribe(PERSON)
    redis_server.start()
    await one.until(lambda: one.states == [False, True])
    await other.until(lambda: other.states == [False, True])
    one.bus.publish(CHANNEL, logged(7))
    one.bus.publish(PERSON, pack([FRAME, None, None], b"{}"))
    await other.until(lambda: len(other.heard) == 2)
    assert sorted(channel for channel, _ in other.heard) == [CHANNEL, PERSON]


@pytest.mark.gen_test(timeout=30)
async def test_a_connection_that_is_lost_while_a_command_is_written_is_a_cut_like_any_other(
    pair: tuple[Ear, Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    """P5: redis-py then fails with an AttributeError; once that ended the bus for good."""
    one, other = pair
    write = AbstractConnection._send_packed_command

    async def lost_first(connection: AbstractConnection, command: list[bytes]) -> None:
        if b"SSUBSCRIBE" in b"".join(command):
            monkeypatch.setattr(AbstractConnection, "_send_packed_command", write)
            await connection.disconnect(nowait=True)
        await write(connection, command)

    monkeypatch.setattr(AbstractConnection, "_send_packed_command", lost_first)
    await other.bus.subscribe(CHANNEL)
    await other.until(lambda: other.states == [False, True])
    one.bus.publish(CHANNEL, logged(7))
    await other.until(lambda: len(other.heard) == 1)


@pytest.mark.gen_test(timeout=30)
async def test_a_loop_that_misses_its_cancellation_holds_nobody_up(
    pair: tuple[Ear, Ear], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P5: a write that is done just when it is called off swallows that, as `asyncio.wait_for` of Python 3.11 does."""
    one, _ = pair
    write = AbstractConnection.send_packed_command
    begun = asyncio.Event()

    async def done_anyway(connection: AbstractConnection, *arguments: Any, **options: Any) -> None:
        if begun.is_set():
            return await write(connection, *arguments, **options)
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    monkeypatch.setattr(AbstractConnection, "send_packed_command", done_anyway)
    one.bus.publish(CHANNEL, logged(7))
    await begun.wait()
    redis_server.kill()
    redis_server.start()
    await one.until(lambda: one.states == [False, True])


@pytest.mark.gen_test(timeout=30)
async def test_an_unforeseen_error_does_not_end_the_way_back(
    pair: tuple[Ear, Ear], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P5, P7"""
    one, _ = pair
    failures = iter([RuntimeError("a bug")] * 2)

    async def failing_first(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return await read_topology(*arguments)

    monkeypatch.setattr("mtchat.realtime.bus_redis.read_topology", failing_first)
    redis_server.kill()
    redis_server.start()
    await one.until(lambda: one.states == [False, True])
    assert next(failures, None) is None


@pytest.mark.gen_test(timeout=30)
async def test_a_process_alone_with_its_people_still_reaches_them(
    pair: tuple[Ear, Ear], redis_server: RedisServer
) -> None:
    """Without Redis: correct within the process."""
    one, _ = pair
    await one.bus.subscribe(CHANNEL, PERSON)
    redis_server.kill()
    await one.until(lambda: one.states == [False])
    personal = pack([FRAME, None, None], b'{"type":"dialog.archived"}')
    one.bus.publish(CHANNEL, logged(1))
    one.bus.publish(PERSON, personal)
    await one.until(lambda: len(one.heard) == 2)
    assert one.heard == [(CHANNEL, logged(1)), (PERSON, personal)]
    redis_server.start()
    await one.until(lambda: one.states == [False, True])
    one.bus.publish(PERSON, b'["frame",null,null]\nlast')
    await one.until(lambda: len(one.heard) >= 4)
    assert [payload for channel, payload in one.heard if channel == PERSON] == [personal, b'["frame",null,null]\nlast']


@pytest.mark.gen_test(timeout=30)
async def test_what_one_process_said_while_it_alone_was_cut_is_told_when_it_is_back(redis_server: RedisServer) -> None:
    """P3: the others were not cut and compare nothing, so they are told how far each dialog has come."""

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", redis_server.port)

    async with proxy_to(connect) as proxy:
        other = await Ear(redis_server.url).start()
        one = await Ear(f"redis://127.0.0.1:{proxy.port}").start()
        await other.bus.subscribe(CHANNEL, PERSON)
        proxy.cut()
        await one.until(lambda: one.states == [False])
        for seq in range(1, 200):
            one.bus.publish(CHANNEL, logged(seq))
        one.bus.publish(CHANNEL, pack([None, "typing", "anna", DIALOG, None], b"{}"))
        one.bus.publish(PERSON, pack([FRAME, None, None], b"{}"))
        proxy.heal()
        await one.until(lambda: one.states == [False, True])
        await other.until(lambda: len(other.heard) == 2)
        assert other.heard == [
            (PERSON, pack([FRAME, None, None], b"{}")),
            (CHANNEL, pack([199, KNOWN, None, DIALOG, None])),
        ]
        assert unpack(other.heard[1][1]) == ([199, KNOWN, None, DIALOG, None], b"")
        assert other.states == []
        await one.bus.close()
        await other.bus.close()


@pytest.mark.gen_test(timeout=30)
async def test_a_redis_that_takes_nothing_holds_a_bounded_number_of_messages(redis_server: RedisServer) -> None:
    """P4: over the bound it counts as away."""

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", redis_server.port)

    async with proxy_to(connect) as proxy:
        ear = await Ear(f"redis://127.0.0.1:{proxy.port}").start()
        proxy.hold()
        for seq in range(MAX_WAITING + 1):
            ear.bus.publish(CHANNEL, logged(seq))
        await ear.until(lambda: ear.states == [False])
        proxy.release()
        await ear.until(lambda: ear.states == [False, True])
        await ear.bus.close()


@pytest.mark.gen_test(timeout=30)
async def test_a_process_starts_without_redis_and_joins_when_it_comes(redis_server: RedisServer) -> None:
    """P7"""
    redis_server.kill()
    ear = await Ear(redis_server.url).start()
    await ear.bus.subscribe(CHANNEL)
    assert not ear.bus.is_up
    redis_server.start()
    await ear.until(lambda: ear.states == [False, True])
    ear.bus.publish(CHANNEL, logged(1))
    await ear.until(lambda: ear.heard == [(CHANNEL, logged(1))])
    await ear.bus.close()


@pytest.mark.gen_test(timeout=60)
async def test_a_cluster_that_loses_a_node_goes_on_with_the_others(redis_own_cluster: RedisCluster) -> None:
    """Channels of the other nodes are heard all along; those of the lost one again when it is back."""
    ear = await Ear(redis_own_cluster.url).start()
    channels = {_node_of(channel): channel for channel in (dialog_channel(str(number)) for number in range(50))}
    assert len(channels) == 3
    await ear.bus.subscribe(*channels.values())
    redis_own_cluster.nodes[2].kill()
    await ear.until(lambda: ear.states == [False])
    ear.bus.publish(channels[0], b"[null]\n")
    await ear.until(lambda: (channels[0], b"[null]\n") in ear.heard)
    redis_own_cluster.nodes[2].start()
    await ear.until(lambda: ear.states == [False, True])
    ear.bus.publish(channels[2], logged(2))
    await ear.until(lambda: (channels[2], logged(2)) in ear.heard)
    await ear.bus.close()


@pytest.mark.gen_test(timeout=60)
async def test_channels_follow_their_slot_to_another_node(redis_own_cluster: RedisCluster) -> None:
    ear, other = await Ear(redis_own_cluster.url).start(), await Ear(redis_own_cluster.url).start()
    await ear.bus.subscribe(CHANNEL)
    redis_own_cluster.move_slot(key_slot(CHANNEL.encode()))
    await ear.until(lambda: ear.states == [False, True])
    other.bus.publish(CHANNEL, logged(1))
    await ear.until(lambda: bool(ear.heard))
    # The publisher did not know of the move either: what it said first is told as a hint.
    assert {unpack(payload)[0][0] for _, payload in ear.heard} == {1}
    await ear.bus.close()
    await other.bus.close()


def _node_of(channel: str) -> int:
    return min(key_slot(channel.encode()) // 5461, 2)
