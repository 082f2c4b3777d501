"""Dialogs as rows: made, found, shown whole, deleted."""

from dataclasses import dataclass
from typing import Any

import orjson

from mtchat.core.inputs import AccessScopeFields, ParticipantFields
from mtchat.persistence.pool import Database, Row


@dataclass(frozen=True, slots=True)
class NewDialog:
    """A dialog to be stored, checked.

    meta: JSON text or None. opening: content of the system message that opens it; not stored when nobody is in it.
    """

    object_id: str
    object_type: str
    title: str | None
    object_url: str | None
    meta: str | None
    participants: list[ParticipantFields]
    access_scopes: list[AccessScopeFields]
    opening: str


@dataclass(frozen=True, slots=True)
class CreatedDialog:
    """A dialog just committed; `json` is the dialog for the wire."""

    id: str
    last_seq: int
    json: bytes


@dataclass(frozen=True, slots=True)
class KeyedDialog:
    """What an Idempotency-Key stands for; `json` and the object are None when that dialog is gone."""

    id: str
    json: bytes | None
    object_id: str | None
    object_type: str | None


async def create_dialog(database: Database, new: NewDialog, idempotency_key: str | None) -> CreatedDialog | None:
    """Store a dialog with its people, scopes and opening message; None when the key is taken. One statement."""
    people = new.participants
    row = await database.fetch_one(
        "create_dialog",
        {
            "idempotency_key": idempotency_key,
            "object_id": new.object_id,
            "object_type": new.object_type,
            "title": new.title,
            "object_url": new.object_url,
            "meta": new.meta,
            "opening": new.opening,
            "user_ids": [person["user_id"] for person in people],
            "display_names": [person["display_name"] for person in people],
            "companies": [person["company"] for person in people],
            "emails": [person["email"] for person in people],
            "phones": [person["phone"] for person in people],
            "access_scopes": scopes_json(new.access_scopes),
        },
    )
    return None if row is None else CreatedDialog(row["id"], row["last_seq"], _dialog_json(row))


async def find_dialog_by_key(database: Database, idempotency_key: str) -> KeyedDialog | None:
    """Return what an earlier create with this key has made; None when the key is free."""
    row = await database.fetch_one("find_dialog_by_key", {"idempotency_key": idempotency_key})
    if row is None:
        return None
    json = None if row["id"] is None else _dialog_json(row)
    return KeyedDialog(row["dialog_id"], json, row["object_id"], row["object_type"])


async def release_idempotency_key(database: Database, idempotency_key: str, dialog_id: str) -> None:
    """Free the key of a dialog that is gone."""
    await database.execute("release_idempotency_key", {"idempotency_key": idempotency_key, "dialog_id": dialog_id})


async def find_dialog(
    database: Database, object_id: str, object_type: str, access_scopes: list[AccessScopeFields]
) -> bytes | None:
    """Return the newest dialog of an object with exactly this set of scopes, as JSON. One statement."""
    row = await database.fetch_one(
        "find_dialog",
        {"object_id": object_id, "object_type": object_type, "access_scopes": scopes_json(access_scopes)},
    )
    return None if row is None else _dialog_json(row)


async def find_dialog_details(database: Database, dialog_id: str) -> bytes | None:
    """Return a dialog with its participants and scopes as JSON; None when there is no such dialog. One statement."""
    row = await database.fetch_one("find_dialog_details", {"dialog_id": dialog_id})
    if row is None:
        return None
    return _dialog_json(
        row,
        participants=orjson.Fragment(row["participants"]),
        access_scopes=orjson.Fragment(row["access_scopes"]),
    )


async def dialog_exists(database: Database, dialog_id: str) -> bool:
    """Tell whether there is such a dialog."""
    return bool(await database.fetch_value("dialog_exists", {"dialog_id": dialog_id}))


async def empty_dialog(database: Database, dialog_id: str, most_messages: int) -> tuple[list[str], bool]:
    """Put everybody out of a dialog and delete it, if it has at most so many messages.

    Returns who was in it, and whether it is gone; an unknown dialog is gone.
    """
    params = {"dialog_id": dialog_id, "most": most_messages}
    async with database.transaction() as connection:
        if await database.fetch_one("lock_dialog", params, connection) is None:
            return [], True
        members: list[str] = await database.fetch_value("empty_dialog", params, connection)
        deleted = await database.execute("delete_small_dialog", params, connection)
    return members, deleted > 0


async def delete_some_messages(database: Database, dialog_id: str, most: int) -> int:
    """Delete up to `most` messages of an emptied dialog, oldest first; returns how many there were."""
    return await database.execute("delete_some_messages", {"dialog_id": dialog_id, "most": most})


def scopes_json(access_scopes: list[AccessScopeFields]) -> str:
    """Return scopes as the JSON text that queries take; text[][] cannot hold levels of different lengths."""
    return orjson.dumps(access_scopes).decode()


def _dialog_json(row: Row, **more: Any) -> bytes:
    """The fields that every dialog answer has; `meta` is left out when there is none."""
    dialog = {
        "id": row["id"],
        "object_id": row["object_id"],
        "object_type": row["object_type"],
        "title": row["title"],
        "object_url": row["object_url"],
        "created_by": row["created_by"],
        "created_at": row["created_at"],
    }
    if row["meta"] is not None:
        dialog["meta"] = orjson.Fragment(row["meta"])
    return orjson.dumps({**dialog, **more})
