"""From a path to its handler, and from bytes to a request: what runs before any handler exists."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import RequestHandler

from mtchat.core.errors import BadRequest, PayloadTooLarge

if TYPE_CHECKING:
    from handlers.application import ChatApplication

MAX_BODY_BYTES: Final = 2 * 1024 * 1024
# A body over the limit is read and thrown away up to here, so that the client is done sending and sees the answer.
MAX_DRAINED_BYTES: Final = 8 * 1024 * 1024
# A file that is streamed to the disk may take so long: 100 MiB at 230 kbit/s. One that stops arriving is let go before.
STREAM_TIMEOUT_SECS: Final = 3_600
# Tornado's own limit closes the connection without an answer; ours counts instead, so Tornado's is out of the way.
_NO_LIMIT: Final = 2**63

RouteEntry = tuple[str, type[RequestHandler]]


@dataclass(slots=True)
class _Node:
    """One segment of the path tree."""

    static: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    parameter_name: str = ""
    template: str = ""
    handler: type[RequestHandler] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A route that fits a path; arguments are still percent-encoded."""

    template: str
    handler: type[RequestHandler]
    arguments: dict[str, str]


class RouteTable:
    """Templates such as `/api/v1/dialogs/{dialog_id}` as a tree of segments: a look-up costs the length of the path.

    A static segment wins over a parameter and is never reconsidered, so `search` is no dialog id.
    """

    def __init__(self, routes: Iterable[RouteEntry]) -> None:
        self._root = _Node()
        for template, handler in routes:
            self._add(template, handler)

    def _add(self, template: str, handler: type[RequestHandler]) -> None:
        node = self._root
        for segment in template.lstrip("/").split("/"):
            if segment.startswith("{"):
                name = segment.strip("{}")
                if node.parameter is None:
                    node.parameter, node.parameter_name = _Node(), name
                if node.parameter_name != name:
                    raise ValueError(f"{template}: this place of the path is already called {node.parameter_name}")
                node = node.parameter
            else:
                node = node.static.setdefault(segment, _Node())
        if node.handler is not None:
            raise ValueError(f"{template} is given twice")
        node.template, node.handler = template, handler

    def find(self, path: str) -> Match | None:
        """Return what a path leads to; a trailing slash or an empty segment leads nowhere."""
        node = self._root
        arguments: dict[str, str] = {}
        for segment in path[1:].split("/"):
            following = node.static.get(segment)
            if following is None:
                following = node.parameter
                if following is None or not segment:
                    return None
                arguments[node.parameter_name] = segment
            node = following
        return Match(node.template, node.handler, arguments) if node.handler is not None else None


class RoutedRequest(HTTPServerRequest):
    """A request that knows its route's template, and what is wrong with it whoever sent it."""

    template: str = ""
    refused: BadRequest | None = None

    def _parse_body(self) -> None:
        """Forms are no bodies of ours; handlers that take a body parse JSON themselves."""


class RequestReader(HTTPMessageDelegate):
    """Reads one request, bounds its body and hands it to the handler's own delegate."""

    __slots__ = (
        "_application",
        "_delegate",
        "_is_streamed",
        "_received",
        "_request",
        "_request_conn",
        "_server_conn",
        "_started",
    )

    def __init__(self, application: "ChatApplication", server_conn: object, request_conn: HTTPConnection) -> None:
        self._application = application
        self._server_conn = server_conn
        self._request_conn = request_conn
        self._received = 0
        self._started = False
        self._is_streamed = False
        self._request: RoutedRequest
        self._delegate: HTTPMessageDelegate | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Find the handler; begin at once when the body is too long to wait for."""
        assert isinstance(start_line, RequestStartLine)
        if self._application.is_stopped:
            return None
        try:
            self._request = self._made(start_line, headers)
        except HTTPInputError:
            # Tornado would cut the connection for a query of over a thousand parameters; other mistakes raise again.
            self._request = self._made(start_line._replace(path=start_line.path.partition("?")[0]), headers)
            self._request.refused = BadRequest("The query string has too many parameters")
        self._delegate = self._application.delegate_for(self._request)
        self._request_conn.set_max_body_size(_NO_LIMIT)  # type: ignore[attr-defined]  # of the HTTP/1 connection
        # Handlers marked @stream_request_body bound their bodies themselves, before the first byte, and keep nothing.
        self._is_streamed = getattr(self._delegate, "stream_request_body", False)
        if self._is_streamed:
            self._request_conn.set_body_timeout(STREAM_TIMEOUT_SECS)  # type: ignore[attr-defined]
            return self._delegate.headers_received(start_line, headers)
        length = headers.get("Content-Length", "")
        if length.isascii() and length.isdigit():
            self._bound(int(length), expected=headers.get("Expect", "").lower() == "100-continue")
        return self._delegate.headers_received(start_line, headers)

    def _made(self, start_line: RequestStartLine, headers: HTTPHeaders) -> RoutedRequest:
        return RoutedRequest(
            connection=self._request_conn,
            server_connection=self._server_conn,
            start_line=start_line,
            headers=headers,
        )

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Keep a piece of the body, unless it is one piece too many."""
        if self._delegate is None:
            return None
        if self._is_streamed:
            return self._delegate.data_received(chunk)
        self._received += len(chunk)
        self._bound(self._received)
        return None if self._received > MAX_BODY_BYTES else self._delegate.data_received(chunk)

    def finish(self) -> None:
        """All is here: run the handler."""
        # A process that has stopped cuts its connections: what it did not begin is repeated elsewhere.
        if not self._started and self._delegate is not None and not self._application.is_stopped:
            self._started = True
            self._delegate.finish()

    def on_connection_close(self) -> None:
        """The client is gone before all was here."""
        if self._delegate is not None:
            self._delegate.on_connection_close()

    def _bound(self, length: int, *, expected: bool = False) -> None:
        if length <= MAX_BODY_BYTES:
            return
        if self._request.refused is None:
            self._request.refused = PayloadTooLarge(f"The body is over {MAX_BODY_BYTES:,} bytes")
        if expected or length > MAX_DRAINED_BYTES:
            self.finish()
