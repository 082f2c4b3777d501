"""Opening the live connection: who gets in, how, and what the others are told (contract 2.5; F2, F12, F29)."""

import asyncio
import base64
import time
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import urlsplit

import jwt
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from mtchat.core.services import Services
from tests.support.clients import Answer, ApiClient
from tests.support.fake_realtime import client_frame
from tests.support.fix_sockets import Connect

Api = Callable[[str], ApiClient]
Test = TypeVar("Test", bound=Callable[..., object])

JWT_SECRET = "a secret of the tests that is long enough for anybody"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
}


@pytest.fixture
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Variables of the server: a grace of no time, and those of `with_settings`."""
    return {"PRESENCE_GRACE_SECS": "0", **getattr(request, "param", {})}


def with_settings(**variables: str) -> Callable[[Test], Test]:
    """Run a test against a server with these variables."""

    def mark(test: Test) -> Test:
        chosen = pytest.mark.parametrize("environment", [variables], indirect=True, ids=[""])
        return cast(Test, pytest.mark.usefixtures("environment")(chosen(test)))

    return mark


jwt_on = with_settings(JWT_AUTH_ENABLED="true", JWT_SECRET=JWT_SECRET)


def token(**claims: object) -> str:
    return jwt.encode({"sub": "anna", **claims}, JWT_SECRET, algorithm="HS256")


async def ask(http: AsyncHTTPClient, base_url: str, query: str, headers: dict[str, str | None]) -> Answer:
    """Send a handshake as a plain request, to see how it is refused; a header of None is left out."""
    sent = {name: value for name, value in (UPGRADE | headers).items() if value is not None}
    request = HTTPRequest(f"{base_url}/api/v1/ws{query}", headers=sent, request_timeout=5)
    response = await http.fetch(request, raise_error=False)
    return Answer(response.code, response.headers, response.body)


@pytest.mark.parametrize(
    ("query", "headers", "refusal"),
    [
        pytest.param("?user_id=anna", {"Upgrade": None}, (400, "BAD_REQUEST"), id="no Upgrade"),
        pytest.param("?user_id=anna", {"Upgrade": "h2c"}, (400, "BAD_REQUEST"), id="another Upgrade"),
        pytest.param("?user_id=anna", {"Connection": "close"}, (400, "BAD_REQUEST"), id="no Connection: Upgrade"),
        pytest.param("?user_id=anna", {"Sec-WebSocket-Version": "8"}, (400, "BAD_REQUEST"), id="an old version"),
        pytest.param("?user_id=anna", {"Sec-WebSocket-Key": None}, (400, "BAD_REQUEST"), id="no key"),
        pytest.param("?user_id=anna", {"Sec-WebSocket-Key": "c2hvcnQ="}, (400, "BAD_REQUEST"), id="a short key"),
        pytest.param("", {}, (400, "BAD_REQUEST"), id="no user_id"),
        pytest.param("?user_id=", {}, (400, "BAD_REQUEST"), id="an empty user_id"),
        pytest.param("?user_id=" + "x" * 256, {}, (400, "INVALID_INPUT"), id="a long user_id"),
        pytest.param("?user_id=%ff", {}, (400, "BAD_REQUEST"), id="a user_id that is no text"),
    ],
)
@pytest.mark.gen_test
async def test_a_bad_handshake_is_refused_with_the_envelope_before_any_query(
    http_client: AsyncHTTPClient,
    base_url: str,
    services: Services,
    query: str,
    headers: dict[str, str | None],
    refusal: tuple[int, str],
) -> None:
    """F29, F63"""
    before = services.database.statements
    answer = await ask(http_client, base_url, query, headers)
    assert answer.error == refusal
    assert services.database.statements == before


@pytest.mark.gen_test
async def test_an_old_version_is_told_the_right_one(http_client: AsyncHTTPClient, base_url: str) -> None:
    answer = await ask(http_client, base_url, "?user_id=anna", {"Sec-WebSocket-Version": "8"})
    assert answer.headers["Sec-WebSocket-Version"] == "13"


@jwt_on
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("?user_id=anna", {}, id="a user_id alone"),
        pytest.param("?token=", {}, id="an empty token"),
        pytest.param("?token=abc", {}, id="no token at all"),
        pytest.param("?token=" + token(exp=int(time.time()) - 600), {}, id="an expired token"),
        pytest.param("", {"Sec-WebSocket-Protocol": "mtchat.v1"}, id="the protocol without a token"),
        pytest.param("", {"Sec-WebSocket-Protocol": "mtchat.v1, bearer.abc"}, id="a bad token in the protocol"),
    ],
)
@pytest.mark.gen_test
async def test_bad_credentials_are_401(
    http_client: AsyncHTTPClient, base_url: str, services: Services, query: str, headers: dict[str, str | None]
) -> None:
    """F2, F29"""
    before = services.database.statements
    answer = await ask(http_client, base_url, query, headers)
    assert answer.error == (401, "UNAUTHORIZED")
    assert services.database.statements == before


@jwt_on
@pytest.mark.gen_test
async def test_missing_upgrade_headers_come_before_bad_credentials(http_client: AsyncHTTPClient, base_url: str) -> None:
    """Contract 2.5"""
    assert (await ask(http_client, base_url, "", {"Upgrade": None})).status == 400


@jwt_on
@pytest.mark.gen_test
async def test_the_token_of_the_query_is_the_caller(connect: Connect) -> None:
    socket = await connect(token=token(), wait=False)
    assert (await socket.next())["employee_id"] == "anna"


@jwt_on
@pytest.mark.parametrize("before", ["mtchat.v1, bearer.", "bearer, "])
@pytest.mark.gen_test
async def test_a_token_may_come_as_a_subprotocol_and_only_the_first_one_is_answered(
    connect: Connect, before: str
) -> None:
    """F12: no token in an address"""
    offered = f"{before}{token()}".split(", ")
    socket = await connect(protocols=offered, wait=False)
    assert (await socket.next())["employee_id"] == "anna"
    assert socket.protocol == offered[0]


@with_settings(CORS_ALLOWED_ORIGINS="https://shop.example")
@pytest.mark.gen_test
async def test_only_listed_pages_and_our_own_may_connect(
    http_client: AsyncHTTPClient, base_url: str, connect: Connect
) -> None:
    foreign = await ask(http_client, base_url, "?user_id=anna", {"Origin": "https://evil.example"})
    assert foreign.error == (403, "FORBIDDEN")
    await connect("anna", headers={"Origin": "https://shop.example"})
    await connect("anna", headers={"Origin": base_url})


@with_settings(RATE_LIMIT_ENABLED="true", RATE_LIMIT_HANDSHAKES_PER_MINUTE="2")
@pytest.mark.gen_test
async def test_too_many_handshakes_of_one_user_are_429_before_any_query(connect: Connect, services: Services) -> None:
    """F29"""
    await connect("anna")
    await connect("anna")
    before = services.database.statements
    with pytest.raises(HTTPClientError) as refused:
        await connect("anna")
    assert services.database.statements == before
    assert refused.value.code == 429
    assert refused.value.response is not None
    assert int(refused.value.response.headers["Retry-After"]) >= 1
    await connect("boris")


@with_settings(RATE_LIMIT_ENABLED="true", RATE_LIMIT_HANDSHAKES_PER_MINUTE="1")
@pytest.mark.gen_test
async def test_too_many_handshakes_of_one_address_are_429_before_any_query(
    http_client: AsyncHTTPClient, base_url: str, services: Services
) -> None:
    """F29: whoever they say they are, and before a token is even looked at."""
    before = services.database.statements
    answers = [await ask(http_client, base_url, "?user_id=%ff", {}) for _ in range(11)]
    assert [answer.status for answer in answers] == [400] * 10 + [429]
    assert services.database.statements == before


@pytest.mark.gen_test
async def test_a_process_that_stops_takes_no_sockets(connect: Connect, services: Services) -> None:
    services.hub.drain()
    with pytest.raises(HTTPClientError) as refused:
        await connect("anna")
    assert refused.value.code == 503


@pytest.mark.gen_test
async def test_connected_comes_first_and_tells_that_resume_is_there(connect: Connect) -> None:
    socket = await connect("anna b+c", wait=False)
    assert await socket.next() == {"type": "connected", "employee_id": "anna b+c", "resume": True}


@pytest.mark.gen_test
async def test_frames_sent_right_behind_the_handshake_are_heard(http_client: AsyncHTTPClient, base_url: str) -> None:
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
    request = f"GET /api/v1/ws?user_id=anna HTTP/1.1\r\nHost: {address.netloc}\r\n{head}\r\n".encode()
    writer.write(request + client_frame(1, b'{"type":"ping"}'))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    assert b'{"type":"pong"}' in await reader.readuntil(b'"pong"}')
    writer.close()
    await writer.wait_closed()
