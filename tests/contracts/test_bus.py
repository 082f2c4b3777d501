"""What every bus keeps; the same suite for each kind."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from tornado.ioloop import IOLoop

from mtchat.realtime.bus import Bus, dialog_channel, user_channel
from mtchat.realtime.bus_memory import MemoryBus
from mtchat.realtime.bus_redis import RedisBus
from tests.support.fix_redis import RedisCluster

MakeBus = Callable[[], Bus]


def _memory(request: pytest.FixtureRequest) -> MakeBus:
    return MemoryBus


def _redis(request: pytest.FixtureRequest) -> MakeBus:
    url: str = request.getfixturevalue("redis_url")
    return lambda: RedisBus(url)


def _plain_redis(request: pytest.FixtureRequest) -> MakeBus:
    """As on servers before 7."""
    url: str = request.getfixturevalue("redis_url")
    return lambda: RedisBus(url, sharded=False)


def _redis_cluster(request: pytest.FixtureRequest) -> MakeBus:
    cluster: RedisCluster = request.getfixturevalue("redis_cluster")
    return lambda: RedisBus(cluster.url)


BETWEEN_PROCESSES = {"redis": _redis, "redis-plain": _plain_redis, "redis-cluster": _redis_cluster}
KINDS = {"memory": _memory, **BETWEEN_PROCESSES}

CHANNEL = dialog_channel("01900000-0000-7000-8000-000000000001")
OTHER = user_channel("anna")


class Heard:
    """A bus and what it has brought."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.messages: list[tuple[str, bytes]] = []
        self._more = asyncio.Event()
        bus.on_message(self._receive)

    def _receive(self, channel: str, payload: bytes) -> None:
        self.messages.append((channel, payload))
        self._more.set()

    async def until(self, number: int) -> list[tuple[str, bytes]]:
        """Wait for so many messages in all."""
        async with asyncio.timeout(5):
            while len(self.messages) < number:
                self._more.clear()
                await self._more.wait()
        return self.messages


def run(io_loop: IOLoop, work: Callable[[], Awaitable[None]]) -> None:
    """Do it on the loop of the test."""
    io_loop.run_sync(work)


@pytest.fixture(params=KINDS)
def heard(request: pytest.FixtureRequest, io_loop: IOLoop) -> Iterator[Heard]:
    """A started bus of each kind."""
    made = Heard(KINDS[request.param](request)())
    run(io_loop, made.bus.start)
    yield made
    run(io_loop, made.bus.close)


@pytest.fixture(params=BETWEEN_PROCESSES)
def pair(request: pytest.FixtureRequest, io_loop: IOLoop) -> Iterator[tuple[Heard, Heard]]:
    """The buses of two processes, for each kind that joins processes."""
    make = BETWEEN_PROCESSES[request.param](request)
    one, other = Heard(make()), Heard(make())
    for made in (one, other):
        run(io_loop, made.bus.start)
    yield one, other
    for made in (one, other):
        run(io_loop, made.bus.close)


@pytest.mark.gen_test
async def test_a_message_reaches_who_subscribed(heard: Heard) -> None:
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"payload\n\x00\xff")
    assert await heard.until(1) == [(CHANNEL, b"payload\n\x00\xff")]


@pytest.mark.gen_test
async def test_other_channels_are_heard_only_where_the_bus_says_so(heard: Heard) -> None:
    """P6: between processes nobody is sent what nobody there waits for."""
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(OTHER, b"not asked for")
    heard.bus.publish(CHANNEL, b"ours")
    expected = [(OTHER, b"not asked for")] if heard.bus.brings_all else []
    assert await heard.until(len(expected) + 1) == [*expected, (CHANNEL, b"ours")]


@pytest.mark.gen_test
async def test_messages_keep_their_order_over_channels_of_any_number(heard: Heard) -> None:
    channels = [dialog_channel(str(number)) for number in range(50)]
    await heard.bus.subscribe(*channels)
    for turn in range(20):
        for channel in channels:
            heard.bus.publish(channel, b"%d" % turn)
    found = await heard.until(1_000)
    for channel in channels:
        assert [payload for at, payload in found if at == channel] == [b"%d" % turn for turn in range(20)]


@pytest.mark.gen_test
async def test_a_publish_returns_before_anybody_hears_of_it(heard: Heard) -> None:
    """F20: no request waits for a delivery."""
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"one")
    assert heard.messages == []
    await heard.until(1)


@pytest.mark.gen_test
async def test_a_channel_that_was_let_go_is_as_one_never_asked_for(heard: Heard) -> None:
    await heard.bus.subscribe(CHANNEL, OTHER)
    await heard.bus.unsubscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"let go")
    heard.bus.publish(OTHER, b"heard")
    expected = [(CHANNEL, b"let go")] if heard.bus.brings_all else []
    assert await heard.until(len(expected) + 1) == [*expected, (OTHER, b"heard")]


@pytest.mark.gen_test
async def test_subscribing_twice_brings_a_message_once(heard: Heard) -> None:
    await heard.bus.subscribe(CHANNEL)
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"one")
    heard.bus.publish(CHANNEL, b"two")
    assert [payload for _, payload in await heard.until(2)] == [b"one", b"two"]


@pytest.mark.gen_test
async def test_a_listener_that_fails_does_not_stop_the_bus(heard: Heard) -> None:
    failures: list[bytes] = []

    def fail_once(channel: str, payload: bytes) -> None:
        if not failures:
            failures.append(payload)
            raise RuntimeError("a mistake")
        heard._receive(channel, payload)

    heard.bus.on_message(fail_once)
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"one")
    heard.bus.publish(CHANNEL, b"two")
    assert [payload for _, payload in await heard.until(1)] == [b"two"]


@pytest.mark.gen_test
async def test_a_closed_bus_swallows_what_is_published(heard: Heard) -> None:
    await heard.bus.subscribe(CHANNEL)
    await heard.bus.close()
    heard.bus.publish(CHANNEL, b"too late")
    await asyncio.sleep(0)
    assert heard.messages == []


@pytest.mark.gen_test
async def test_a_message_reaches_every_process_that_subscribed(pair: tuple[Heard, Heard]) -> None:
    """F21"""
    one, other = pair
    await one.bus.subscribe(CHANNEL)
    await other.bus.subscribe(CHANNEL, OTHER)
    one.bus.publish(CHANNEL, b"to both")
    one.bus.publish(OTHER, b"to the other")
    assert await one.until(1) == [(CHANNEL, b"to both")]
    assert sorted(await other.until(2)) == [(CHANNEL, b"to both"), (OTHER, b"to the other")]


@pytest.mark.gen_test
async def test_what_one_process_publishes_keeps_its_order_at_the_other(pair: tuple[Heard, Heard]) -> None:
    one, other = pair
    channels = [dialog_channel(str(number)) for number in range(20)]
    await other.bus.subscribe(*channels)
    for turn in range(50):
        for channel in channels:
            one.bus.publish(channel, b"%d" % turn)
    found = await other.until(1_000)
    for channel in channels:
        assert [payload for at, payload in found if at == channel] == [b"%d" % turn for turn in range(50)]
    assert one.messages == []


@pytest.mark.gen_test
async def test_what_was_published_before_a_bus_is_closed_arrives(pair: tuple[Heard, Heard]) -> None:
    """P5: a process that stops takes no message with it."""
    one, other = pair
    await other.bus.subscribe(CHANNEL)
    for number in range(500):
        one.bus.publish(CHANNEL, b"%d" % number)
    await one.bus.close()
    assert len(await other.until(500)) == 500
