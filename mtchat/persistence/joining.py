"""People coming into a dialog and leaving it by themselves, with the system message that tells of it."""

from dataclasses import dataclass
from typing import Any

import orjson

from mtchat.core.events import (
    MESSAGE_NEW,
    PARTICIPANT_JOINED,
    PARTICIPANT_LEFT,
    LoggedEvent,
    message_frame_fields,
)
from mtchat.persistence.pool import Database, Row

# The system message, and the change of membership, in the order they are told.
Announced = tuple[LoggedEvent, LoggedEvent]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands towards a dialog that exists; display_name is None for strangers too."""

    is_member: bool
    is_matched: bool
    display_name: str | None


async def find_standing(
    database: Database, dialog_id: str, user_id: str, levels: tuple[list[str], list[str], list[str]]
) -> Standing | None:
    """Tell whether the user is in the dialog, and whether a scope of it matches his levels; None without a dialog."""
    level0, level1, level2 = levels
    row = await database.fetch_one(
        "find_standing",
        {"dialog_id": dialog_id, "user_id": user_id, "level0": level0, "level1": level1, "level2": level2},
    )
    return None if row is None else Standing(row["is_member"], row["is_matched"], row["display_name"])


async def join_dialog(
    database: Database, dialog_id: str, user_id: str, profile: dict[str, Any], content: str
) -> Announced | None:
    """Put the user in, with a system message of this content; None when he is in already, or the dialog is gone.

    profile: display_name, company, email, phone. One transaction: it looks for his earlier messages after the lock.
    """
    params = {"dialog_id": dialog_id, "user_id": user_id, "content": content, **profile}
    async with database.transaction() as connection:
        await database.fetch_one("lock_dialog", params, connection)
        row = await database.fetch_one("join_dialog", params, connection)
    return _announced(dialog_id, user_id, PARTICIPANT_JOINED, row)


async def leave_dialog(database: Database, dialog_id: str, user_id: str, content: str) -> Announced | None:
    """Take the user out, with a system message of this content; None when he is not in any more. One transaction."""
    params = {"dialog_id": dialog_id, "user_id": user_id, "content": content}
    async with database.transaction() as connection:
        await database.fetch_one("lock_dialog", params, connection)
        row = await database.fetch_one("leave_dialog", params, connection)
    return _announced(dialog_id, user_id, PARTICIPANT_LEFT, row)


def _announced(dialog_id: str, user_id: str, kind: str, row: Row | None) -> Announced | None:
    if row is None:
        return None
    seq: int = row["seq"]
    message = orjson.loads(row["message"])
    return (
        LoggedEvent(dialog_id, seq, MESSAGE_NEW, message_frame_fields(message)),
        LoggedEvent(dialog_id, seq + 1, kind, {"dialog_id": dialog_id, "user_id": user_id}, user_id),
    )
