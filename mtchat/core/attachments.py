"""The rules of attachments: what a message may carry, and who may open it."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from mtchat.core.access import Actor
from mtchat.core.errors import AttachmentNotFound, BadRequest, InvalidInput, UnsupportedFileType
from mtchat.core.fields import check_text
from mtchat.core.file_types import THUMBNAILED, first_bytes_agree
from mtchat.core.services import Services
from mtchat.core.uploads import MAX_FILENAME_CHARS, check_file_size, check_file_type
from mtchat.persistence import attachments as rows
from mtchat.persistence.attachments import DraftFile
from mtchat.persistence.uploads import prepare_uploads
from mtchat.storage.base import KEY

MAX_ATTACHMENTS: Final = 10
# What workers are rung for.
FILES: Final = "files"
# Each failed send may leave a copy behind until the upload expires; whoever fails so often has to upload again.
_MAX_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class NamedFile:
    """An upload as a message names it; checked for shape, not yet looked for."""

    upload_id: str
    key: str
    filename: str
    content_type: str
    size: int


def check_attachments(dialog_id: str, named: list[dict[str, Any]]) -> list[NamedFile]:
    """Return what a message names. Raises BadRequest (number, type, size) or InvalidInput (key, name)."""
    if len(named) > MAX_ATTACHMENTS:
        raise BadRequest(f"A message carries at most {MAX_ATTACHMENTS} attachments")
    files = [_checked(dialog_id, f"attachments[{number}]", item) for number, item in enumerate(named)]
    if len({file.upload_id for file in files}) < len(files):
        raise InvalidInput("attachments names an upload twice; name each once")
    return files


def _checked(dialog_id: str, place: str, item: dict[str, Any]) -> NamedFile:
    found = KEY.fullmatch(item["s3_key"])
    if found is None or found[1] != dialog_id or found[2] is None or "/files/" in item["s3_key"]:
        raise InvalidInput(f"{place}.s3_key is no key of an upload to this dialog; use the one you were given")
    try:
        check_file_type(item["content_type"])
    except UnsupportedFileType as error:
        raise BadRequest(f"{place}: {error.message}") from None
    check_file_size(item["size"], BadRequest)
    check_text(f"{place}.filename", item["filename"], MAX_FILENAME_CHARS)
    return NamedFile(found[2], item["s3_key"], item["filename"], item["content_type"], item["size"])


async def verify_uploads(
    services: Services, actor: Actor, dialog_id: str, client_message_id: str | None, named: list[NamedFile]
) -> tuple[DraftFile, ...]:
    """Look at the stored objects, keep copies that no upload url reaches, and return what a message may claim.

    Nothing is looked at for a repeat. Raises InvalidInput for an upload that is not the sender's, used, or not what it
    was said to be; BadRequest for one whose object is missing; Unavailable.
    """
    kept = {file.upload_id: _kept_key(services, dialog_id, file) for file in named}
    is_repeat, prepared = await prepare_uploads(
        services.database,
        dialog_id,
        actor.user_id,
        client_message_id,
        [(file.upload_id, file.key, kept[file.upload_id]) for file in named],
        max_tries=_MAX_TRIES,
    )
    if not is_repeat:
        for number, file in enumerate(named):
            row = prepared.get(file.upload_id)
            if row is None:
                raise InvalidInput(
                    f"attachments[{number}].s3_key names no unused upload of yours; upload the file again"
                )
            if (row["content_type"], row["size"]) != (file.content_type, file.size):
                raise InvalidInput(f"attachments[{number}]: content_type and size must be those of the upload")
        await asyncio.gather(
            *(_verify(services, number, file, kept[file.upload_id]) for number, file in enumerate(named))
        )
    scans = services.settings.storage.scans
    return tuple(
        DraftFile(
            upload_id=file.upload_id,
            key=kept[file.upload_id],
            filename=file.filename,
            state="scanning" if scans else "ready",
            has_work=scans or file.content_type in THUMBNAILED,
        )
        for file in named
    )


def _kept_key(services: Services, dialog_id: str, file: NamedFile) -> str:
    """Where the bytes stay. A new place for each try: what a failed one left there is nobody's."""
    if services.storage.keeps_first_write:
        return file.key
    return f"dialogs/{dialog_id}/files/{uuid4()}.{file.key.rpartition('.')[2]}"


async def _verify(services: Services, number: int, file: NamedFile, kept_key: str) -> None:
    stored = await services.storage.inspect(file.key)
    if stored is None:
        raise BadRequest(f"attachments[{number}]: nothing is stored under this s3_key yet; upload the file first")
    if stored.size != file.size:
        raise InvalidInput(f"attachments[{number}]: {stored.size:,} bytes are stored, not {file.size:,}")
    is_other_type = stored.content_type and file.content_type and stored.content_type != file.content_type
    if is_other_type or not first_bytes_agree(file.content_type, stored.first_bytes):
        raise InvalidInput(f"attachments[{number}]: the file is not of the type {file.content_type}")
    if not await services.storage.keep(file.key, kept_key, file.content_type, stored.version):
        raise InvalidInput(f"attachments[{number}]: the stored file has changed; upload it again")


async def attachment_url(services: Services, actor: Actor, attachment_id: str) -> dict[str, Any]:
    """Return fresh urls of a file to a participant of its dialog. Raises AttachmentNotFound to everybody else."""
    file = await rows.find_attachment(services.database, attachment_id, actor.user_id)
    if file is None:
        raise AttachmentNotFound("There is no such attachment in your dialogs")
    url, thumbnail_url = services.links.urls(file)
    expires_in = services.settings.storage.presign_download_expiry_secs
    return {"url": url, "thumbnail_url": thumbnail_url, "expires_in": expires_in}
