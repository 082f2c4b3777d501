"""What the disk storage does to files and folders. All of it blocks: it runs in threads."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from mtchat.storage.base import ListedObject, StoredPart

_LISTED_AT_ONCE: Final = 500


def create(folder: Path) -> IO[bytes]:
    """Make a file under a name nobody can guess."""
    path = folder / secrets.token_hex(16)
    try:
        return open(path, "xb", opener=_private)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open(path, "xb", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def flush(file: IO[bytes]) -> None:
    """Nothing that is answered 2xx is lost when the machine loses power."""
    file.flush()
    os.fsync(file.fileno())


def link_first(path: Path, place: Path) -> None:
    """Give the file its place, unless something is there: what was written first stays."""
    _make(place.parent)
    with suppress(FileExistsError):
        try:
            os.link(path, place)
        except FileNotFoundError:
            # Whoever deleted the folder's last object has taken the folder along.
            _make(place.parent)
            os.link(path, place)
    _sync(place.parent)


def _make(folder: Path) -> None:
    """A folder is lost with its name: that is in the folder above."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_object(path: Path) -> IO[bytes] | None:
    """Open for reading; None when there is nothing."""
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        return None


def copy_object(path: Path, target: Path) -> bool:
    """Copy out; False when there is nothing."""
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError:
        return False
    return True


def parts_in(folder: Path) -> list[StoredPart] | None:
    """The parts in a folder, by number; None when there is no such folder."""
    try:
        found = [StoredPart(int(entry.name), entry.stat().st_size) for entry in os.scandir(folder)]
    except FileNotFoundError:
        return None
    return sorted(found, key=lambda part: part.number)


def remove_tree(folder: Path) -> None:
    """Remove a folder with what is in it; one that is not there is removed already."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def walk(folder: Path, prefix: str) -> Iterator[ListedObject]:
    """Walk a folder so that keys come in the order of their bytes: a folder sorts with the slash behind its name."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: f"{entry.name}/" if entry.is_dir() else entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from walk(folder / entry.name, f"{prefix}{entry.name}/")
            continue
        with suppress(FileNotFoundError):
            stat = entry.stat()
            yield ListedObject(f"{prefix}{entry.name}", stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))


def next_of(listing: Iterator[ListedObject]) -> list[ListedObject]:
    """The next objects of a walk; none at its end."""
    return [listed for _, listed in zip(range(_LISTED_AT_ONCE), listing, strict=False)]


def tidy(folder: Path, age_secs: float) -> int:
    """Remove files that nobody has touched for so long; returns the number."""
    removed = 0
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime < time.time() - age_secs:
                    os.unlink(entry.path)
                    removed += 1
    return removed
