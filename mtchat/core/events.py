"""What can happen in a dialog, and how it looks on the wire.

This is the one table of events: name -> fields -> who receives. A lasting change is a `LoggedEvent`: it has a row in
the event log and a `seq`, dense per dialog. A person's own state and presence are plain frames without `seq`.

| with seq           | fields                                                  | who receives                        |
|--------------------|---------------------------------------------------------|-------------------------------------|
| message.new        | the message, flat, and whole under `payload.message`    | members                             |
| message.edited     | id, dialog_id, content, last_edited_at, payload.message | members                             |
| message.deleted    | id, dialog_id                                           | members                             |
| attachment.updated | dialog_id, message_id, attachment (whole)               | members                             |
| participant.joined | dialog_id, user_id                                      | members, the newcomer included      |
| participant.left   | dialog_id, user_id                                      | those who remain and the one who left |

| without            | fields                                                  | who receives                        |
|--------------------|---------------------------------------------------------|-------------------------------------|
| message.read       | dialog_id, user_id, last_read_message_id                | the reader; members if few          |
| dialog.archived    | dialog_id                                               | the person's own sockets            |
| dialog.unarchived  | dialog_id                                               | the person's own sockets            |
| dialog.updated     | dialog_id, is_pinned, notifications_enabled             | the person's own sockets            |
| presence.update    | user_id, is_online                                      | who shares a dialog with the person |
| typing             | dialog_id, user_id, until                               | other members                       |
"""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

MESSAGE_NEW: Final = "message.new"
MESSAGE_EDITED: Final = "message.edited"
MESSAGE_DELETED: Final = "message.deleted"
ATTACHMENT_UPDATED: Final = "attachment.updated"
MESSAGE_READ: Final = "message.read"
PARTICIPANT_JOINED: Final = "participant.joined"
PARTICIPANT_LEFT: Final = "participant.left"
DIALOG_CHANGED: Final = "dialog.changed"
DIALOG_ARCHIVED: Final = "dialog.archived"
DIALOG_UNARCHIVED: Final = "dialog.unarchived"
DIALOG_UPDATED: Final = "dialog.updated"
PRESENCE_UPDATE: Final = "presence.update"
TYPING: Final = "typing"

LOGGED_TYPES: Final = frozenset(
    {
        MESSAGE_NEW,
        MESSAGE_EDITED,
        MESSAGE_DELETED,
        PARTICIPANT_JOINED,
        PARTICIPANT_LEFT,
        DIALOG_CHANGED,
        ATTACHMENT_UPDATED,
    }
)

# `message.read` goes to all members only in dialogs up to this size: in a dialog of 500 each message causes 500 reads.
READ_BROADCAST_MAX_MEMBERS: Final = 50


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One committed change of a dialog. Only `mtchat.persistence` makes these, from the row it has written.

    dialog_id: hyphenated lower-case UUID text.
    seq: place in the dialog, dense, from 1.
    fields: the frame's fields without `type` and `seq`.
    user_id: whose membership changed, for participant.joined and participant.left.
    audience: None for all members; else exactly these people (creation tells each person only of himself).
    """

    dialog_id: str
    seq: int
    type: str
    fields: dict[str, Any]
    user_id: str | None = None
    audience: tuple[str, ...] | None = field(default=None)


def encode_frame(event: LoggedEvent) -> bytes:
    """Return the text of the event's WebSocket frame: UTF-8 JSON, encoded once for all receivers."""
    return orjson.dumps({"type": event.type, "seq": event.seq, **event.fields})


def message_frame_fields(message: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of `message.new` for a full message (contract: flat fields, and the whole under payload).

    The flat fields of system messages have no `sender_id`; `reply_to_id` and attachments travel in payload.message.
    """
    fields: dict[str, Any] = {"id": message["id"], "dialog_id": message["dialog_id"]}
    if message["sender_id"] is not None:
        fields["sender_id"] = message["sender_id"]
    fields["content"] = message["content"]
    fields["sent_at"] = message["sent_at"]
    fields["message_type"] = message["message_type"]
    fields["payload"] = {"message": message}
    return fields


def message_edited_fields(message: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of `message.edited` for a full message."""
    flat = {name: message[name] for name in ("id", "dialog_id", "content", "last_edited_at")}
    return {**flat, "payload": {"message": message}}
