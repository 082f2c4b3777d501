"""The application: joins the routes of all handlers and holds what they share.

It refuses to be made when a method says nothing about who may call it.
"""

import asyncio
import time
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPMessageDelegate, format_timestamp
from tornado.web import Application, RequestHandler

from handlers import docs, files, health, openapi, socket
from handlers.base import HTTP_METHODS, ApiHandler
from handlers.chat import attachments as chat_attachments
from handlers.chat import dialogs as chat_dialogs
from handlers.chat import messages as chat_messages
from handlers.chat import participants as chat_participants
from handlers.cors import VARY, CorsPolicy
from handlers.fallback import PreflightHandler, UnknownRouteHandler
from handlers.identity import Identity, access_of
from handlers.limits import Limits
from handlers.management import access_scopes as management_access_scopes
from handlers.management import dialogs as management_dialogs
from handlers.management import participants as management_participants
from handlers.management import webhooks as management_webhooks
from handlers.metrics import HttpMetrics
from handlers.routing import RequestReader, RoutedRequest, RouteEntry, RouteTable
from mtchat.core.services import Services

ROUTES: Final[list[RouteEntry]] = [
    *health.ROUTES,
    *openapi.ROUTES,
    *docs.ROUTES,
    *management_dialogs.ROUTES,
    *management_participants.ROUTES,
    *management_access_scopes.ROUTES,
    *management_webhooks.ROUTES,
    *chat_dialogs.ROUTES,
    *chat_participants.ROUTES,
    *chat_messages.ROUTES,
    *chat_attachments.ROUTES,
    *files.ROUTES,
    *socket.ROUTES,
]

# A client that stops in the middle of a body is let go; 2 MiB in this time is 93 kbit/s.
BODY_TIMEOUT_SECS: Final = 180
# Longer than the usual proxies keep idle connections (60 s): they close first, so they never use one we just closed.
IDLE_TIMEOUT_SECS: Final = 75
# How late a request that hangs may be noticed.
_WATCH_SECS: Final = 0.25


class ChatApplication(Application):
    """Finds handlers, bounds requests in size and time, and counts them."""

    def __init__(self, services: Services, routes: Iterable[RouteEntry] = ()) -> None:
        super().__init__(transforms=[], template_path=str(services.settings.server.templates_dir))
        self.services = services
        self.routes = list(routes)
        settings = services.settings
        self.identity = Identity(settings)
        self.limits = Limits(settings)
        self.cors = CorsPolicy(settings.cors)
        self.metrics = HttpMetrics()
        self._table = RouteTable(self.routes)
        self._timeout_secs = settings.server.request_timeout_secs
        # In order of arrival, so the watch stops at the first young one.
        self._in_flight: dict[ApiHandler, float] = {}
        self._watching = False
        self._drained: asyncio.Event | None = None
        self.is_stopped = False
        self._date_second, self._date = 0, ""

    @cached_property
    def openapi_document(self) -> bytes:
        """The OpenAPI document of the routes of this application."""
        return openapi.document_bytes(self.routes)

    @property
    def in_flight(self) -> int:
        """How many REST requests are being worked on."""
        return len(self._in_flight)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Read one request."""
        return RequestReader(self, server_conn, request_conn)

    def delegate_for(self, request: RoutedRequest) -> HTTPMessageDelegate:
        """Return what runs the handler of a request."""
        if request.method == "OPTIONS":
            return self.get_handler_delegate(request, PreflightHandler)
        match = self._table.find(request.path)
        if match is None:
            return self.get_handler_delegate(request, UnknownRouteHandler)
        request.template = match.template
        # Values are still percent-encoded: decoding them can fail, and who calls is asked first.
        return self.get_handler_delegate(request, match.handler, path_kwargs=match.arguments)  # type: ignore[arg-type]

    def set_common_headers(self, headers: HTTPHeaders, origin: str | None) -> None:
        """Put on an answer what all have: when, JSON, no sniffing, who may read it."""
        second = int(time.time())
        if second != self._date_second:
            self._date_second, self._date = second, format_timestamp(second)
        headers["Date"] = self._date
        headers["Content-Type"] = "application/json"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Vary"] = VARY
        self.cors.mark(headers, origin)

    def log_request(self, handler: RequestHandler) -> None:
        """Count a finished request. Nothing is logged here: failures of ours are logged where they are caught."""
        request = handler.request
        assert isinstance(request, RoutedRequest)
        self.metrics.observe(request.template, request.method or "", handler.get_status(), request.request_time())

    def request_started(self, handler: ApiHandler) -> None:
        """Begin to watch the time of a request."""
        loop = asyncio.get_running_loop()
        self._in_flight[handler] = loop.time()
        if not self._watching:
            self._watching = True
            loop.call_later(_WATCH_SECS, self._watch)

    def request_progressed(self, handler: ApiHandler) -> None:
        """Begin anew to watch the time of a request that moves a file: only one that stops is given up."""
        if self._in_flight.pop(handler, None) is not None:
            self._in_flight[handler] = asyncio.get_running_loop().time()

    def request_ended(self, handler: ApiHandler) -> None:
        """Stop to watch it."""
        self._in_flight.pop(handler, None)
        if self._drained is not None and not self._in_flight:
            self._drained.set()

    def _watch(self) -> None:
        """One timer for all requests instead of one for each; it rests when there are none."""
        loop = asyncio.get_running_loop()
        latest_start = loop.time() - self._timeout_secs
        late = []
        for handler, started in self._in_flight.items():
            if started > latest_start:
                break
            late.append(handler)
        for handler in late:
            handler.give_up()
        self._watching = bool(self._in_flight)
        if self._watching:
            loop.call_later(_WATCH_SECS, self._watch)

    async def drain(self, timeout_secs: float) -> bool:
        """Wait until no request is being worked on, then begin no more; False when some still are after that time.

        Who sends one from then on gets no answer, and may be sure that nobody has begun to work on it.
        """
        try:
            async with asyncio.timeout(timeout_secs):
                while self._in_flight:
                    self._drained = asyncio.Event()
                    await self._drained.wait()
        except TimeoutError:
            pass
        self.is_stopped = True
        return not self._in_flight


def make_app(services: Services, extra: Iterable[RouteEntry] = ()) -> ChatApplication:
    """Join all routes, and `extra` ones. Raises TypeError naming every method without an access decorator."""
    routes = [*ROUTES, *extra]
    refuse_unguarded(routes)
    return ChatApplication(services, routes)


def make_server(app: ChatApplication) -> HTTPServer:
    """Return a server for the application, with bounds on how long a connection may be idle or send its body."""
    return HTTPServer(app, idle_connection_timeout=IDLE_TIMEOUT_SECS, body_timeout=BODY_TIMEOUT_SECS)


def refuse_unguarded(routes: Iterable[RouteEntry]) -> None:
    """Raise TypeError when a handler method has no access decorator."""
    unguarded = [
        f"{handler.__module__}.{handler.__qualname__}.{name.lower()} ({template})"
        for template, handler in routes
        for name in HTTP_METHODS
        if is_implemented(handler, name) and access_of(getattr(handler, name.lower())) is None
    ]
    if unguarded:
        raise TypeError(
            "These methods need @user_required, @admin_required or @open_to_all: " + "; ".join(sorted(unguarded))
        )


def is_implemented(handler: type[RequestHandler], method: str) -> bool:
    """Whether a handler class has an HTTP method of its own."""
    return getattr(handler, method.lower()) is not getattr(RequestHandler, method.lower())
