"""The log of lasting changes of each dialog, read back as the events they were."""

from typing import Any

import orjson

from mtchat.core import events
from mtchat.core.events import LoggedEvent, message_edited_fields, message_frame_fields
from mtchat.persistence.messages import Sign
from mtchat.persistence.pool import Database, Row


async def list_events_since(database: Database, sign: Sign, dialog_id: str, seq: int, limit: int) -> list[LoggedEvent]:
    """Return up to `limit` events of the dialog after `seq`, in order.

    A message that was edited since comes with its present content; one that was deleted since comes as
    `message.deleted` under its first seq, so that the sequence a client sees stays dense.
    """
    rows = await database.fetch_all("list_events_since", {"dialog_id": dialog_id, "seq": seq, "limit": limit})
    return [event_of_row(sign, dialog_id, row) for row in rows]


def event_of_row(sign: Sign, dialog_id: str, row: Row) -> LoggedEvent:
    """Return the event of a row with seq, type, message_id, user_id, data, message and files (JSON text or None)."""
    kind: str = row["type"]
    if kind in (events.PARTICIPANT_JOINED, events.PARTICIPANT_LEFT):
        fields: dict[str, Any] = {"dialog_id": dialog_id, "user_id": row["user_id"]}
    elif kind == events.DIALOG_CHANGED:
        fields = {"dialog_id": dialog_id, **row["data"]}
    elif kind == events.MESSAGE_DELETED or row["message"] is None:
        kind = events.MESSAGE_DELETED
        fields = {"id": row["message_id"], "dialog_id": dialog_id}
    elif kind == events.ATTACHMENT_UPDATED:
        files = sign(row["files"]) if row["files"] is not None else []
        attachment = next((file for file in files if file["id"] == row["data"]["id"]), None)
        fields = {"dialog_id": dialog_id, "message_id": row["message_id"], "attachment": attachment}
    else:
        message = orjson.loads(row["message"])
        if row["files"] is not None:
            message["attachments"] = sign(row["files"])
        fields = message_frame_fields(message) if kind == events.MESSAGE_NEW else message_edited_fields(message)
    return LoggedEvent(dialog_id, row["seq"], kind, fields, row["user_id"])
