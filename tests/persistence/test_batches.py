"""Natural group commit: what waits goes together, one bad row fails alone, nothing is sent behind a caller's back."""

import asyncio
from collections.abc import Sequence

import pytest

from mtchat.core.errors import InvalidInput, Unavailable
from mtchat.persistence import batches
from mtchat.persistence.batches import Batcher


class Recorder:
    """Runs batches by doubling numbers; remembers them, waits for `gate`, fails on what it is told to fail on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.poison: dict[int, Exception] = {}

    async def run(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        await self.gate.wait()
        for item in items:
            if item in self.poison:
                raise self.poison[item]
        return [item * 2 for item in items]


def batcher(recorder: Recorder, writers: int = 1) -> Batcher[int, int]:
    return Batcher(recorder.run, key=str, writers=writers)


@pytest.mark.gen_test
async def test_a_lone_item_goes_at_once() -> None:
    recorder = Recorder()
    assert await batcher(recorder).submit(21) == 42
    assert recorder.batches == [[21]]


@pytest.mark.gen_test
async def test_what_waits_while_a_batch_runs_goes_together_in_order() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    queue = batcher(recorder)
    waiting = [asyncio.ensure_future(queue.submit(number)) for number in range(5)]
    await asyncio.sleep(0)
    later = [asyncio.ensure_future(queue.submit(number)) for number in range(5, 9)]
    await asyncio.sleep(0)
    recorder.gate.set()
    assert await asyncio.gather(*waiting, *later) == [number * 2 for number in range(9)]
    assert [number for batch in recorder.batches for number in batch] == list(range(9))
    assert len(recorder.batches) == 2


@pytest.mark.gen_test
async def test_one_bad_item_fails_alone() -> None:
    recorder = Recorder()
    recorder.poison[3] = InvalidInput("three")
    queue = batcher(recorder)
    results = await asyncio.gather(*(queue.submit(number) for number in range(6)), return_exceptions=True)
    assert [type(result) for result in results] == [int, int, int, InvalidInput, int, int]


@pytest.mark.gen_test
async def test_a_lost_database_fails_the_batch_without_a_second_try() -> None:
    """P2: nobody knows what was committed; trying again here could store a message twice."""
    recorder = Recorder()
    recorder.poison[1] = Unavailable("away")
    queue = batcher(recorder)
    results = await asyncio.gather(*(queue.submit(number) for number in range(3)), return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert len(recorder.batches) == 1


@pytest.mark.gen_test
async def test_whoever_gave_up_before_the_batch_is_not_sent() -> None:
    recorder = Recorder()
    recorder.gate.clear()
    queue = batcher(recorder)
    first = asyncio.ensure_future(queue.submit(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    impatient = asyncio.ensure_future(queue.submit(2))
    await asyncio.sleep(0)
    impatient.cancel()
    recorder.gate.set()
    assert await first == 2
    await queue.close()
    assert recorder.batches == [[1]]


@pytest.mark.gen_test
async def test_too_many_waiting_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """P4: the queue is bounded."""
    monkeypatch.setattr(batches, "MAX_WAITING", 3)
    recorder = Recorder()
    recorder.gate.clear()
    queue = batcher(recorder)
    waiting = [asyncio.ensure_future(queue.submit(number)) for number in range(3)]
    for _ in range(3):
        await asyncio.sleep(0)
    waiting += [asyncio.ensure_future(queue.submit(number)) for number in range(3, 6)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await queue.submit(99)
    recorder.gate.set()
    assert await asyncio.gather(*waiting) == [number * 2 for number in range(6)]
