"""Turns files as the database knows them into attachments as the wire has them: with urls, good from this moment.

Signing takes microseconds and no network, so every answer and frame gets urls of its own.
"""

from typing import Any, Final

import orjson

from mtchat.core.errors import Unavailable
from mtchat.core.file_types import disposition_of, served_type
from mtchat.storage.base import Storage

# Fields that the wire has as they are; absent ones stay absent.
_AS_THEY_ARE: Final = ("id", "filename", "content_type", "size", "width", "height")
_THUMBNAIL_NAME: Final = {"image/webp": "thumbnail.webp", "image/jpeg": "thumbnail.jpg"}


class Links:
    """Makes urls of one storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def attachments(self, files: bytes) -> list[dict[str, Any]]:
        """Return the attachments of a message; files: JSON text of what `message_files` gives."""
        return [self.attachment(file) for file in orjson.loads(files)]

    def attachment(self, file: dict[str, Any]) -> dict[str, Any]:
        """Return one attachment. A file that is being scanned, or was infected, has the url "" and its state."""
        shown: dict[str, Any] = {name: file[name] for name in _AS_THEY_ARE if name in file}
        url, thumbnail_url = self.urls(file)
        shown["url"] = url
        if thumbnail_url is not None:
            shown["thumbnail_url"] = thumbnail_url
        if file["state"] != "ready":
            shown["state"] = file["state"]
        return shown

    def urls(self, file: dict[str, Any]) -> tuple[str, str | None]:
        """Return the urls of a file and of its thumbnail; "" when it may not be opened or nothing can be signed."""
        if file["state"] != "ready":
            return "", None
        content_type, thumbnail_type = file["content_type"], file.get("thumbnail_type")
        try:
            url = self._storage.download_url(
                file["key"], served_type(content_type), disposition_of(content_type, file["filename"])
            )
            if thumbnail_type is None:
                return url, None
            key = thumbnail_key(file["dialog_id"], file["id"])
            name = disposition_of(thumbnail_type, _THUMBNAIL_NAME[thumbnail_type])
            return url, self._storage.download_url(key, thumbnail_type, name)
        except Unavailable:
            return "", None


def thumbnail_key(dialog_id: str, attachment_id: str) -> str:
    """Return where the thumbnail of an attachment is, if it has one."""
    return f"dialogs/{dialog_id}/thumbs/{attachment_id}"
