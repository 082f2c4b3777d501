"""Natural group commit: what waits goes together, one bad row fails alone, nothing is sent behind a caller's back."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.gen_test
async def test_a_batch_beside_another_starts_only_when_twice_as_many_wait() -> None:
    """A small batch beside a large one costs both more than waiting for its end."""
    recorder = Recorder()
    recorder.gate.clear()
    queue = batcher(recorder, writers=2)
    waiting = [asyncio.ensure_future(queue.submit(number)) for number in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting += [asyncio.ensure_future(queue.submit(number)) for number in range(3, 8)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert recorder.batches == [[0, 1, 2]]
    waiting.append(asyncio.ensure_future(queue.submit(8)))
    for _ in range(3):
        await asyncio.sleep(0)
    assert recorder.batches == [[0, 1, 2], [3, 4, 5, 6, 7, 8]]
    recorder.gate.set()
    assert await asyncio.gather(*waiting) == [number * 2 for number in range(9)]


@given(
    keys=st.lists(st.integers(0, 4), max_size=40),
    writers=st.integers(1, 4),
    most=st.integers(1, 6),
    pauses=st.lists(st.integers(0, 3), min_size=40, max_size=40),
)
def test_one_key_is_never_in_two_batches_and_keeps_its_order(
    keys: list[int], writers: int, most: int, pauses: list[int]
) -> None:
    """P1, P2: whatever the sizes and the moments, everything is answered, and each dialog in order."""
    written: list[tuple[int, int]] = []

    async def story() -> None:
        under_way: set[int] = set()

        async def run(items: Sequence[tuple[int, int]]) -> list[int | Exception]:
            assert 1 <= len(items) <= most
            batch = {key for key, _ in items}
            assert not batch & under_way
            under_way.update(batch)
            for _ in range(sum(number for _, number in items) % 4):
                await asyncio.sleep(0)
            under_way.difference_update(batch)
            written.extend(items)
            return [number for _, number in items]

        queue: Batcher[tuple[int, int], int] = Batcher(run, key=lambda item: str(item[0]), writers=writers)
        waiting = []
        for number, key in enumerate(keys):
            waiting.append(asyncio.ensure_future(queue.submit((key, number))))
            for _ in range(pauses[number]):
                await asyncio.sleep(0)
        assert await asyncio.gather(*waiting) == list(range(len(keys)))
        await queue.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "MAX_BATCH", most)
        loop = asyncio.new_event_loop()  # not run(): the loop of other tests stays the current one
        loop.run_until_complete(story())
        loop.close()
    for key in set(keys):
        numbers = [number for other, number in written if other == key]
        assert numbers == sorted(numbers)
