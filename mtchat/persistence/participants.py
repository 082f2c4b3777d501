"""Participants as rows, put in and taken out by the host."""

from typing import Any

import orjson

from mtchat.core.events import PARTICIPANT_JOINED, PARTICIPANT_LEFT, LoggedEvent
from mtchat.core.inputs import ParticipantFields
from mtchat.persistence.pool import Database

Participant = dict[str, Any]


async def add_participant(
    database: Database, dialog_id: str, person: ParticipantFields
) -> tuple[Participant, LoggedEvent | None] | None:
    """Put somebody in and return his row for the wire, with the event unless he was in already; None without a dialog.

    Whoever is in already stays as he is. One statement.
    """
    row = await database.fetch_one("add_participant", {"dialog_id": dialog_id, **person})
    if row is None:
        return None
    event = None
    if row["seq"] is not None:
        event = _membership_event(PARTICIPANT_JOINED, dialog_id, row["seq"], person["user_id"])
    return orjson.loads(row["participant"]), event


async def remove_participant(database: Database, dialog_id: str, user_id: str) -> LoggedEvent | None:
    """Take somebody out; None when he was not in. One statement."""
    seq: int | None = await database.fetch_value("remove_participant", {"dialog_id": dialog_id, "user_id": user_id})
    return None if seq is None else _membership_event(PARTICIPANT_LEFT, dialog_id, seq, user_id)


def _membership_event(kind: str, dialog_id: str, seq: int, user_id: str) -> LoggedEvent:
    return LoggedEvent(dialog_id, seq, kind, {"dialog_id": dialog_id, "user_id": user_id}, user_id)
