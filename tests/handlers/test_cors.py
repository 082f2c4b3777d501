"""Which pages may call (contract 10.3, F18)."""

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers.application import ROUTES, ChatApplication
from handlers.cors import CorsPolicy
from mtchat.config.settings import load_settings
from tests.support.clients import ApiClient
from tests.support.small_app import client_of, small_app

PAGE = "https://app.example"
LISTED = {"CORS_ALLOWED_ORIGINS": f"{PAGE},https://other.example"}
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "Authorization, X-Own",
}


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


@pytest.fixture
def app(environment: dict[str, str]) -> ChatApplication:
    return small_app(ROUTES, environment)


@pytest.fixture
def page(environment: dict[str, str], http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


def with_settings(environment: dict[str, str]) -> pytest.MarkDecorator:
    """Run a test on a server configured so."""
    return pytest.mark.parametrize("environment", [environment], ids=[""])


@pytest.mark.gen_test
@with_settings({"RATE_LIMIT_ENABLED": "1", "RATE_LIMIT_BURST": "1", "RATE_LIMIT_RPS": "1"})
async def test_options_is_answered_everywhere_without_credentials_and_without_counting(page: ApiClient) -> None:
    statuses = set()
    for path in ("/", "/nowhere/at/all", "/api/v1/dialogs", "/api/v1/management/dialogs", "/health", "/api/v1/ws"):
        answer = await page.call("OPTIONS", path, headers=PREFLIGHT)
        statuses.add((answer.status, answer.body))
    assert statuses == {(200, b"")}


@pytest.mark.gen_test
async def test_a_preflight_names_what_the_sdk_needs_and_echoes_what_was_asked(page: ApiClient) -> None:
    headers = (await page.call("OPTIONS", "/api/v1/dialogs", headers=PREFLIGHT)).headers
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE, OPTIONS"
    assert headers["Access-Control-Allow-Headers"] == "authorization, content-type, x-scope-config, x-own"
    assert headers["Access-Control-Max-Age"] == "3600"
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.gen_test
@with_settings({"CORS_ALLOWED_HEADERS": "X-Own", "CORS_ALLOWED_METHODS": "*", "CORS_MAX_AGE": "60"})
async def test_listed_headers_come_on_top_of_those_that_are_always_needed(page: ApiClient) -> None:
    headers = (await page.call("OPTIONS", "/", headers=PREFLIGHT)).headers
    assert headers["Access-Control-Allow-Headers"] == "authorization, content-type, x-scope-config, x-own"
    assert headers["Access-Control-Allow-Methods"] == "PUT"
    assert headers["Access-Control-Max-Age"] == "60"


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/health", "/nowhere", "/api/v1/dialogs", "/api/v1/management/dialogs"])
async def test_every_answer_may_be_read_errors_included(page: ApiClient, path: str) -> None:
    answer = await page.call("GET", path, headers={"Origin": PAGE})
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Vary"] == "origin, access-control-request-method, access-control-request-headers"
    assert "Access-Control-Expose-Headers" not in answer.headers


@pytest.mark.gen_test
async def test_without_an_origin_the_wildcard_stays(page: ApiClient) -> None:
    assert (await page.get("/health")).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.gen_test
@with_settings(LISTED)
@pytest.mark.parametrize(("origin", "allowed"), [(PAGE, PAGE), ("https://evil.example", None), ("null", None)])
async def test_only_listed_origins_may_read_when_there_is_a_list(
    page: ApiClient, origin: str, allowed: str | None
) -> None:
    answer = await page.call("GET", "/health", headers={"Origin": origin})
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.gen_test
@with_settings({"CORS_ALLOW_CREDENTIALS": "true"})
async def test_credentials_with_wildcards_start_and_echo(page: ApiClient) -> None:
    """F18: the original exits here, and a browser refuses `*` together with credentials."""
    headers = (await page.call("OPTIONS", "/", headers=PREFLIGHT)).headers
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "*" not in headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("environment", "origin", "allowed"),
    [
        ({}, "https://anything.example", True),
        (LISTED, PAGE, True),
        (LISTED, "https://evil.example", False),
        (LISTED, None, True),
    ],
)
def test_a_socket_is_opened_from_listed_origins_and_by_programs(
    environment: dict[str, str], origin: str | None, allowed: bool
) -> None:
    assert CorsPolicy(load_settings(environment).cors).origin_allowed(origin) is allowed
