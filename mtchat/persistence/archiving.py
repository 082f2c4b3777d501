"""Archiving of dialogs in which nothing happens, slice by slice, by one process at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from mtchat.persistence.pool import Database

_LOCK: Final = 7_301_557


@dataclass(frozen=True, slots=True)
class ArchivedSlice:
    """Whom a slice has archived: (dialog id, user id). last: where the next slice begins; None after the last one."""

    people: list[tuple[str, str]]
    last: str | None


@asynccontextmanager
async def sole_archiver(database: Database) -> AsyncIterator[bool]:
    """Tell whether this process is the one that archives now; it stays so until the end of the block."""
    async with database.connection() as connection:
        is_mine = bool(await database.fetch_value("try_archive_lock", {"lock": _LOCK}, connection))
        try:
            yield is_mine
        finally:
            if is_mine:
                await database.execute("release_archive_lock", {"lock": _LOCK}, connection)


async def archive_slice(database: Database, *, after: str, after_secs: int, limit: int) -> ArchivedSlice:
    """Archive what has been silent for after_secs in the dialogs of the next `limit` people after an id.

    One statement.
    """
    row = await database.fetch_one("archive_idle_dialogs", {"after": after, "after_secs": after_secs, "limit": limit})
    assert row is not None
    return ArchivedSlice(list(zip(row["dialog_ids"], row["user_ids"], strict=True)), row["last"])
