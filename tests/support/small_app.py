"""An application without database, bus or sockets: for tests of what happens before and after a handler's own work."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from handlers.application import ChatApplication
from handlers.routing import RouteEntry
from mtchat.config.settings import load_settings
from mtchat.core.services import Services
from tests.support.clients import Answer, ApiClient

ADMIN_TOKEN = "the-admin-token-of-the-tests"
JWT_SECRET = "a secret, with a comma, of more than 32 bytes"


def small_app(
    routes: Iterable[RouteEntry], environment: dict[str, str] | None = None, database: Any = None
) -> ChatApplication:
    """Return an application of these routes, configured by these variables."""
    settings = load_settings({"ADMIN_API_TOKEN": ADMIN_TOKEN} | (environment or {}))
    services = SimpleNamespace(
        settings=settings, database=database, bus=SimpleNamespace(is_up=False), storage=_NoFiles()
    )
    return ChatApplication(cast(Services, services), routes)


class _NoFiles:
    """A storage that works and has nothing."""

    async def check(self) -> None:
        """All is well."""


def client_of(http_client: AsyncHTTPClient, base_url: str, **caller: Any) -> ApiClient:
    """Return a client whose paths start at the root of the server."""
    client = ApiClient(http_client, base_url, **caller)
    client.root = ""
    return client


async def ask_raw(
    http_client: AsyncHTTPClient, url: str, method: str = "GET", headers: dict[str, str] | None = None, body: Any = None
) -> Answer:
    """Send a request whose URL goes out exactly as written, mistakes included."""
    request = HTTPRequest(url, method, headers, body, allow_nonstandard_methods=True, follow_redirects=False)
    response = await http_client.fetch(request, raise_error=False)
    return Answer(response.code, response.headers, response.body)
