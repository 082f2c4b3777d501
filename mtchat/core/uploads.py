"""The rules of uploads: who may store a file, which and how large, in one piece or in parts."""

from typing import Any, Final

from mtchat.config.settings import StorageSettings
from mtchat.core.access import Actor
from mtchat.core.errors import (
    BadRequest,
    DialogNotFound,
    FileTooLarge,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    UnsupportedFileType,
)
from mtchat.core.fields import check_text
from mtchat.core.file_types import ALLOWED, extension_of
from mtchat.core.services import Services
from mtchat.persistence import uploads as rows
from mtchat.persistence.uploads import NewUpload, Place, Upload
from mtchat.storage.base import PART_BYTES, part_sizes

MAX_FILE_BYTES: Final = 104_857_600
MAX_FILENAME_CHARS: Final = 255
# Smaller files gain nothing by parts.
PARTS_FROM_BYTES: Final = 16 * 1024 * 1024
LIFETIME_SECS: Final = 86_400
# An upload that began in the last second of its url may take so long, and a send that lost may still make its copy.
ARRIVING_SECS: Final = 3_600
# Whoever has used up the quota may come back when some of it has been sent; nobody knows when that is.
_QUOTA_RETRY_SECS: Final = 60
_NO_UPLOAD: Final = "There is no such upload of yours; it expired, was given up, or a message has it"


async def presign_upload(services: Services, actor: Actor, file: dict[str, Any]) -> dict[str, Any]:
    """Return where to PUT a file and under which key to name it in a message.

    Raises UnsupportedFileType, FileTooLarge, DialogNotFound, Forbidden, InvalidInput (name), RateLimited (quota).
    """
    place = await _new_upload(services, actor, file)
    return {
        "upload_url": services.storage.upload_url(place.key or "", file["content_type"], file["size"]),
        "s3_key": place.key,
        "expires_in": services.settings.storage.presign_upload_expiry_secs,
    }


async def begin_parts(services: Services, actor: Actor, file: dict[str, Any]) -> dict[str, Any]:
    """Begin an upload in parts and return where to PUT each. Raises what presign_upload does, and InvalidInput for a
    file that is too small for parts.
    """
    place = await _new_upload(services, actor, file, part_size=PART_BYTES)
    assert place.id is not None
    assert place.key is not None
    parts_id = await services.storage.begin_parts(place.key, file["content_type"])
    dialog_id: str = file["dialog_id"]
    await rows.set_upload_parts(services.database, dialog_id, place.id, actor.user_id, parts_id)
    upload = Upload(dialog_id, place.id, place.key, file["content_type"], file["size"], PART_BYTES, parts_id)
    return _state(services, upload, set())


async def get_parts(services: Services, actor: Actor, upload_id: str) -> dict[str, Any]:
    """Return which parts have arrived, and where to PUT the others. Raises NotFound."""
    upload = await _require_upload(services, actor, upload_id)
    if upload.parts_id is None:
        return _state(services, upload, {number for number, _ in _numbered(upload)})
    return _state(services, upload, await _arrived(services, upload))


async def complete_parts(services: Services, actor: Actor, upload_id: str) -> dict[str, Any]:
    """Make one object of the parts; a repeat answers the same. Raises NotFound, BadRequest while parts are missing."""
    upload = await _require_upload(services, actor, upload_id)
    if upload.parts_id is not None:
        arrived = await _arrived(services, upload)
        missing = [str(number) for number, _ in _numbered(upload) if number not in arrived]
        if missing:
            raise BadRequest(f"These parts are missing: {', '.join(missing)}; upload them first")
        if not await services.storage.finish_parts(upload.key, upload.parts_id) and not await _is_whole(
            services, upload
        ):
            raise NotFound(_NO_UPLOAD)
        await rows.complete_upload(services.database, actor.user_id, upload_id)
    return {"s3_key": upload.key, "size": upload.size}


async def abort_upload(services: Services, actor: Actor, upload_id: str) -> None:
    """Give an upload up; nothing happens when there is none, or a message has it."""
    late_secs = last_arrival_secs(services.settings.storage)
    await rows.delete_upload(services.database, actor.user_id, upload_id, late_secs)


