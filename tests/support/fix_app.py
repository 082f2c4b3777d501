"""The server under test: real services on a real database, the in-process bus, a real HTTP server on a free port."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop
from tornado.web import Application

from handlers.application import make_app
from mtchat.assembly import close_services, open_services
from mtchat.config.settings import Settings, load_settings
from mtchat.core.services import Services
from mtchat.persistence.pool import Database
from tests.support.clients import ApiClient

ADMIN_TOKEN = "the-admin-token-of-the-tests"


@pytest.fixture
def environment() -> dict[str, str]:
    """The variables the server is configured with; a test module overrides this fixture to add its own."""
    return {}


@pytest.fixture
def settings(database_url: str, environment: dict[str, str], tmp_path: Path) -> Settings:
    """Settings of the server under test."""
    defaults = {
        "DATABASE_URL": database_url,
        "DATABASE_MIN_CONNECTIONS": "1",
        "DATABASE_MAX_CONNECTIONS": "6",
        "DATABASE_ACQUIRE_TIMEOUT_SECS": "5",
        "ADMIN_API_TOKEN": ADMIN_TOKEN,
        "LOG_LEVEL": "error",
        "STORAGE_DIR": str(tmp_path / "files"),
    }
    return load_settings(defaults | environment)


@pytest.fixture
def services(io_loop: IOLoop, settings: Settings) -> Iterator[Services]:
    """Everything a process owns, open."""
    opened: Services = io_loop.run_sync(lambda: open_services(settings))
    yield opened
    io_loop.run_sync(lambda: close_services(opened))


@pytest.fixture
def database(services: Services) -> Database:
    """The open database of the server under test."""
    return services.database


@pytest.fixture
def app(services: Services) -> Application:
    """What pytest-tornado's `http_server` serves."""
    return make_app(services)


@pytest.fixture
def api(http_client: AsyncHTTPClient, base_url: str) -> Callable[[str], ApiClient]:
    """A function: user id -> a client of the Chat API that speaks as this user."""
    return lambda user_id: ApiClient(http_client, base_url, user_id=user_id)


@pytest.fixture
def host(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    """The host's backend: a client of the Management API."""
    return ApiClient(http_client, base_url, admin_token=ADMIN_TOKEN)
