"""Attachments as rows: found for who may see them, worked on by workers, compared with the storage."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mtchat.core import events
from mtchat.core.errors import InvalidInput
from mtchat.core.events import LoggedEvent
from mtchat.persistence.messages import Draft, Outcome, Sign, again_on_conflict, outcome_of, store_messages
from mtchat.persistence.pool import Connection, Database


@dataclass(frozen=True, slots=True)
class DueFile:
    """A file a worker has taken on. attempts: this one included. delays: those of them that were put off."""

    dialog_id: str
    message_id: str
    id: str
    key: str
    content_type: str
    size: int
    state: str
    attempts: int
    delays: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a worker has found out about a file. is_done: nothing is left to do with it."""

    state: str
    width: int | None = None
    height: int | None = None
    thumbnail_type: str | None = None
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that the storage should hold."""

    dialog_id: str
    key: str
    id: str
    message_id: str
    thumbnail_type: str | None
    state: str


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A verified upload that a message is to carry. key: where its bytes stay. has_work: a worker has to see it."""

    upload_id: str
    key: str
    filename: str
    state: str
    has_work: bool


async def send_with_files(
    database: Database, sign: Sign, upload_secs: int, draft: Draft, files: Sequence[DraftFile]
) -> Outcome:
    """Store a message and its files in one transaction: with all of them or not at all; returns what became of it.

    upload_secs: objects uploaded but not kept go after this time. Raises InvalidInput where a file is not the sender's
    to send any more.
    """

    async def store() -> Outcome:
        async with database.transaction() as connection:
            [row] = await store_messages(database, [draft], connection)
            if row is None or row["repeated_id"] is not None:
                return outcome_of(draft, row)
            stored = await _attach(database, upload_secs, draft, row["id"], files, connection)
        return outcome_of(draft, row, sign(stored))

    return await again_on_conflict(store)


async def _attach(
    database: Database, upload_secs: int, draft: Draft, message_id: str, files: Sequence[DraftFile], within: Connection
) -> bytes:
    params = {
        "dialog_id": draft.dialog_id,
        "message_id": message_id,
        "user_id": draft.sender_id,
        "upload_ids": [file.upload_id for file in files],
        "keys": [file.key for file in files],
        "names": [file.filename for file in files],
        "states": [file.state for file in files],
        "works": [file.has_work for file in files],
        "upload_secs": upload_secs,
    }
    row = await database.fetch_one("attach_files", params, within)
    if row is None or row["attached"] < len(files):
        raise InvalidInput("A file of this message was used by another one just now; upload it again")
    stored: bytes = row["files"]
    return stored


async def find_attachment(database: Database, attachment_id: str, user_id: str) -> dict[str, Any] | None:
    """Return a file, as `file_json` has it, to a participant of its dialog; None to everybody else."""
    file = await database.fetch_value("find_attachment", {"attachment_id": attachment_id, "user_id": user_id})
    return None if file is None else orjson.loads(file)


async def claim_due_files(database: Database, most: int, lease_secs: float) -> list[DueFile]:
    """Take on up to `most` files; whoever does not finish within the lease has lost them to others."""
    rows = await database.fetch_all("claim_due_files", {"most": most, "lease_secs": lease_secs})
    return [DueFile(**row) for row in rows]


async def secs_until_files_due(database: Database) -> float | None:
    """Return when the next file is due; None when none waits."""
    secs: float | None = await database.fetch_value("secs_until_files_due")
    return secs


async def postpone_file(database: Database, file: DueFile, delay_secs: float) -> None:
    """Let a file be tried again later."""
    await database.execute("postpone_file", _place(file) | {"delay_secs": delay_secs})


async def finish_file(database: Database, sign: Sign, file: DueFile, findings: Findings) -> LoggedEvent | None:
    """Store what was found out and return the event that says so; None when the message is gone meanwhile."""
    row = await database.fetch_one(
        "finish_file",
        _place(file)
        | {
            "state": findings.state,
            "width": findings.width,
            "height": findings.height,
            "thumbnail_type": findings.thumbnail_type,
            "is_done": findings.is_done,
        },
    )
    if row is None:
        return None
    (attachment,) = sign(b"[%b]" % row["file"])
    fields = {"dialog_id": file.dialog_id, "message_id": file.message_id, "attachment": attachment}
    return LoggedEvent(file.dialog_id, row["seq"], events.ATTACHMENT_UPDATED, fields)


async def settle_file(database: Database, file: DueFile) -> None:
    """Note that nothing is left to do with a file."""
    await database.execute("settle_file", _place(file))


async def renew_thumbnail(database: Database, file: KeptFile) -> None:
    """Let a thumbnail that is lost be made again."""
    await database.execute("renew_thumbnail", _place(file))


async def each_kept_file(database: Database, page: int = 1_000) -> AsyncIterator[KeptFile]:
    """Yield every file of every message, in the order of the keys in the storage."""
    after_dialog_id, after_key = "00000000-0000-0000-0000-000000000000", ""
    while True:
        rows = await database.fetch_all(
            "list_file_keys", {"after_dialog_id": after_dialog_id, "after_key": after_key, "limit": page}
        )
        for row in rows:
            yield KeptFile(**row)
        if len(rows) < page:
            return
        after_dialog_id, after_key = rows[-1]["dialog_id"], rows[-1]["key"]


async def list_known_keys(
    database: Database, dialog_ids: Sequence[str], keys: Sequence[str], ids: Sequence[str]
) -> set[str]:
    """Return those of the keys that some row speaks of. dialog_ids: of each key. ids: of those that name thumbnails."""
    params = {"dialog_ids": list(dialog_ids), "keys": list(keys), "ids": list(ids)}
    return {row["key"] for row in await database.fetch_all("list_known_keys", params)}


def _place(file: DueFile | KeptFile) -> dict[str, str]:
    return {"dialog_id": file.dialog_id, "message_id": file.message_id, "id": file.id}
