"""The answers to what no route takes: preflights anywhere, and addresses that do not exist."""

from handlers.base import ApiHandler, EnvelopeHandler
from mtchat.core.errors import NotFound


class PreflightHandler(EnvelopeHandler):
    """OPTIONS on any path: 200, without credentials and without counting."""

    def options(self) -> None:
        """Say what a page of another origin may do."""
        self.application.cors.preflight(self._headers, self.request.headers)
        del self._headers["Content-Type"]
        self.finish()


class UnknownRouteHandler(ApiHandler):
    """Any method on an address that is none: 404, before credentials are looked at."""

    def prepare(self) -> None:
        self.application.limits.check_address(self.request)
        raise NotFound("There is no such address")
