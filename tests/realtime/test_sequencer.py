"""The order of a dialog's events: next, older, gap (P3)."""

import asyncio

import pytest

from mtchat.core.errors import Unavailable
from mtchat.core.events import LoggedEvent
from mtchat.realtime.hub import Room
from mtchat.realtime.sequencer import MAX_EARLY, Arrival, Sequencer
from tests.support.fake_realtime import DIALOG, settle


class Bench:
    """A room at seq 0, a sequencer, and a log the test fills."""

    def __init__(self) -> None:
        self.room = Room(DIALOG, 0, 2)
        self.delivered: list[int] = []
        self.log: list[int] = []
        self.reads = 0
        self.failures = 0
        self.sequencer = Sequencer(lambda room, arrival: self.delivered.append(arrival.seq), self.read, gap_wait_secs=0)

    async def read(self, dialog_id: str, seq: int, limit: int) -> list[LoggedEvent]:
        self.reads += 1
        if self.failures:
            self.failures -= 1
            raise Unavailable("away")
        await asyncio.sleep(0)
        return [LoggedEvent(dialog_id, number, "message.new", {}) for number in self.log if number > seq][:limit]

    def arrive(self, *seqs: int) -> None:
        for seq in seqs:
            self.sequencer.arrived(self.room, Arrival(seq, "message.new", None, None, b"{}"))

    async def quiet(self) -> None:
        """Until the gap is old and read."""
        await asyncio.sleep(0.002)
        await self.sequencer.settled()
        await settle()


@pytest.mark.gen_test
async def test_events_in_order_go_out_at_once_without_reading_the_log() -> None:
    bench = Bench()
    bench.arrive(1, 2, 3)
    assert (bench.delivered, bench.reads) == ([1, 2, 3], 0)


@pytest.mark.gen_test
async def test_a_repeated_or_older_event_is_dropped() -> None:
    bench = Bench()
    bench.arrive(1, 2, 1, 2, 2)
    assert bench.delivered == [1, 2]


@pytest.mark.gen_test
async def test_two_swapped_events_are_put_right_without_reading_the_log() -> None:
    bench = Bench()
    bench.arrive(2, 1)
    await bench.quiet()
    assert (bench.delivered, bench.reads) == ([1, 2], 0)


@pytest.mark.gen_test
async def test_a_lost_event_is_read_from_the_log() -> None:
    bench = Bench()
    bench.log = [1, 2, 3]
    bench.arrive(1, 3)
    await bench.quiet()
    assert bench.delivered == [1, 2, 3]


@pytest.mark.gen_test
async def test_live_events_during_the_reading_are_neither_lost_nor_doubled() -> None:
    bench = Bench()
    bench.log = [1, 2, 3, 4]
    bench.arrive(3)
    await asyncio.sleep(0.001)
    bench.arrive(4, 5, 2)
    bench.log = [1, 2, 3, 4, 5]
    await bench.quiet()
    assert bench.delivered == [1, 2, 3, 4, 5]


@pytest.mark.gen_test
async def test_a_hint_that_an_event_exists_is_enough() -> None:
    bench = Bench()
    bench.log = list(range(1, 1_001))
    bench.sequencer.known(bench.room, 1_000)
    await bench.quiet()
    assert bench.delivered == bench.log


@pytest.mark.gen_test
async def test_a_log_that_cannot_be_read_is_asked_again() -> None:
    """P3: losing the database for a moment loses no event."""
    bench = Bench()
    bench.log = [1, 2]
    bench.failures = 1
    bench.arrive(2)
    await bench.quiet()
    assert bench.delivered == [1, 2]


@pytest.mark.gen_test
async def test_what_waits_for_an_earlier_event_is_bounded() -> None:
    """P4"""
    bench = Bench()
    bench.log = list(range(1, 2_001))
    bench.arrive(*range(2, 2_001))
    assert bench.room.early is not None
    assert len(bench.room.early) == MAX_EARLY
    await bench.quiet()
    assert bench.delivered == bench.log


@pytest.mark.gen_test
async def test_an_event_whose_dialog_is_gone_from_the_log_still_goes_out() -> None:
    bench = Bench()
    bench.arrive(3)
    await bench.quiet()
    bench.arrive(4)
    assert bench.delivered == [3, 4]
