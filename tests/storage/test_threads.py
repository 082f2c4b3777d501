"""P4: calls that hang hold so many threads and so many places behind them, and no more."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from mtchat.core.errors import Unavailable
from mtchat.storage.base import THREADS, Threads

WAITING = 5


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hanging calls wait for."""
    made = threading.Event()
    yield made
    made.set()


@pytest.mark.gen_test
async def test_whoever_comes_when_all_places_are_taken_is_told_at_once(gate: threading.Event) -> None:
    threads = Threads("test", max_waiting=WAITING)
    hanging = [asyncio.create_task(threads.run(gate.wait)) for _ in range(THREADS + WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await threads.run(int)
    gate.set()
    assert await asyncio.gather(*hanging) == [True] * len(hanging)
    assert await threads.run(int) == 0
    threads.close()


@pytest.mark.gen_test
async def test_whoever_gives_up_waiting_gives_his_place_back(gate: threading.Event) -> None:
    threads = Threads("test", max_waiting=WAITING)
    hanging = [asyncio.create_task(threads.run(gate.wait)) for _ in range(THREADS + WAITING)]
    await asyncio.sleep(0)
    impatient = hanging[-1]
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    late = asyncio.create_task(threads.run(int))
    await asyncio.sleep(0)
    gate.set()
    assert await late == 0
    await asyncio.gather(*hanging[:-1])
    threads.close()


@pytest.mark.gen_test
async def test_after_closing_nobody_is_served() -> None:
    threads = Threads("test", max_waiting=WAITING)
    threads.close()
    with pytest.raises(Unavailable):
        await threads.run(int)


@pytest.mark.gen_test
async def test_an_error_of_a_call_is_its_callers() -> None:
    threads = Threads("test", max_waiting=WAITING)
    with pytest.raises(ValueError, match="x"):
        await threads.run(int, "x")
    assert await threads.run(int, "7") == 7
    threads.close()
