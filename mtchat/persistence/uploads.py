"""Uploads as rows: leave to store a file, from the moment it is given until a message has the file or a day is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from mtchat.persistence.pool import Database, Row


@dataclass(frozen=True, slots=True)
class NewUpload:
    """Leave that was asked for. part_size: bytes, None for an upload in one piece."""

    dialog_id: str
    user_id: str
    extension: str
    content_type: str
    size: int
    part_size: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload of one's own. parts_id: what the storage calls it while its parts arrive, then None."""

    dialog_id: str
    id: str
    key: str
    content_type: str
    size: int
    part_size: int | None
    parts_id: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """What became of a wish to upload: id and key are None for strangers, and for whom the quota is used up."""

    is_member: bool
    id: str | None
    key: str | None


async def insert_upload(database: Database, new: NewUpload, *, max_uploads: int, max_bytes: int) -> Place | None:
    """Note an upload, if its owner is in the dialog and within the quota; None when there is no such dialog."""
    row = await database.fetch_one(
        "insert_upload",
        {
            "dialog_id": new.dialog_id,
            "user_id": new.user_id,
            "extension": new.extension,
            "content_type": new.content_type,
            "size": new.size,
            "part_size": new.part_size,
            "max_uploads": max_uploads,
            "max_bytes": max_bytes,
        },
    )
    return None if row is None else Place(row["is_member"], row["id"], row["key"])


async def set_upload_parts(database: Database, dialog_id: str, upload_id: str, user_id: str, parts_id: str) -> None:
    """Note what the storage calls an upload in parts."""
    params = {"dialog_id": dialog_id, "id": upload_id, "user_id": user_id, "parts_id": parts_id}
    await database.execute("set_upload_parts", params)


async def find_upload(database: Database, user_id: str, upload_id: str) -> Upload | None:
    """Return one's own upload that no message has yet, while one is in its dialog."""
    row = await database.fetch_one("find_upload", {"user_id": user_id, "upload_id": upload_id})
    return None if row is None else Upload(**row)


async def upload_waits(database: Database, dialog_id: str, key: str) -> bool:
    """Tell whether an object is still awaited under this key."""
    return bool(await database.fetch_value("upload_waits", {"dialog_id": dialog_id, "key": key}))


async def complete_upload(database: Database, user_id: str, upload_id: str) -> None:
    """Note that all parts are one object now."""
    await database.execute("complete_upload", {"user_id": user_id, "upload_id": upload_id})


async def delete_upload(database: Database, user_id: str, upload_id: str, late_secs: int) -> None:
    """Forget an upload; what is there of it is removed, and what still arrives after `late_secs`.

    Nothing happens when a message has it.
    """
    await database.execute("delete_upload", {"user_id": user_id, "upload_id": upload_id, "late_secs": late_secs})


async def prepare_uploads(
    database: Database,
    dialog_id: str,
    user_id: str,
    client_message_id: str | None,
    named: Sequence[tuple[str, str, str]],
    *,
    max_tries: int,
) -> tuple[bool, dict[str, Row]]:
    """Return whether the send was made already, and by id the content_type and size of the uploads it may claim.

    named: id, key, and key of the copy that is about to be kept; it is noted before it is made.
    """
    rows = await database.fetch_all(
        "prepare_uploads",
        {
            "dialog_id": dialog_id,
            "user_id": user_id,
            "client_message_id": client_message_id,
            "ids": [upload_id for upload_id, _, _ in named],
            "keys": [key for _, key, _ in named],
            "kept_keys": [kept_key for _, _, kept_key in named],
            "max_tries": max_tries,
        },
    )
    return any(row["is_repeat"] for row in rows), {row["id"]: row for row in rows if not row["is_repeat"]}


async def abandon_uploads(database: Database, age_secs: float, late_secs: int, most: int) -> int:
    """Forget up to `most` uploads that are this old; returns the number of objects that are to go after `late_secs`."""
    return await database.execute("abandon_uploads", {"age_secs": age_secs, "late_secs": late_secs, "most": most})
