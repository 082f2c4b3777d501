"""The rules of files: who may upload and open them. Without a storage every call says so."""

from typing import Any, Never

from mtchat.core.access import Actor
from mtchat.core.errors import Unavailable
from mtchat.core.services import Services

_OFF = "Files are not switched on at this server; its operator has to configure a storage"
# Nothing changes until somebody configures a storage: asking again within the hour is pointless.
_RETRY_AFTER_SECS = 3_600


async def presign_upload(services: Services, actor: Actor, file: dict[str, Any]) -> Never:
    """Raises Unavailable: this server has no storage."""
    raise Unavailable(_OFF, _RETRY_AFTER_SECS)


async def attachment_url(services: Services, actor: Actor, attachment_id: str) -> Never:
    """Raises Unavailable: this server has no storage."""
    raise Unavailable(_OFF, _RETRY_AFTER_SECS)
