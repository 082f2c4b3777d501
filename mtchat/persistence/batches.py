"""Natural group commit: whatever waits becomes one statement as soon as a writer is free. There is no timer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from mtchat.core.errors import Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

# Larger batches stop paying: at 128 rows the statement's fixed cost is 3 % of the whole, and its loops show.
MAX_BATCH = 128
# Beside a batch under way the next one starts only when so many times more wait.
WORTH = 2
# Items allowed to wait before callers are told to come back: some three seconds of work.
MAX_WAITING = 5_000


class Batcher(Generic[Item, Result]):
    """Runs `run(items)` for what callers submit, one batch at a time per writer.

    run: takes 1..128 items, returns one result or exception per item in the same order. It must be all-or-nothing: when
    it raises, its items are tried again one by one (except Unavailable: then nobody knows what was committed).
    key: items of one key are never in two batches at a time, so that writers never wait for each other's row locks;
    they go in order.
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
        self._most_writers = writers
        self._writers: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        # What has to wait for a batch that has its key, by key; every key of a batch is here while it runs.
        self._behind: dict[str, list[tuple[Item, asyncio.Future[Result]]]] = {}
        self._under_way = self._queued = 0

    async def submit(self, item: Item) -> Result:
        """Return this item's result. Raises its exception, or Unavailable when too many wait already."""
        if self._queued >= MAX_WAITING:
            raise Unavailable("Too many requests are waiting for the database; try again in a moment")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queued += 1
        self._behind.get(self._key(item), self._waiting).append((item, future))
        if len(self._writers) < self._most_writers and self._is_worth_a_batch():
            self._writers.add(asyncio.create_task(self._write()))
        return await future

    async def close(self) -> None:
        """Wait until everything submitted has been answered."""
        while self._writers:
            await asyncio.wait(self._writers)

    def _is_worth_a_batch(self) -> bool:
        """Tell whether to write now: a small batch beside a large one costs both more than waiting for it."""
        return bool(self._waiting) and len(self._waiting) >= WORTH * self._under_way

    async def _write(self) -> None:
        while self._is_worth_a_batch():
            batch = self._take()
            self._under_way += len(batch)
            try:
                # Whoever gave up waiting (its request timed out) is told 503 already: do not send behind its back.
                await self._settle([(item, future) for item, future in batch if not future.done()])
            finally:
                self._under_way -= len(batch)
                for key in {self._key(item) for item, _ in batch}:
                    self._waiting.extend(self._behind.pop(key))
        # At once, not by a callback: what is submitted in between would find every writer taken, and wait for ever.
        self._writers -= {asyncio.current_task()}

    def _take(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
        self._queued -= len(batch)
        for item, _ in batch:
            self._behind.setdefault(self._key(item), [])
        for _ in range(len(self._waiting)):
            pair = self._waiting.popleft()
            self._behind.get(self._key(pair[0]), self._waiting).append(pair)
        return batch

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
