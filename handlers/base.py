"""What every handler of the HTTP interface shares: the answers, the one error envelope, and the order of checks.

Handlers say who may call (`handlers.identity`) and what they take and answer (`handlers.operation`), nothing else.
"""

import itertools
import secrets
from asyncio import CancelledError, Task, current_task
from collections.abc import Iterable
from http.client import responses
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import unquote_to_bytes

import orjson
import structlog
from tornado.httputil import HTTPHeaders
from tornado.web import HTTPError, RequestHandler

from handlers.identity import Access, access_of
from mtchat.config.logging import bind_request_id
from mtchat.core.access import Actor
from mtchat.core.errors import BadRequest, ChatError, InternalError, MethodNotAllowed, NotFound, Unavailable
from mtchat.core.schemas.fields import normal_uuid
from mtchat.core.services import Services

if TYPE_CHECKING:
    from handlers.application import ChatApplication
    from handlers.routing import RoutedRequest

HTTP_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Path parameters of these names are ids of ours; every other one is somebody else's opaque text.
UUID_PARAMETERS: Final = frozenset(
    {"dialog_id", "message_id", "attachment_id", "upload_id", "webhook_id", "delivery_id"}
)
MAX_EXTERNAL_ID_CHARS: Final = 255

# A mark and a number are unique enough for logs, and cheaper by far than a UUID for each request.
_PROCESS_MARK: Final = secrets.token_hex(4)
_request_numbers = itertools.count(1)

_log = structlog.stdlib.get_logger("mtchat.http")


def envelope_of(error: ChatError) -> bytes:
    """Return the body of an error answer."""
    return orjson.dumps({"error": {"code": error.code, "message": error.message}})


class EnvelopeHandler(RequestHandler):
    """Answers in JSON, errors included. Base of the REST handlers and of the socket's handshake."""

    request: "RoutedRequest"
    application: "ChatApplication"
    timed_out = False
    _log_lines_named = False

    @property
    def services(self) -> Services:
        """What this process owns."""
        return self.application.services

    def _name_log_lines(self) -> None:
        """Put the caller's X-Request-Id, or a number of ours, on whatever is logged while this request lasts."""
        if not self._log_lines_named:
            self._log_lines_named = True
            given = self.request.headers.get("X-Request-Id")
            bind_request_id(given or f"{_PROCESS_MARK}-{next(_request_numbers)}")

    def clear(self) -> None:
        """Start the answer afresh, without Tornado's Server and text/html, and with a Date made once a second."""
        self._headers = HTTPHeaders()
        self.application.set_common_headers(self._headers, self.request.headers.get("Origin"))
        self._write_buffer: list[bytes] = []
        self._status_code = 200
        self._reason = responses[200]

    def set_etag_header(self) -> None:
        """No answer carries an ETag: hashing a page of messages costs more than sending it."""

    def check_etag_header(self) -> bool:
        """Without ETags nothing is ever unchanged."""
        return False

    def answer(self, data: Any, status: int = 200) -> None:
        """Answer `{"data": ...}`; data is what orjson can write (dict, list, None, ...)."""
        self._send(b'{"data":' + orjson.dumps(data) + b"}", status)

    def answer_raw(self, data: bytes) -> None:
        """Answer `{"data": ...}` with JSON that the database has written."""
        self._send(b'{"data":' + data + b"}", 200)

    def answer_bare(self, body: dict[str, Any], status: int = 200) -> None:
        """Answer an object without the `data` envelope."""
        self._send(orjson.dumps(body), status)

    def answer_text(self, body: bytes, media_type: str) -> None:
        """Answer something that is not JSON of ours."""
        self.set_header("Content-Type", media_type)
        self.finish(body)

    def answer_empty(self, status: int) -> None:
        """Answer a status without a body (201, 204)."""
        self.set_status(status)
        del self._headers["Content-Type"]
        self.finish()

    def _send(self, body: bytes, status: int) -> None:
        if status != 200:
            self.set_status(status)
        self.finish(body)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Render whatever went wrong as the envelope."""
        cause = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        error = self._as_chat_error(status_code, cause)
        self.set_status(error.status)
        for name, value in error.headers.items():
            self.set_header(name, value)
        if error.status == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        self.finish(envelope_of(error))

    def _as_chat_error(self, status: int, cause: BaseException | None) -> ChatError:
        if isinstance(cause, ChatError):
            return cause
        if self.timed_out:
            return Unavailable("The request took too long and was given up; try again in a moment")
        if isinstance(cause, CancelledError):
            # What the method waited for was called off, not the request: the process is stopping.
            return Unavailable("The server is restarting; try again in a moment")
        if isinstance(cause, HTTPError):
            status = cause.status_code
        if status == 404:
            return NotFound("There is no such address")
        if status == 405:
            return self.wrong_method()
        if 400 <= status < 500:
            return BadRequest("The request is malformed")
        return InternalError("Something went wrong on our side; the request may be repeated later")

    def wrong_method(self) -> MethodNotAllowed:
        """The error of a method that this address does not have."""
        allowed = allowed_methods(type(self))
        return MethodNotAllowed(f"This address takes {', '.join(allowed)}", allowed)

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Log only what is ours to mend; what the caller did wrong he is told, and a log full of it helps nobody."""
        self._name_log_lines()
        if isinstance(value, Unavailable | CancelledError):
            _log.warning("unavailable", route=self.request.template, why=str(value) or type(value).__name__)
            return
        status = value.status if isinstance(value, ChatError) else getattr(value, "status_code", 500)
        if status < 500:
            return
        _log.error(
            "request failed",
            method=self.request.method,
            route=self.request.template,
            exc_info=(typ, value, tb),
        )


