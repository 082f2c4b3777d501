"""Read positions, moved in batches."""

from collections.abc import Sequence
from dataclasses import dataclass

from mtchat.core.errors import Forbidden, MessageNotFound, NotFound
from mtchat.persistence.pool import Database, Row


@dataclass(frozen=True, slots=True)
class ReadMark:
    """Somebody says that he has read a dialog up to a message."""

    dialog_id: str
    user_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """moved: whether the position went forward; members: size of the dialog, which decides who is told."""

    moved: bool
    members: int


async def mark_read(database: Database, marks: Sequence[ReadMark]) -> list[ReadResult | Exception]:
    """Move read positions forward with one statement; one result per mark, in order.

    A result is NotFound (dialog), Forbidden (not a participant) or MessageNotFound. Raises when the statement failed.
    """
    rows = await database.fetch_all(
        "mark_read",
        {
            "dialog_ids": [mark.dialog_id for mark in marks],
            "user_ids": [mark.user_id for mark in marks],
            "message_ids": [mark.message_id for mark in marks],
        },
    )
    return [_result(row) for row in rows]


def _result(row: Row) -> ReadResult | Exception:
    if not row["dialog_exists"]:
        return NotFound("There is no such dialog")
    if not row["is_member"]:
        return Forbidden("Forbidden: only participants have a read position")
    if not row["message_exists"]:
        return MessageNotFound("last_read_message_id is not a message of this dialog")
    return ReadResult(row["moved"], row["participants_count"])
