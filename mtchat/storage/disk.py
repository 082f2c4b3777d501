"""Files on disk: the default of a single machine. Served by ourselves under `/files/`, by signed urls that expire.

objects/<key>            what is stored; linked into place when complete, never written again
incoming/<random>        what is being written
parts/<upload>/<number>  parts of large uploads
signing-key              shared by the processes of one machine
"""

import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, ParamSpec, TypeVar

import structlog

from mtchat.core.errors import Unavailable
from mtchat.storage import folders
from mtchat.storage.base import AWAY, FIRST_BYTES, KEY, ListedObject, StoredObject, StoredPart, Threads, steady_secs
from mtchat.storage.signing import GET, PUT, Grant, Signer, shared_key

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)

_COPY_BYTES: Final = 1024 * 1024
# A piece takes a millisecond: a dialog full of pictures may be opened by a hundred people at once.
_MAX_WAITING: Final = 2_000


class DiskStorage:
    """Keeps the promise of `mtchat.storage.base.Storage` in a folder of its own."""

    keeps_first_write = True

    def __init__(
        self,
        folder: Path,
        public_url: str,
        *,
        upload_secs: int,
        download_secs: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._public_url = public_url
        self._upload_secs = upload_secs
        self._download_secs = download_secs
        self._clock = clock
        self._threads = Threads("disk", max_waiting=_MAX_WAITING)
        self._made_signer: Signer | None = None

    @property
    def signer(self) -> Signer:
        """What makes and checks urls. Raises Unavailable when the folder cannot be used."""
        if self._made_signer is None:
            try:
                self._made_signer = Signer(self._public_url, shared_key(self._folder / "signing-key"))
            except OSError as error:
                raise _away(error) from error
        return self._made_signer

    # Urls.

    def upload_url(self, key: str, content_type: str, size: int) -> str:
        """Return where to PUT exactly so many bytes of this type ("" for any)."""
        return self.signer.url(Grant(PUT, key, content_type, self._until(self._upload_secs), size))

    def download_url(self, key: str, content_type: str, disposition: str) -> str:
        """Return where to GET an object under these two headers; the same for a while."""
        steady = steady_secs(self._download_secs)
        until = self._until(self._download_secs) // steady * steady + steady
        return self.signer.url(Grant(GET, key, content_type, until, disposition=disposition))

    def part_url(self, key: str, parts_id: str, number: int, size: int) -> str:
        """Return where to PUT one part of an upload, of exactly this size."""
        return self.signer.url(Grant(PUT, key, "", self._until(self._upload_secs), size, number))

    def _until(self, secs: int) -> int:
        return int(self._clock()) + secs

    # What the promise says.

    async def inspect(self, key: str) -> StoredObject | None:
        """Return what is stored, with its first bytes; None when there is nothing."""
        return await self.run(self._inspect, self.path_of(key))

    async def keep(self, key: str, kept_key: str, content_type: str, version: str) -> bool:
        """Nothing to copy: what is stored under a key never changes."""
        return True

    async def fetch(self, key: str, target: Path) -> bool:
        """Write an object into a file; False when there is none."""
        return await self.run(folders.copy_object, self.path_of(key), target)

    async def put(self, key: str, source: Path, content_type: str) -> None:
        """Store a file of ours."""
        await self.run(self._put, self.path_of(key), source)

    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is removed already."""
        await self.run(self._delete, self.path_of(key))

    async def begin_parts(self, key: str, content_type: str) -> str:
        """Begin an upload in parts; they lie under the id that is in the key."""
        folder = self._parts_of(key)
        await self.run(folder.mkdir, 0o700, True, True)
        return folder.name

    async def list_parts(self, key: str, parts_id: str) -> list[StoredPart] | None:
        """Return the parts that have arrived, by number; None when there is no such upload."""
        return await self.run(folders.parts_in, self._parts_of(key))

    async def finish_parts(self, key: str, parts_id: str) -> bool:
        """Make one object of all parts that have arrived; False when there is no such upload, or it lacks parts."""
        return await self.run(self._joined, self._parts_of(key), self.path_of(key))

    async def abort_parts(self, key: str) -> None:
        """Remove whatever parts of uploads to this key there are."""
        await self.run(folders.remove_tree, self._parts_of(key))

    async def list_objects(self, prefix: str) -> AsyncIterator[ListedObject]:
        """List objects in the order of their keys, compared by bytes."""
        found = folders.walk(self._folder / "objects", "")
        while batch := await self.run(folders.next_of, found):
            for listed in batch:
                if listed.key.startswith(prefix):
                    yield listed

    async def tidy(self, age_secs: float) -> int:
        """Remove what writes that were cut off have left behind, when it is this old; returns the number."""
        return await self.run(folders.tidy, self._folder / "incoming", age_secs)

    async def check(self) -> None:
        """Raise Unavailable, saying why, when the folder cannot be written."""
        await self.run(self._check)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()

    # What the addresses under /files/ need.

    def path_of(self, key: str) -> Path:
        """Return where an object is. Raises ValueError for what is no key of ours."""
        if KEY.fullmatch(key) is None:
            raise ValueError("not a key")
        return self._folder / "objects" / key

    async def open(self, key: str) -> IO[bytes] | None:
        """Open an object for reading; None when there is none."""
        return await self.run(folders.open_object, self.path_of(key))

    async def read(self, file: IO[bytes], start: int, length: int) -> bytes:
        """Read a piece of an open object."""
        return await self.run(os.pread, file.fileno(), length, start)

    async def begin_write(self, grant: Grant) -> "IncomingFile":
        """Take in a new object, or one part of one."""
        folder = self._folder / "incoming"
        if grant.number:
            parts = self._parts_of(grant.key)
            place = parts / str(grant.number)
        else:
            parts, place = None, self.path_of(grant.key)
        file = await self.run(folders.create, folder)
        return IncomingFile(self, file, place, parts)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call in a thread of the storage; errors of the disk become Unavailable."""
        try:
            return await self._threads.run(call, *args, **kwargs)
        except OSError as error:
            raise _away(error) from error

    def _parts_of(self, key: str) -> Path:
        found = KEY.fullmatch(key)
        if found is None or found[2] is None:
            raise ValueError("not the key of an upload")
        return self._folder / "parts" / found[2]

    def _inspect(self, path: Path) -> StoredObject | None:
        try:
            with path.open("rb") as file:
                stat = os.fstat(file.fileno())
                return StoredObject(stat.st_size, "", str(stat.st_ino), file.read(FIRST_BYTES))
        except FileNotFoundError:
            return None

    def _put(self, path: Path, source: Path) -> None:
        with folders.create(self._folder / "incoming") as file:
            try:
                with source.open("rb") as given:
                    shutil.copyfileobj(given, file, _COPY_BYTES)
                folders.flush(file)
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # A thumbnail made again takes the place of the first.
                Path(file.name).replace(path)
            finally:
                Path(file.name).unlink(missing_ok=True)

    def _delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        # Folders go with their last object; one that is not empty stays.
        below_dialog = path.parent.name in ("files", "thumbs")
        for folder in (path.parent, path.parent.parent) if below_dialog else (path.parent,):
            with suppress(OSError):
                folder.rmdir()

    def _joined(self, parts: Path, path: Path) -> bool:
        numbers = [part.number for part in folders.parts_in(parts) or []]
        if not numbers or numbers != [*range(1, len(numbers) + 1)]:
            return False
        with folders.create(self._folder / "incoming") as file:
            try:
                for number in numbers:
                    with (parts / str(number)).open("rb") as part:
                        shutil.copyfileobj(part, file, _COPY_BYTES)
                folders.flush(file)
                folders.link_first(Path(file.name), path)
            except FileNotFoundError:
                return False
            finally:
                Path(file.name).unlink(missing_ok=True)
        folders.remove_tree(parts)
        return True

    def _check(self) -> None:
        folder = self._folder / "incoming"
        with folders.create(folder) as file:
            Path(file.name).unlink()


class IncomingFile:
    """An object on its way in: written in pieces, then all of it is there or nothing."""

    def __init__(self, storage: DiskStorage, file: IO[bytes], place: Path, parts: Path | None) -> None:
        self._storage = storage
        self._file = file
        self._place = place
        self._parts = parts

    async def write(self, data: bytes) -> None:
        """Add a piece. Raises Unavailable when the disk is full or broken."""
        await self._storage.run(self._file.write, data)

    async def finish(self) -> bool:
        """Put the object into its place, unless one is there; False for a part of an upload that is no more."""
        return bool(await self._storage.run(self._finish))

    async def discard(self) -> None:
        """Forget what was written."""
        with suppress(Unavailable):
            await self._storage.run(self._discard)

    def _finish(self) -> bool:
        folders.flush(self._file)
        path = Path(self._file.name)
        if self._parts is None:
            folders.link_first(path, self._place)
        else:
            try:
                # A part that comes again takes the place of the first: until the upload is finished it is nobody's yet.
                path.replace(self._place)
            except FileNotFoundError:
                return False
        self._discard()
        return True

    def _discard(self) -> None:
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


def _away(error: OSError) -> Unavailable:
    log.error("the disk of the storage fails", why=errno.errorcode.get(error.errno or 0, type(error).__name__))
    return Unavailable(AWAY)
