"""Messages as rows: sent in batches, read in pages, edited and deleted one by one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from psycopg.errors import UniqueViolation

from mtchat.core import events
from mtchat.core.events import LoggedEvent, message_edited_fields, message_frame_fields
from mtchat.persistence.pool import Connection, Database, Row

Message = dict[str, Any]
# Turns the files of a message, JSON text, into its attachments; urls in them are good from the moment of the call.
Sign = Callable[[bytes], list[dict[str, Any]]]
Stored = TypeVar("Stored")

_JSON_BOOLEAN = {True: b"true", False: b"false"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that passed every check but membership; `content` is clean HTML."""

    dialog_id: str
    sender_id: str
    content: str
    reply_to_id: str | None = None
    client_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is stored now, and who was un-archived by it."""

    message: Message
    event: LoggedEvent
    unarchived: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A message of this key was stored before, and announced then."""

    message_id: str


# None: the sender is not in the dialog.
Outcome = Sent | Repeat | None


async def send_messages(database: Database, drafts: Sequence[Draft]) -> list[Outcome]:
    """Store a batch of drafts with one statement; what became of each, in order.

    What has to be looked up for one of them is its caller's business: it must not delay the others.
    """
    rows = await again_on_conflict(lambda: store_messages(database, drafts))
    return [outcome_of(draft, row) for draft, row in zip(drafts, rows, strict=True)]


async def again_on_conflict(store: Callable[[], Awaitable[Stored]]) -> Stored:
    """Store; once more when another process stored a message of the same key after it began: it is found then."""
    try:
        return await store()
    except UniqueViolation:
        return await store()


async def store_messages(
    database: Database, drafts: Sequence[Draft], within: Connection | None = None
) -> list[Row | None]:
    """Store a batch of drafts; the row of each in order, None where the sender is not in the dialog."""
    params = {
        "dialog_ids": [draft.dialog_id for draft in drafts],
        "sender_ids": [draft.sender_id for draft in drafts],
        "contents": [draft.content for draft in drafts],
        "reply_to_ids": [draft.reply_to_id for draft in drafts],
        "client_message_ids": [draft.client_message_id for draft in drafts],
    }
    rows: list[Row | None] = [None] * len(drafts)
    for row in await database.fetch_all("send_messages", params, within):
        rows[row["position"] - 1] = row
    return rows


def outcome_of(draft: Draft, row: Row | None, attachments: list[dict[str, Any]] | None = None) -> Outcome:
    """Return what became of a draft by its row; attachments: those that were stored with it."""
    if row is None:
        return None
    if row["repeated_id"] is not None:
        return Repeat(row["repeated_id"])
    message: Message = {
        "id": row["id"],
        "dialog_id": draft.dialog_id,
        "sender_id": draft.sender_id,
        "content": draft.content,
        "sent_at": row["sent_at"],
        "last_edited_at": None,
        "reply_to_id": row["reply_to_id"],
        "message_type": "user",
    }
    if attachments is not None:
        message["attachments"] = attachments
    event = LoggedEvent(draft.dialog_id, row["seq"], events.MESSAGE_NEW, message_frame_fields(message))
    return Sent(message, event, tuple(row["unarchived"] or ()))


def _parsed(sign: Sign, message: bytes, files: bytes | None) -> Message:
    parsed: Message = orjson.loads(message)
    if files is not None:
        parsed["attachments"] = sign(files)
    return parsed


def with_attachments(sign: Sign, message: bytes, files: bytes | None) -> bytes:
    """Return the JSON text of a message complete; one without files, nearly every one, passes as it is."""
    if files is None:
        return message
    return b'%b,"attachments":%b}' % (message[:-1], orjson.dumps(sign(files)))


async def find_writer(database: Database, dialog_id: str, user_id: str) -> bool | None:
    """Tell whether the user is in the dialog; None when there is no such dialog."""
    is_member: bool | None = await database.fetch_value("find_writer", {"dialog_id": dialog_id, "user_id": user_id})
    return is_member


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a dialog, oldest message first, as JSON texts ready for the wire.

    unread_ids: ids of the page's messages that the reader has not read. unread: his count for the whole dialog.
    """

    seq: int
    messages: list[bytes]
    ids: list[str]
    unread_ids: list[str]
    unread: int
    has_more_before: bool
    has_more_after: bool

    def to_json(self, first_unread_id: str | None) -> bytes:
        """Return the page as the wire has it; the messages pass through as the database wrote them."""
        unread = b'"first_unread_message_id":"%b",' % first_unread_id.encode() if first_unread_id else b""
        return b'{"messages":[%b],%b"has_more_before":%b,"has_more_after":%b,"seq":%d}' % (
            b",".join(self.messages),
            unread,
            _JSON_BOOLEAN[self.has_more_before],
            _JSON_BOOLEAN[self.has_more_after],
            self.seq,
        )


async def page_messages(
    database: Database, sign: Sign, dialog_id: str, user_id: str, *, pivot: str, older: int, newer: int
) -> Page | None:
    """Return up to `older` messages before the pivot id and `newer` from it on; None when he is not in the dialog."""
    rows = await database.fetch_all(
        "page_messages",
        {"dialog_id": dialog_id, "user_id": user_id, "pivot": pivot, "older": older, "newer": newer},
    )
    if not rows:
        return None
    before = [row for row in rows if row["is_older"] is True]
    after = [row for row in rows if row["is_older"] is False]
    shown = before[:older][::-1] + after[:newer]
    return Page(
        seq=rows[0]["last_seq"],
        messages=[with_attachments(sign, row["message"], row["files"]) for row in shown],
        ids=[row["id"] for row in shown],
        unread_ids=[row["id"] for row in shown if row["foreign_user"] and row["user_no"] > row["read_no"]],
        unread=rows[0]["unread"],
        has_more_before=len(before) > older,
        has_more_after=len(after) > newer,
    )


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """What a participant finds under an id; json and sender_id are None when there is no such message.

    files: JSON text of its files, None for a message without.
    """

    json: bytes | None
    files: bytes | None
    sender_id: str | None


async def find_message(database: Database, dialog_id: str, message_id: str, user_id: str) -> FoundMessage | None:
    """Look a message up as one of the dialog's participants; None when the user is not one."""
    row = await database.fetch_one(
        "find_message", {"dialog_id": dialog_id, "message_id": message_id, "user_id": user_id}
    )
    return None if row is None else FoundMessage(row["message"], row["files"], row["sender_id"])


async def edit_message(
    database: Database, sign: Sign, dialog_id: str, message_id: str, user_id: str, content: str
) -> tuple[Message, LoggedEvent] | None:
    """Replace the text of one's own message; None when it is gone meanwhile."""
    row = await database.fetch_one(
        "edit_message",
        {"dialog_id": dialog_id, "message_id": message_id, "user_id": user_id, "content": content},
    )
    if row is None:
        return None
    message = _parsed(sign, row["message"], row["files"])
    return message, LoggedEvent(dialog_id, row["seq"], events.MESSAGE_EDITED, message_edited_fields(message))


async def delete_message(database: Database, dialog_id: str, message_id: str, user_id: str) -> LoggedEvent | None:
    """Delete one's own message; None when it is gone meanwhile."""
    params = {"dialog_id": dialog_id, "message_id": message_id, "user_id": user_id}
    async with database.transaction() as connection:
        await database.fetch_one("lock_dialog", params, connection)
        row = await database.fetch_one("delete_message", params, connection)
    if row is None:
        return None
    fields = {"id": message_id, "dialog_id": dialog_id}
    return LoggedEvent(dialog_id, row["seq"], events.MESSAGE_DELETED, fields)
