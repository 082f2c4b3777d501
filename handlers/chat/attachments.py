"""Files of messages: leave to upload, and links to open."""

from typing import Any

from handlers.base import ApiHandler
from handlers.identity import user_required
from handlers.operation import Data, operation
from mtchat.core import attachments
from mtchat.core.errors import Unavailable
from mtchat.core.schemas.attachments import AttachmentUrlOut, PresignIn, UploadOut

_TAGS = ("attachments",)


class PresignHandler(ApiHandler):
    """Leave to upload one file."""

    @user_required
    @operation(
        "Ask for leave to upload a file", body=PresignIn, answer=Data(UploadOut), errors=(Unavailable,), tags=_TAGS
    )
    async def post(self, body: dict[str, Any]) -> None:
        self.application.limits.check_presign(self.actor.user_id)
        self.answer(await attachments.presign_upload(self.services, self.actor, body))


class AttachmentUrlHandler(ApiHandler):
    """A fresh link to one file."""

    @user_required
    @operation("Get a fresh link to a file", answer=Data(AttachmentUrlOut), errors=(Unavailable,), tags=_TAGS)
    async def get(self, attachment_id: str) -> None:
        self.answer(await attachments.attachment_url(self.services, self.actor, attachment_id))


ROUTES = [
    ("/api/v1/upload/presign", PresignHandler),
    ("/api/v1/attachments/{attachment_id}/url", AttachmentUrlHandler),
]