class ApiHandler(EnvelopeHandler):
    """A REST handler. Methods take path parameters by name, `body` and `query` when their @operation names schemas."""

    # HTTP method -> who may call it; filled when the class is made.
    access: ClassVar[dict[str, Access]] = {}
    # Health checks must pass however much their caller asks.
    rate_limited: ClassVar[bool] = True

    _actor: Actor | None = None
    _task: "Task[Any] | None" = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.access = {
            name: found for name in HTTP_METHODS if (found := access_of(getattr(cls, name.lower()))) is not None
        }
        if "GET" in cls.access and "head" not in cls.__dict__:
            # A GET route answers HEAD; Tornado leaves the body out.
            cls.head = cls.get
            cls.access["HEAD"] = cls.access["GET"]

    @property
    def actor(self) -> Actor:
        """The chat user who calls. Only on methods marked @user_required."""
        assert self._actor is not None, "only methods marked @user_required have an actor"
        return self._actor

    def prepare(self) -> None:
        """Everything that comes before the method, in the contract's order; raises what the caller is told."""
        self._task = current_task()
        self.application.request_started(self)
        self._name_log_lines()
        request = self.request
        access = self.access.get(request.method)
        rule = access or next(iter(self.access.values()))
        identity = self.application.identity
        caller = identity.identify(request, rule)
        if self.rate_limited:
            self.application.limits.check(request, caller)
        if caller.error is not None:
            raise caller.error
        if request.refused is not None:
            raise request.refused
        if access is None:
            raise self.wrong_method()
        if access.kind == "user":
            self._actor = identity.actor_of(request, access, caller)
        if self.path_kwargs:
            self.path_kwargs = {name: _path_value(name, value) for name, value in self.path_kwargs.items()}

    def on_finish(self) -> None:
        self.application.request_ended(self)

    def give_up(self) -> None:
        """End a request that took too long; the method is cancelled where it waits and the caller gets 503."""
        self.timed_out = True
        if self._task is not None and not self._finished:
            self._task.cancel()


def allowed_methods(handler_class: type[RequestHandler]) -> list[str]:
    """Return the methods of an address, as the Allow header lists them."""
    access: dict[str, Access] = getattr(handler_class, "access", {})
    methods: Iterable[str] = access or ("GET",)
    order = ("GET", "HEAD", *HTTP_METHODS[1:])
    return [name for name in order if name in methods]


def _path_value(name: str, raw: str) -> str:
    """Decode one segment of the path; raises BadRequest for what no id can be."""
    value = raw
    if "%" in raw or not raw.isascii():
        try:
            value = unquote_to_bytes(raw.encode("latin-1")).decode()
        except UnicodeDecodeError:
            raise BadRequest(f"{name} in the path is not valid UTF-8; percent-encode its UTF-8 bytes") from None
    if name in UUID_PARAMETERS:
        found = normal_uuid(value)
        if found is None:
            raise BadRequest(f"{name} in the path is not a UUID")
        return found
    if "\0" in value:
        raise BadRequest(f"{name} in the path has the NUL character; remove it")
    return value
