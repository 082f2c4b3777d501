"""What a storage of files promises. Two kinds keep it: `s3` and `disk`; one test suite holds both to it.

Keys are ours: `dialogs/<dialog>/<upload>.<ext>` and below it `files/` and `thumbs/`; a client never names a place.
Urls are signed here, without network and in microseconds; everything that waits for a storage runs in threads of its
own.
"""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar

import structlog

from mtchat.core.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

AWAY: Final = "The storage of files does not answer; try again in a moment"
# Enough to see what a file is; a tar archive tells it at byte 257.
FIRST_BYTES: Final = 1_024
# A hanging storage holds so many threads and no more; whoever comes on top of those that wait for one is told at once.
THREADS: Final = 16
# S3 takes no smaller parts than 5 MiB, except the last.
PART_BYTES: Final = 8 * 1024 * 1024
# A week: S3 knows no link that is good for longer.
LONGEST_SECS: Final = 604_800

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY: Final = re.compile(rf"dialogs/({_UUID})/(?:(?:files/)?({_UUID})\.[a-z0-9]{{1,16}}|thumbs/({_UUID}))")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it lies in the storage. version: changes whenever its bytes do."""

    size: int
    content_type: str
    version: str
    first_bytes: bytes


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object as a listing shows it."""

    key: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part of an upload that has arrived. number: from 1."""

    number: int
    size: int


class Storage(Protocol):
    """Where the bytes of files are.

    Methods that wait raise Unavailable when the storage is away, hangs or is broken. Those that only sign never wait.
    """

    # What an upload wrote first stays: a later write to the same key changes nothing. Else a send keeps a copy.
    keeps_first_write: bool

    def upload_url(self, key: str, content_type: str, size: int) -> str:
        """Return where to PUT exactly so many bytes of this type ("" for any)."""

    def download_url(self, key: str, content_type: str, disposition: str) -> str:
        """Return where to GET an object under these two headers."""

    def part_url(self, key: str, parts_id: str, number: int, size: int) -> str:
        """Return where to PUT one part of an upload, of exactly this size."""

    async def inspect(self, key: str) -> StoredObject | None:
        """Return what is stored, with its first bytes; None when there is nothing."""

    async def keep(self, key: str, kept_key: str, content_type: str, version: str) -> bool:
        """Copy an object as it was inspected to where no upload url reaches; False when it has changed or is gone."""

    async def fetch(self, key: str, target: Path) -> bool:
        """Write an object into a file; False when there is none."""

    async def put(self, key: str, source: Path, content_type: str) -> None:
        """Store a file of ours."""

    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is removed already."""

    async def begin_parts(self, key: str, content_type: str) -> str:
        """Begin an upload in parts; returns what the storage calls it."""

    async def list_parts(self, key: str, parts_id: str) -> list[StoredPart] | None:
        """Return the parts that have arrived, by number; None when there is no such upload."""

    async def finish_parts(self, key: str, parts_id: str) -> bool:
        """Make one object of all parts that have arrived; False when there is no such upload, or it lacks parts."""

    async def abort_parts(self, key: str) -> None:
        """Remove whatever parts of uploads to this key there are."""

    def list_objects(self, prefix: str) -> AsyncIterator[ListedObject]:
        """List objects in the order of their keys, compared by bytes."""

    async def tidy(self, age_secs: float) -> int:
        """Remove what writes that were cut off have left behind, when it is this old; returns the number."""

    async def check(self) -> None:
        """Raise Unavailable, saying why, when the storage cannot be used."""

    def close(self) -> None:
        """Let go of threads and connections."""


class Threads:
    """Runs blocking calls of a storage, for any number of event loops, within bounds."""

    def __init__(self, name: str, *, max_waiting: int) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(THREADS + max_waiting)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the call returns. Raises Unavailable when too many calls are waiting already.

        A caller that is cancelled is free at once; its call ends by the time-outs of the storage.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable(AWAY)
        try:
            future = self._executor.submit(call, *args, **kwargs)
        except RuntimeError:  # closed meanwhile
            self._places.release()
            raise Unavailable(AWAY) from None
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take no more calls."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def steady_secs(valid_secs: int) -> int:
    """Return for how long links that open a file stay the same, so that browsers keep what they have loaded.

    They are good for so much longer than promised.
    """
    return max(1, min(valid_secs // 4, LONGEST_SECS - valid_secs))


def part_sizes(size: int, part_size: int) -> list[int]:
    """Return the size of each part of a file, all alike but the last."""
    return [min(part_size, size - start) for start in range(0, size, part_size)]


async def storage_works(storage: Storage, patience_secs: float) -> bool:
    """Whether the storage can be used at this moment; never raises."""
    try:
        async with asyncio.timeout(patience_secs):
            await storage.check()
    except (Unavailable, TimeoutError) as error:
        log.warning("the storage does not answer", why=str(error) or type(error).__name__)
        return False
    return True
