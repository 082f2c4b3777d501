"""What every bus keeps; the same suite for each kind."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from tornado.ioloop import IOLoop

from mtchat.realtime.bus import Bus, dialog_channel, user_channel
from mtchat.realtime.bus_memory import MemoryBus

MakeBus = Callable[[], Bus]

# Kind -> how to make one. A bus between processes makes two that share a server.
KINDS: dict[str, MakeBus] = {"memory": MemoryBus}

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


@pytest.fixture(params=KINDS)
def heard(request: pytest.FixtureRequest, io_loop: IOLoop) -> Iterator[Heard]:
    """A started bus of each kind."""
    made = Heard(KINDS[request.param]())

    def run(work: Callable[[], Awaitable[None]]) -> None:
        io_loop.run_sync(work)

    run(made.bus.start)
    yield made
    run(made.bus.close)


@pytest.mark.gen_test
async def test_a_message_reaches_who_subscribed(heard: Heard) -> None:
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"payload\n\x00\xff")
    assert await heard.until(1) == [(CHANNEL, b"payload\n\x00\xff")]


@pytest.mark.gen_test
async def test_other_channels_are_not_heard(heard: Heard) -> None:
    """P1, P6"""
    await heard.bus.subscribe(CHANNEL)
    heard.bus.publish(OTHER, b"not for us")
    heard.bus.publish(CHANNEL, b"ours")
    assert await heard.until(1) == [(CHANNEL, b"ours")]


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
async def test_a_channel_that_was_let_go_is_silent(heard: Heard) -> None:
    await heard.bus.subscribe(CHANNEL, OTHER)
    await heard.bus.unsubscribe(CHANNEL)
    heard.bus.publish(CHANNEL, b"unheard")
    heard.bus.publish(OTHER, b"heard")
    assert await heard.until(1) == [(OTHER, b"heard")]


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
