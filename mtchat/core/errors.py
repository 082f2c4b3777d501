"""Every failure a caller can be told about.

ChatError
├── InvalidInput            400  INVALID_INPUT        a field breaks a rule
│   └── UnprocessableInput  422  INVALID_INPUT        the body parses, its shape is wrong
├── BadRequest              400  BAD_REQUEST          the request itself is malformed or makes no sense now
│   ├── PayloadTooLarge     413
│   ├── UnsupportedMedia    415
│   ├── UnsatisfiableRange  416
│   └── MethodNotAllowed    405
├── FileTooLarge            400  FILE_TOO_LARGE
├── UnsupportedFileType     400  UNSUPPORTED_FILE_TYPE
├── Unauthorized            401  UNAUTHORIZED
├── Forbidden               403  FORBIDDEN
├── NotParticipant          403  NOT_PARTICIPANT
├── NotMessageAuthor        403  NOT_MESSAGE_AUTHOR
├── ScopeMismatch           403  SCOPE_MISMATCH
├── NotFound                404  NOT_FOUND
│   ├── DialogNotFound      404  DIALOG_NOT_FOUND
│   ├── MessageNotFound     404  MESSAGE_NOT_FOUND
│   └── AttachmentNotFound  404  ATTACHMENT_NOT_FOUND
├── RateLimited             429  RATE_LIMIT_EXCEEDED
├── InternalError           500  INTERNAL_ERROR       ours to mend; the caller is told nothing else
└── Unavailable             503  SERVICE_UNAVAILABLE  something we depend on is away; the same request may succeed later

Codes, statuses and field names are part of the wire; texts are free and say what to change.
"""

from typing import ClassVar


class ChatError(Exception):
    """A failure with a code and a status; its message is shown to the caller."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def headers(self) -> dict[str, str]:
        """Headers the answer carries beside the envelope."""
        return {}


class InvalidInput(ChatError):
    """A field breaks a rule: too long, blank, unknown value."""

    status = 400
    code = "INVALID_INPUT"


class UnprocessableInput(InvalidInput):
    """The body is JSON, but a required field is missing or has the wrong type."""

    status = 422


class BadRequest(ChatError):
    """The request is malformed, or makes no sense in the present state."""

    status = 400
    code = "BAD_REQUEST"


class PayloadTooLarge(BadRequest):
    """The body is over the limit."""

    status = 413


class UnsupportedMedia(BadRequest):
    """A JSON route was called without a JSON content type."""

    status = 415


class UnsatisfiableRange(BadRequest):
    """The range asked for is not in the file."""

    status = 416

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Range": f"bytes */{self.size}"}


class MethodNotAllowed(BadRequest):
    """The route exists, this method of it does not."""

    status = 405

    def __init__(self, message: str, allowed: list[str]) -> None:
        super().__init__(message)
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        return {"Allow": ", ".join(self.allowed)}


class FileTooLarge(ChatError):
    """The declared size is outside 1..104,857,600 bytes."""

    status = 400
    code = "FILE_TOO_LARGE"


class UnsupportedFileType(ChatError):
    """The content type is not in the list of allowed types."""

    status = 400
    code = "UNSUPPORTED_FILE_TYPE"


class Unauthorized(ChatError):
    """No credentials, or ones that do not verify."""

    status = 401
    code = "UNAUTHORIZED"


class Forbidden(ChatError):
    """The caller is known and may not do this."""

    status = 403
    code = "FORBIDDEN"


class NotParticipant(ChatError):
    """Only a direct participant of the dialog may do this."""

    status = 403
    code = "NOT_PARTICIPANT"


class NotMessageAuthor(ChatError):
    """Only the author may change or delete a message."""

    status = 403
    code = "NOT_MESSAGE_AUTHOR"


class ScopeMismatch(ChatError):
    """Neither a participant nor matched by a scope of the dialog."""

    status = 403
    code = "SCOPE_MISMATCH"


class NotFound(ChatError):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    code = "NOT_FOUND"


class DialogNotFound(NotFound):
    """There is no such dialog."""

    code = "DIALOG_NOT_FOUND"


class MessageNotFound(NotFound):
    """There is no such message in this dialog."""

    code = "MESSAGE_NOT_FOUND"


class AttachmentNotFound(NotFound):
    """There is no such attachment among the caller's dialogs."""

    code = "ATTACHMENT_NOT_FOUND"


class RateLimited(ChatError):
    """Too many requests of one caller."""

    status = 429
    code = "RATE_LIMIT_EXCEEDED"

    def __init__(self, message: str, retry_after_secs: int) -> None:
        super().__init__(message)
        self.retry_after_secs = max(1, retry_after_secs)

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_secs)}


class InternalError(ChatError):
    """A mistake of ours; the message says nothing about its cause."""


class Unavailable(ChatError):
    """Something the service depends on is away."""

    status = 503
    code = "SERVICE_UNAVAILABLE"

    def __init__(self, message: str, retry_after_secs: int = 1) -> None:
        super().__init__(message)
        self.retry_after_secs = max(1, retry_after_secs)

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_secs)}
