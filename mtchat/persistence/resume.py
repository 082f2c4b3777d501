"""What a process reads to follow dialogs, and what a client that comes back has missed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mtchat.core.events import READ_BROADCAST_MAX_MEMBERS, LoggedEvent
from mtchat.persistence.event_log import event_of_row
from mtchat.persistence.messages import Sign
from mtchat.persistence.pool import Database

# Further behind than this a client is told to load the dialog again: that is one page instead of hundreds of frames.
MAX_MISSED: Final = 500


@dataclass(frozen=True, slots=True)
class RoomState:
    """A dialog as a process follows it; size is the number of its members."""

    dialog_id: str
    last_seq: int
    size: int


@dataclass(frozen=True, slots=True)
class ResumeAsk:
    """One person's question: dialog id -> last seq he knows."""

    user_id: str
    dialogs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ResumeState:
    """The answer, as of one moment.

    state: JSON object, dialog id -> own state and, in small dialogs, others' read positions. gone: dialogs he is not
    in. reload: dialogs to load again. behind: dialog id -> number of events to catch up with, 1..500.
    """

    state: bytes
    gone: list[str]
    reload: list[str]
    behind: dict[str, int]


async def list_memberships_of(database: Database, user_ids: Sequence[str]) -> list[list[RoomState] | Exception]:
    """Return the dialogs of each of these people, in the order of the ids."""
    rows = await database.fetch_all("list_memberships_of", {"user_ids": list(user_ids)})
    found: defaultdict[str, list[RoomState] | Exception] = defaultdict(list)
    for row in rows:
        dialogs = found[row["user_id"]]
        assert isinstance(dialogs, list)
        dialogs.append(RoomState(row["dialog_id"], row["last_seq"], row["participants_count"]))
    return [found[user_id] for user_id in user_ids]


async def list_room_states(database: Database, dialog_ids: Sequence[str]) -> list[RoomState]:
    """Return how far these dialogs are; those that are gone are left out."""
    rows = await database.fetch_all("list_room_states", {"dialog_ids": list(dialog_ids)})
    return [RoomState(row["dialog_id"], row["last_seq"], row["participants_count"]) for row in rows]


async def list_resume_states(database: Database, asks: Sequence[ResumeAsk]) -> list[ResumeState | Exception]:
    """Answer many people with one statement, in order. Empty questions are not allowed."""
    params = _columns(asks) | {"max_missed": MAX_MISSED, "max_readers": READ_BROADCAST_MAX_MEMBERS}
    rows = await database.fetch_all("list_resume_states", params)
    answers = {
        row["asker"]: ResumeState(
            row["state"], row["gone"], row["reload"], dict(zip(row["behind"], row["missed"], strict=True))
        )
        for row in rows
    }
    return [answers[number] for number in range(len(asks))]


async def list_missed_events(
    database: Database, sign: Sign, asks: Sequence[ResumeAsk]
) -> list[list[LoggedEvent] | Exception]:
    """Return for each asker the events after the seq of each dialog he names, in order within a dialog, at most 501 of
    each. What several of them have missed is one object.

    Nothing of dialogs that he is not in now.
    """
    rows = await database.fetch_all("list_missed_events", _columns(asks) | {"limit": MAX_MISSED + 1})
    found: list[list[LoggedEvent]] = [[] for _ in asks]
    for row in rows:
        event = event_of_row(sign, row["dialog_id"], row)
        for asker in row["askers"]:
            found[asker].append(event)
    return list(found)


def _columns(asks: Sequence[ResumeAsk]) -> dict[str, Any]:
    """Return what is asked as arrays of equal length, one entry per person and dialog."""
    entries = [(number, ask, dialog_id) for number, ask in enumerate(asks) for dialog_id in ask.dialogs]
    return {
        "askers": [number for number, _, _ in entries],
        "user_ids": [ask.user_id for _, ask, _ in entries],
        "dialog_ids": [dialog_id for _, _, dialog_id in entries],
        "seqs": [ask.dialogs[dialog_id] for _, ask, dialog_id in entries],
    }
