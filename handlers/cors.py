"""Which pages of other origins may call us. CORS does not bind the WebSocket; its handshake asks `origin_allowed`."""

from typing import Final

from tornado.httputil import HTTPHeaders

from mtchat.config.areas import CorsSettings

ANY: Final = "*"
# What the SDK sends; `*` in the fetch standard does not cover Authorization, so these are always named.
NEEDED_HEADERS: Final = ("authorization", "content-type", "x-scope-config")
VARY: Final = "origin, access-control-request-method, access-control-request-headers"


class CorsPolicy:
    """Answers preflights and marks every answer with who may read it."""

    def __init__(self, settings: CorsSettings) -> None:
        self._any_origin = ANY in settings.allowed_origins
        self._origins = frozenset(settings.allowed_origins)
        self._credentials = settings.allow_credentials
        self._any_method = ANY in settings.allowed_methods
        self._methods = ", ".join(settings.allowed_methods)
        self._any_header = ANY in settings.allowed_headers
        listed = [name.lower() for name in settings.allowed_headers if name != ANY]
        self._headers = [*NEEDED_HEADERS, *(name for name in listed if name not in NEEDED_HEADERS)]
        self._max_age = str(settings.max_age_secs)

    def origin_allowed(self, origin: str | None) -> bool:
        """Whether a page of this origin may open a socket; clients that are no browsers name none and may."""
        return origin is None or self._any_origin or origin in self._origins

    def mark(self, headers: HTTPHeaders, origin: str | None) -> None:
        """Say in an answer who may read it."""
        if origin is None:
            if self._any_origin and not self._credentials:
                headers["Access-Control-Allow-Origin"] = ANY
            return
        if self._any_origin or origin in self._origins:
            # The origin itself rather than `*`: a browser refuses `*` as soon as credentials are involved.
            headers["Access-Control-Allow-Origin"] = origin
            if self._credentials:
                headers["Access-Control-Allow-Credentials"] = "true"

    def preflight(self, headers: HTTPHeaders, asked: HTTPHeaders) -> None:
        """Say which methods and headers a page may use; the origin is marked as in every answer."""
        method = asked.get("Access-Control-Request-Method")
        headers["Access-Control-Allow-Methods"] = method if self._any_method and method else self._methods
        headers["Access-Control-Allow-Headers"] = ", ".join(
            self._allowed_headers(asked.get("Access-Control-Request-Headers", ""))
        )
        headers["Access-Control-Max-Age"] = self._max_age

    def _allowed_headers(self, asked: str) -> list[str]:
        if not self._any_header:
            return self._headers
        names = [name.strip().lower() for name in asked.split(",")]
        return [*self._headers, *(name for name in names if name and name not in self._headers)]
