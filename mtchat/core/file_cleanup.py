"""The rules of what goes: objects no row needs, uploads nobody sent, and what a comparison with the storage finds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from mtchat.core.errors import Unavailable
from mtchat.core.links import thumbnail_key
from mtchat.core.services import Services
from mtchat.core.uploads import ARRIVING_SECS, LIFETIME_SECS, last_arrival_secs
from mtchat.persistence import attachments, storage_deletions, uploads
from mtchat.persistence.attachments import KeptFile
from mtchat.storage.base import KEY, ListedObject

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 50
_SIDE_BY_SIDE: Final = 8
_UPLOADS_AT_ONCE: Final = 500
_KEYS_AT_ONCE: Final = 500
# What is younger may belong to a send that is under way at this moment.
STRAY_AGE_SECS: Final = 3_600.0


async def remove_objects(services: Services) -> int:
    """Remove a batch of objects that are due; returns how many. Those that fail come back later."""
    due = await storage_deletions.claim_deletions(services.database, _AT_ONCE)
    done: list[int] = []
    places = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def remove(deletion: storage_deletions.Deletion) -> None:
        async with places:
            try:
                if deletion.in_parts:
                    await services.storage.abort_parts(deletion.key)
                await services.storage.delete(deletion.key)
            except Unavailable:
                return
            except ValueError:
                log.error("deletion_of_no_key", id=deletion.id)
            done.append(deletion.id)

    await asyncio.gather(*(remove(deletion) for deletion in due))
    if done:
        await storage_deletions.finish_deletions(services.database, done)
    return len(done)


async def abandon_uploads(services: Services) -> int:
    """Forget uploads that no message has claimed within a day, in pieces; returns how many objects are to go."""
    age_secs = max(LIFETIME_SECS, last_arrival_secs(services.settings.storage))
    total = 0
    while count := await uploads.abandon_uploads(services.database, age_secs, ARRIVING_SECS, _UPLOADS_AT_ONCE):
        total += count
    await services.storage.tidy(LIFETIME_SECS)
    return total


@dataclass(slots=True)
class Differences:
    """What the comparison has found. strays: objects no row speaks of. missing: files of messages without an object.
    thumbnails: attachments whose thumbnail is lost.
    """

    objects: int = 0
    strays: list[ListedObject] = field(default_factory=list)
    missing: list[KeptFile] = field(default_factory=list)
    thumbnails: list[KeptFile] = field(default_factory=list)


async def compare(services: Services, *, fix: bool) -> Differences:
    """Compare the storage with the rows, both in the order of keys, a page of each in memory at a time.

    fix: remove strays and have lost thumbnails made again; a lost file cannot be made again. Raises Unavailable.
    """
    found = Differences()
    expected = attachments.each_kept_file(services.database)
    waiting: list[KeptFile] = []
    last: KeptFile | None = await anext(expected, None)
    async for listed in _in_dialogs(services, found):
        dialog_id = listed[0]
        keys = {entry.key for entry in listed[1]}
        while last is not None and last.dialog_id <= dialog_id:
            waiting.append(last)
            last = await anext(expected, None)
        for file in waiting:
            _look_for(file, keys if file.dialog_id == dialog_id else set(), found)
        waiting.clear()
        found.strays += await _strays(services, dialog_id, listed[1])
    while last is not None:
        _look_for(last, set(), found)
        last = await anext(expected, None)
    # What came between the listing and the rows is no loss: look again, one by one.
    found.missing = [file for file in found.missing if await services.storage.inspect(file.key) is None]
    found.thumbnails = [file for file in found.thumbnails if await services.storage.inspect(_thumbnail(file)) is None]
    if fix:
        await _fix(services, found)
    return found


async def _in_dialogs(services: Services, found: Differences) -> AsyncIterator[tuple[str, list[ListedObject]]]:
    """The objects of each dialog that has any, dialog by dialog."""
    dialog_id, objects = "", list[ListedObject]()
    async for listed in services.storage.list_objects("dialogs/"):
        found.objects += 1
        match = KEY.fullmatch(listed.key)
        if match is None:
            found.strays.append(listed)
            continue
        if match[1] != dialog_id and objects:
            yield dialog_id, objects
            objects = []
        dialog_id = match[1]
        objects.append(listed)
    if objects:
        yield dialog_id, objects


def _look_for(file: KeptFile, keys: set[str], found: Differences) -> None:
    if file.state != "infected" and file.key not in keys:
        found.missing.append(file)
    if file.thumbnail_type is not None and _thumbnail(file) not in keys:
        found.thumbnails.append(file)


def _thumbnail(file: KeptFile) -> str:
    return thumbnail_key(file.dialog_id, file.id)


async def _strays(services: Services, dialog_id: str, objects: list[ListedObject]) -> list[ListedObject]:
    limit = datetime.now(UTC) - timedelta(seconds=STRAY_AGE_SECS)
    old = [entry for entry in objects if entry.modified_at < limit]
    strays = []
    for start in range(0, len(old), _KEYS_AT_ONCE):
        page = old[start : start + _KEYS_AT_ONCE]
        matches = [KEY.fullmatch(entry.key) for entry in page]
        known = await attachments.list_known_keys(
            services.database,
            [dialog_id] * len(page),
            [entry.key for entry in page],
            [match[3] for match in matches if match is not None and match[3] is not None],
        )
        strays += [entry for entry in page if entry.key not in known]
    return strays


async def _fix(services: Services, found: Differences) -> None:
    for start in range(0, len(found.strays), _KEYS_AT_ONCE):
        keys = [entry.key for entry in found.strays[start : start + _KEYS_AT_ONCE] if KEY.fullmatch(entry.key)]
        await storage_deletions.queue_deletions(services.database, keys)
    lost = {file.id for file in found.missing}
    for file in found.thumbnails:
        if file.id not in lost:
            await attachments.renew_thumbnail(services.database, file)