async def _new_upload(services: Services, actor: Actor, file: dict[str, Any], part_size: int | None = None) -> Place:
    check_file_type(file["content_type"])
    check_file_size(file["size"], FileTooLarge)
    settings = services.settings.storage
    if part_size is not None and file["size"] <= PARTS_FROM_BYTES:
        raise InvalidInput(f"Only files over {PARTS_FROM_BYTES:,} bytes are uploaded in parts; ask for a single upload")
    problem = _name_problem(file["filename"])
    place = await rows.insert_upload(
        services.database,
        NewUpload(
            dialog_id=file["dialog_id"],
            user_id=actor.user_id,
            extension=extension_of(file["filename"]),
            content_type=file["content_type"],
            size=file["size"],
            part_size=part_size,
        ),
        # Nothing is noted for a name that is refused below, once it is known whether its owner may upload here.
        max_uploads=0 if problem else settings.pending_uploads,
        max_bytes=settings.pending_bytes,
    )
    if place is None:
        raise DialogNotFound("There is no such dialog")
    if not place.is_member:
        raise Forbidden("Forbidden: only participants may upload files here; join the dialog first")
    if problem is not None:
        raise problem
    if place.id is None:
        raise RateLimited(
            "Too many of your uploads belong to no message; send or give up some of them first", _QUOTA_RETRY_SECS
        )
    return place


def last_arrival_secs(settings: StorageSettings) -> int:
    """Return the seconds from a presign after which nothing of the upload can arrive any more."""
    return settings.presign_upload_expiry_secs + ARRIVING_SECS


def check_file_type(content_type: str) -> None:
    """Raise UnsupportedFileType for a type outside the list."""
    if content_type not in ALLOWED:
        raise UnsupportedFileType("Files of this type cannot be sent; send it as an archive")


def check_file_size(size: int, error: type[FileTooLarge] | type[BadRequest]) -> None:
    """Raise the error for a size that no file may have."""
    if not 1 <= size <= MAX_FILE_BYTES:
        raise error(f"A file has 1 to {MAX_FILE_BYTES:,} bytes; this one has {size:,}")


def _name_problem(filename: str) -> InvalidInput | None:
    try:
        check_text("filename", filename, MAX_FILENAME_CHARS)
    except InvalidInput as error:
        return error
    return None


async def _require_upload(services: Services, actor: Actor, upload_id: str) -> Upload:
    upload = await rows.find_upload(services.database, actor.user_id, upload_id)
    if upload is None or upload.part_size is None:
        raise NotFound(_NO_UPLOAD)
    return upload


async def _arrived(services: Services, upload: Upload) -> set[int]:
    """The numbers of the parts that are there whole."""
    assert upload.parts_id is not None
    parts = await services.storage.list_parts(upload.key, upload.parts_id)
    if parts is None:
        # A call that was cut off after the parts had become one object.
        if await _is_whole(services, upload):
            return {number for number, _ in _numbered(upload)}
        raise NotFound(_NO_UPLOAD)
    sizes = dict(_numbered(upload))
    return {part.number for part in parts if sizes.get(part.number) == part.size}


async def _is_whole(services: Services, upload: Upload) -> bool:
    stored = await services.storage.inspect(upload.key)
    return stored is not None and stored.size == upload.size


def _numbered(upload: Upload) -> list[tuple[int, int]]:
    assert upload.part_size is not None
    return [*enumerate(part_sizes(upload.size, upload.part_size), start=1)]


def _state(services: Services, upload: Upload, arrived: set[int]) -> dict[str, Any]:
    parts = []
    for number, size in _numbered(upload):
        part: dict[str, Any] = {"number": number, "size": size, "is_stored": number in arrived}
        if number not in arrived and upload.parts_id is not None:
            part["upload_url"] = services.storage.part_url(upload.key, upload.parts_id, number, size)
        parts.append(part)
    return {
        "upload_id": upload.id,
        "s3_key": upload.key,
        "part_size": upload.part_size,
        "parts": parts,
        "expires_in": services.settings.storage.presign_upload_expiry_secs,
    }


async def require_awaited(services: Services, dialog_id: str, key: str) -> None:
    """Raise NotFound for an object that nobody awaits: its upload expired, was given up, or a message has it."""
    if not await rows.upload_waits(services.database, dialog_id, key):
        raise NotFound(_NO_UPLOAD)
