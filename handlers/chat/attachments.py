"""Files of messages: leave to upload, in one piece or in parts, and links to open."""

from typing import Any

from handlers.base import ApiHandler
from handlers.identity import user_required
from handlers.operation import Data, operation
from mtchat.core import attachments, uploads
from mtchat.core.errors import (
    AttachmentNotFound,
    BadRequest,
    DialogNotFound,
    FileTooLarge,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Unavailable,
    UnsupportedFileType,
)
from mtchat.core.schemas.attachments import (
    AttachmentUrlOut,
    CompletedUploadOut,
    PartsOut,
    PresignIn,
    UploadOut,
)

_TAGS = ("attachments",)
_PRESIGN_ERRORS = (UnsupportedFileType, FileTooLarge, DialogNotFound, Forbidden, InvalidInput, RateLimited, Unavailable)


class PresignHandler(ApiHandler):
    """Leave to upload one file."""

    @user_required
    @operation(
        "Ask for leave to upload a file",
        description="PUT the bytes to `upload_url` with the same Content-Type, then name `s3_key` in a message.",
        body=PresignIn,
        answer=Data(UploadOut),
        errors=_PRESIGN_ERRORS,
        tags=_TAGS,
    )
    async def post(self, body: dict[str, Any]) -> None:
        self.application.limits.check_presign(self.actor.user_id)
        self.answer(await uploads.presign_upload(self.services, self.actor, body))


class PartsHandler(ApiHandler):
    """Uploads in parts, for files over 16 MiB."""

    @user_required
    @operation(
        "Begin an upload in parts",
        description="For files over 16 MiB. PUT each part to its url, in any order, then complete the upload.",
        body=PresignIn,
        answer=Data(PartsOut),
        errors=_PRESIGN_ERRORS,
        tags=_TAGS,
    )
    async def post(self, body: dict[str, Any]) -> None:
        self.application.limits.check_presign(self.actor.user_id)
        self.answer(await uploads.begin_parts(self.services, self.actor, body))


class PartsOfUploadHandler(ApiHandler):
    """One upload in parts."""

    @user_required
    @operation(
        "Go on with an upload in parts",
        description="Which parts have arrived, and fresh urls for the others.",
        answer=Data(PartsOut),
        errors=(NotFound, Unavailable),
        tags=_TAGS,
    )
    async def get(self, upload_id: str) -> None:
        self.answer(await uploads.get_parts(self.services, self.actor, upload_id))

    @user_required
    @operation("Give an upload up", status=204, tags=_TAGS)
    async def delete(self, upload_id: str) -> None:
        await uploads.abort_upload(self.services, self.actor, upload_id)
        self.answer_empty(204)


class PartsCompletionHandler(ApiHandler):
    """The end of an upload in parts."""

    @user_required
    @operation(
        "Complete an upload in parts",
        description="Makes one object of the parts; a repeat answers the same.",
        answer=Data(CompletedUploadOut),
        errors=(NotFound, BadRequest, Unavailable),
        tags=_TAGS,
    )
    async def post(self, upload_id: str) -> None:
        self.answer(await uploads.complete_parts(self.services, self.actor, upload_id))


class AttachmentUrlHandler(ApiHandler):
    """A fresh link to one file."""

    @user_required
    @operation("Get a fresh link to a file", answer=Data(AttachmentUrlOut), errors=(AttachmentNotFound,), tags=_TAGS)
    async def get(self, attachment_id: str) -> None:
        self.answer(await attachments.attachment_url(self.services, self.actor, attachment_id))


ROUTES = [
    ("/api/v1/upload/presign", PresignHandler),
    ("/api/v1/upload/multipart", PartsHandler),
    ("/api/v1/upload/multipart/{upload_id}", PartsOfUploadHandler),
    ("/api/v1/upload/multipart/{upload_id}/complete", PartsCompletionHandler),
    ("/api/v1/attachments/{attachment_id}/url", AttachmentUrlHandler),
]
