"""What every answer has in common: shapes, headers, the error envelope, the order of checks (contract 1, F63, F64)."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest
from marshmallow import Schema, fields
from structlog.testing import capture_logs
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer

from handlers.application import ChatApplication
from handlers.base import ApiHandler
from handlers.identity import admin_required, open_to_all, user_required
from handlers.operation import operation
from mtchat.core.errors import BadRequest, DialogNotFound, Unavailable
from mtchat.core.schemas.fields import QueryInteger
from tests.support.clients import ApiClient
from tests.support.small_app import ADMIN_TOKEN, client_of, small_app

DIALOG_ID = "019c1f3a-52e0-7c41-9d6b-3f0a7be4d210"


class ShapesHandler(ApiHandler):
    """Answers in each of the shapes."""

    @open_to_all
    async def get(self, shape: str) -> None:
        match shape:
            case "data":
                self.answer({"name": "anna"})
            case "null":
                self.answer(None)
            case "raw":
                self.answer_raw(b'[{"from":"database"}]')
            case "bare":
                self.answer_bare({"status": "left"})
            case "added":
                self.answer_empty(201)
            case _:
                self.answer_empty(204)


class FailuresHandler(ApiHandler):
    """Fails in each of the ways."""

    @open_to_all
    async def get(self, failure: str) -> None:
        match failure:
            case "known":
                raise DialogNotFound("There is no such dialog")
            case "away":
                raise Unavailable("The database is away", retry_after_secs=3)
            case "called-off":
                waited = asyncio.get_running_loop().create_future()
                waited.cancel()
                await waited
            case _:
                raise KeyError("a secret of the program")


class SlowHandler(ApiHandler):
    """Takes longer than anybody waits."""

    entered = asyncio.Event()

    @open_to_all
    async def get(self) -> None:
        self.entered.set()
        await asyncio.sleep(60)


class LeftHandler(ApiHandler):
    """Answers when it is told to."""

    entered = asyncio.Event()
    go_on = asyncio.Event()

    @open_to_all
    async def get(self) -> None:
        self.entered.set()
        await self.go_on.wait()
        self.answer("too late")


class LimitQuery(Schema):
    """A query with a number."""

    limit = QueryInteger(load_default=50)


class BodyIn(Schema):
    """A body with a text."""

    text = fields.String(required=True)


class OrderedHandler(ApiHandler):
    """Fails each check that the request lets it reach."""

    @user_required(scopes="required")
    @operation("Checks", query=LimitQuery, body=BodyIn)
    async def post(self, dialog_id: str, query: dict[str, Any], body: dict[str, Any]) -> None:
        raise BadRequest(f"reached {dialog_id}")


class AdminHandler(ApiHandler):
    """Of the host."""

    @admin_required
    async def get(self, user_id: str) -> None:
        self.answer({"user_id": user_id})


class SearchHandler(ApiHandler):
    """A static address beside an id."""

    @open_to_all
    async def get(self) -> None:
        self.answer("search")


class DialogHandler(ApiHandler):
    """One dialog."""

    @open_to_all
    async def get(self, dialog_id: str) -> None:
        self.answer(dialog_id)


ROUTES = [
    ("/shapes/{shape}", ShapesHandler),
    ("/failures/{failure}", FailuresHandler),
    ("/slow", SlowHandler),
    ("/left", LeftHandler),
    ("/ordered/{dialog_id}", OrderedHandler),
    ("/people/{user_id}", AdminHandler),
    ("/dialogs/{dialog_id}", DialogHandler),
    ("/dialogs/search", SearchHandler),
]


@pytest.fixture
def app() -> ChatApplication:
    return small_app(ROUTES, {"REQUEST_TIMEOUT_SECS": "1"})


@pytest.fixture
def anyone(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


@pytest.fixture
def host(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url, admin_token=ADMIN_TOKEN)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("shape", "status", "body"),
    [
        ("data", 200, b'{"data":{"name":"anna"}}'),
        ("null", 200, b'{"data":null}'),
        ("raw", 200, b'{"data":[{"from":"database"}]}'),
        ("bare", 200, b'{"status":"left"}'),
        ("added", 201, b""),
        ("gone", 204, b""),
    ],
)
async def test_each_shape_of_answer_is_written_as_the_contract_says(
    anyone: ApiClient, shape: str, status: int, body: bytes
) -> None:
    answer = await anyone.get(f"/shapes/{shape}")
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.gen_test
async def test_an_answer_carries_json_and_nothing_for_caches(anyone: ApiClient) -> None:
    answer = await anyone.get("/shapes/data")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("Server", "Etag", "Cache-Control", "Expires", "Last-Modified", "X-Request-Id", "Content-Encoding"):
        assert name not in answer.headers


@pytest.mark.gen_test
async def test_an_answer_is_never_not_modified(anyone: ApiClient) -> None:
    answer = await anyone.call("GET", "/shapes/data", headers={"If-None-Match": "*"})
    assert answer.status == 200


@pytest.mark.gen_test
async def test_a_get_address_answers_head_without_a_body(anyone: ApiClient) -> None:
    answer = await anyone.call("HEAD", "/shapes/data")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(b'{"data":{"name":"anna"}}'))


@pytest.mark.gen_test
async def test_a_known_failure_is_the_envelope_with_its_code(anyone: ApiClient) -> None:
    answer = await anyone.get("/failures/known")
    assert answer.status == 404
    assert answer.json == {"error": {"code": "DIALOG_NOT_FOUND", "message": "There is no such dialog"}}


@pytest.mark.gen_test
async def test_an_unexpected_failure_says_nothing_about_its_cause_but_is_logged(anyone: ApiClient) -> None:
    with capture_logs() as lines:
        answer = await anyone.get("/failures/odd", user_id="anna", secret="in the query")
    assert answer.error == (500, "INTERNAL_ERROR")
    assert "secret" not in answer.body.decode()
    assert [line["log_level"] for line in lines] == ["error"]
    assert "in the query" not in repr(lines)
    assert lines[0]["route"] == "/failures/{failure}"


@pytest.mark.gen_test
async def test_what_the_caller_did_wrong_is_not_logged(anyone: ApiClient) -> None:
    with capture_logs() as lines:
        await anyone.get("/failures/known")
        await anyone.get("/nowhere")
    assert lines == []


@pytest.mark.gen_test
async def test_something_being_away_says_when_to_come_back(anyone: ApiClient) -> None:
    answer = await anyone.get("/failures/away")
    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "3"


@pytest.mark.gen_test
async def test_a_request_over_its_time_is_given_up_with_503(anyone: ApiClient, app: ChatApplication) -> None:
    """F64."""
    answer = await anyone.get("/slow")
    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "1"
    assert app.in_flight == 0


@pytest.mark.gen_test
async def test_draining_waits_for_requests_that_are_being_worked_on(anyone: ApiClient, app: ChatApplication) -> None:
    """F62."""
    SlowHandler.entered = asyncio.Event()
    slow = asyncio.ensure_future(anyone.get("/slow"))
    await SlowHandler.entered.wait()
    assert not await app.drain(0.01)
    assert await app.drain(10)
    assert (await slow).status == 503
    assert await app.drain(0)


@pytest.mark.gen_test
async def test_a_stopped_process_begins_no_request_so_that_it_may_be_repeated_elsewhere(
    app: ChatApplication, http_server: HTTPServer, base_url: str
) -> None:
    """F62, P2: the client of an open connection gets no answer, and nothing has been done."""
    LeftHandler.entered, LeftHandler.go_on = asyncio.Event(), asyncio.Event()
    LeftHandler.go_on.set()
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    request = b"GET /left HTTP/1.1\r\nHost: x\r\n\r\n"
    writer.write(request)
    await LeftHandler.entered.wait()
    await reader.readuntil(b"\r\n\r\n")
    LeftHandler.entered.clear()
    assert await app.drain(5)
    writer.write(request)
    for _ in range(50):
        await asyncio.sleep(0)
    await http_server.close_all_connections()
    assert b"HTTP/1.1" not in await reader.read()
    assert not LeftHandler.entered.is_set()
    writer.close()


@pytest.mark.gen_test
async def test_work_that_is_called_off_by_a_stopping_process_is_503(anyone: ApiClient) -> None:
    """F62."""
    assert (await anyone.get("/failures/called-off")).error == (503, "SERVICE_UNAVAILABLE")


@pytest.mark.gen_test
async def test_a_client_that_goes_away_leaves_nothing_behind(
    anyone: ApiClient, app: ChatApplication, base_url: str
) -> None:
    LeftHandler.entered, LeftHandler.go_on = asyncio.Event(), asyncio.Event()
    address = urlsplit(base_url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"GET /left HTTP/1.1\r\nHost: x\r\n\r\n")
    await LeftHandler.entered.wait()
    writer.close()
    await writer.wait_closed()
    with capture_logs() as lines:
        LeftHandler.go_on.set()
        assert await app.drain(5)
    assert lines == []


@pytest.mark.gen_test
async def test_a_query_of_too_many_parameters_is_told_so(anyone: ApiClient) -> None:
    answer = await anyone.get(f"/shapes/data?{'a=1&' * 2_000}")
    assert answer.error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/dialogs", "/dialogs/", "/shapes/data/", "/shapes//", "//shapes/data"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_address_that_does_not_exist_is_404_whoever_asks(anyone: ApiClient, path: str, method: str) -> None:
    assert (await anyone.call(method, path, raw=b"{")).error == (404, "NOT_FOUND")


@pytest.mark.gen_test
async def test_a_wrong_method_names_the_right_ones(anyone: ApiClient) -> None:
    answer = await anyone.call("DELETE", "/shapes/data")
    assert answer.error == (405, "BAD_REQUEST")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.gen_test
async def test_a_wrong_method_is_told_only_to_those_who_may_call(anyone: ApiClient, host: ApiClient) -> None:
    assert (await anyone.call("PUT", "/people/anna", raw=b"")).error == (401, "UNAUTHORIZED")
    assert (await host.call("PUT", "/people/anna", raw=b"")).error == (405, "BAD_REQUEST")


@pytest.mark.gen_test
@pytest.mark.parametrize("method", ["PATCH", "PROPFIND", "TRACE"])
async def test_a_method_nobody_has_is_405(anyone: ApiClient, method: str) -> None:
    assert (await anyone.call(method, "/shapes/data", raw=b"")).error == (405, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_a_static_segment_wins_over_an_id(anyone: ApiClient) -> None:
    assert (await anyone.get("/dialogs/search")).data == "search"


@pytest.mark.gen_test
@pytest.mark.parametrize("written", [DIALOG_ID, DIALOG_ID.upper(), DIALOG_ID.replace("-", "")])
async def test_an_id_of_ours_arrives_in_its_normal_form(anyone: ApiClient, written: str) -> None:
    assert (await anyone.get(f"/dialogs/{written}")).data == DIALOG_ID


@pytest.mark.gen_test
@pytest.mark.parametrize("wrong", ["5", DIALOG_ID[:-1], f"{{{DIALOG_ID}}}", f"urn:uuid:{DIALOG_ID}", "%00", "%ff", "é"])
async def test_an_id_that_is_no_uuid_is_refused(anyone: ApiClient, wrong: str) -> None:
    assert (await anyone.get(f"/dialogs/{wrong}")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("written", "meant"),
    [("a%2Fb", "a/b"), ("a+b", "a+b"), ("%D0%AF%20", "Я "), ("..%2F", "../"), ("%25", "%"), ("%zz", "%zz")],
)
async def test_a_segment_is_percent_decoded_after_the_path_is_split(host: ApiClient, written: str, meant: str) -> None:
    assert (await host.get(f"/people/{written}")).data == {"user_id": meant}


@pytest.mark.gen_test
@pytest.mark.parametrize("written", ["%ff", "a%00b"])
async def test_a_segment_that_is_no_text_is_refused(host: ApiClient, written: str) -> None:
    assert (await host.get(f"/people/{written}")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_checks_come_in_the_order_of_the_contract(anyone: ApiClient) -> None:
    """1.4: user_id, X-Scope-Config, path ids, query, body shape, then the rest."""
    broken: dict[str, Any] = {
        "path": "/ordered/5",
        "query": {"limit": "x"},
        "headers": {"X-Scope-Config": "!"},
        "raw": b"[",
    }
    told = []
    for mended in (
        {},
        {"query": {"limit": "x", "user_id": "anna"}},
        {"headers": {"X-Scope-Config": "e30="}},
        {"path": f"/ordered/{DIALOG_ID}"},
        {"query": {"user_id": "anna"}},
        {"raw": b"{}"},
        {"raw": b'{"text":"x"}'},
    ):
        broken |= mended
        answer = await anyone.call("POST", **broken)
        told.append((answer.status, answer.json["error"]["message"].split()[0:3]))
    assert told == [
        (400, ["The", "query", "parameter"]),
        (400, ["X-Scope-Config", "must", "be"]),
        (400, ["dialog_id", "in", "the"]),
        (400, ["Query", "parameter", "limit:"]),
        (400, ["The", "body", "is"]),
        (422, ["Body:", "text", "is"]),
        (400, ["reached", DIALOG_ID]),
    ]
