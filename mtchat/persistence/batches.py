"""Natural group commit: whatever waits becomes one statement as soon as a writer is free. There is no timer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from mtchat.core.errors import Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

# Larger batches stop paying: at 256 rows the statement's fixed cost is below 1 % of the whole.
MAX_BATCH = 256
# Items allowed to wait per writer before callers are told to come back: some three seconds of work.
MAX_WAITING = 5_000


class Batcher(Generic[Item, Result]):
    """Runs `run(items)` for what callers submit, one batch at a time per writer.

    run: takes 1..256 items, returns one result or exception per item in the same order. It must be all-or-nothing: when
    it raises, its items are tried again one by one (except Unavailable: then nobody knows what was committed).
    key: items of one key go to the same writer, in order, so that two writers never wait for each other's row locks.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        key: Callable[[Item], str],
        writers: int,
    ) -> None:
        self._run = run
        self._key = key
        self._waiting: list[deque[tuple[Item, asyncio.Future[Result]]]] = [deque() for _ in range(writers)]
        self._writers: list[asyncio.Task[None] | None] = [None] * writers

    async def submit(self, item: Item) -> Result:
        """Return this item's result. Raises its exception, or Unavailable when too many wait already."""
        number = hash(self._key(item)) % len(self._waiting)
        waiting = self._waiting[number]
        if len(waiting) >= MAX_WAITING:
            raise Unavailable("Too many requests are waiting for the database; try again in a moment")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        waiting.append((item, future))
        if self._writers[number] is None:
            self._writers[number] = asyncio.create_task(self._write(number))
        return await future

    async def close(self) -> None:
        """Wait until everything submitted has been answered."""
        await asyncio.gather(*(writer for writer in self._writers if writer is not None))

    async def _write(self, number: int) -> None:
        waiting = self._waiting[number]
        try:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(len(waiting), MAX_BATCH))]
                # Whoever gave up waiting (its request timed out) is told 503 already: do not send behind its back.
                await self._settle([(item, future) for item, future in batch if not future.done()])
        finally:
            self._writers[number] = None

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        if not batch:
            return
        try:
            results: Sequence[Result | Exception] = await self._run([item for item, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, Unavailable):
                results = [error] * len(batch)
            else:
                for pair in batch:
                    await self._settle([pair])
                return
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
