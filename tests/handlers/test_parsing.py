"""What a request may hold and what it is told otherwise (contract 1.2, 1.4, 1.5, F37, F38)."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest
from marshmallow import EXCLUDE, Schema, fields
from tornado.httpclient import AsyncHTTPClient

from handlers.application import ChatApplication
from handlers.base import ApiHandler
from handlers.identity import open_to_all
from handlers.operation import operation
from handlers.parsing import MAX_NESTING
from handlers.routing import MAX_BODY_BYTES, MAX_DRAINED_BYTES
from mtchat.core.schemas.fields import QueryBoolean, QueryInteger, StrictBoolean, StrictInteger, WireUuid
from tests.support.clients import Answer, ApiClient
from tests.support.small_app import ask_raw, client_of, small_app

ID = "019c1f3a-52e0-7c41-9d6b-3f0a7be4d210"


class PersonIn(Schema):
    """Somebody."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True)


class BodyIn(Schema):
    """One field of each kind."""

    text = fields.String(required=True)
    number = StrictInteger(load_default=1, allow_none=True)
    flag = StrictBoolean(load_default=False)
    id = WireUuid(load_default=None, allow_none=True)
    people = fields.List(fields.Nested(PersonIn), load_default=list)
    anything = fields.Raw(load_default=None, allow_none=True)


class PageQuery(Schema):
    """One parameter of each kind."""

    limit = QueryInteger(load_default=50)
    archived = QueryBoolean(load_default=None)
    before = WireUuid(load_default=None)
    search = fields.String(load_default=None)


class EchoHandler(ApiHandler):
    """Gives back what was parsed."""

    @open_to_all
    @operation("Query", query=PageQuery)
    async def get(self, query: dict[str, Any]) -> None:
        self.answer(query)

    @open_to_all
    @operation("Body", body=BodyIn)
    async def post(self, body: dict[str, Any]) -> None:
        self.answer(body)

    @open_to_all
    async def delete(self) -> None:
        self.answer_empty(204)


class PinHandler(ApiHandler):
    """Takes no body."""

    @open_to_all
    async def post(self) -> None:
        self.answer_bare({"status": "pinned"})


@pytest.fixture
def app() -> ChatApplication:
    return small_app([("/echo", EchoHandler), ("/pin", PinHandler)])


@pytest.fixture
def anyone(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


async def post(client: ApiClient, raw: bytes, path: str = "/echo", **headers: str) -> Answer:
    return await client.call(
        "POST", path, raw=raw, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.host+json;v=1"],
)
async def test_json_by_any_of_its_names_is_read(anyone: ApiClient, content_type: str) -> None:
    answer = await post(anyone, b'{"text":"x"}', Content_Type=content_type)
    assert answer.data["text"] == "x"


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/jsonp", "text/json", "multipart/form-data", "x+json"]
)
async def test_another_content_type_is_415(anyone: ApiClient, content_type: str) -> None:
    assert (await post(anyone, b'{"text":"x"}', Content_Type=content_type)).error == (415, "BAD_REQUEST")


@pytest.mark.gen_test
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("body", [b"", b"{", b"a=%ff&b", b"\xff\x00"])
async def test_a_call_without_a_body_ignores_whatever_is_sent(
    anyone: ApiClient, content_type: str, body: bytes
) -> None:
    """1.2, Keep: the SDK names JSON on every request."""
    assert (await post(anyone, body, "/pin", Content_Type=content_type)).json == {"status": "pinned"}
    ignored = await anyone.call("DELETE", "/echo", raw=body, headers={"Content-Type": content_type})
    assert ignored.status == 204


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'text':'x'}",
        b'{"text":"x"}}',
        b'{"text":NaN}',
        b'{"text":Infinity}',
        b'{"text":"x","number":1e999}',
        b'{"text":"\\ud800"}',
        b'{"text":"\xff"}',
        b'{"text":"\xed\xa0\x80"}',
        b'{"text":"line\nbreak"}',
        b'\xef\xbb\xbf{"text":"x"}',
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"text":"x","anything":' + b"[" * (MAX_NESTING + 1) + b"]" * (MAX_NESTING + 1) + b"}",
        b'{"text":"x","anything":' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}",
    ],
)
async def test_what_is_not_json_or_nests_without_end_is_400(anyone: ApiClient, body: bytes) -> None:
    assert (await post(anyone, body)).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"text":"a\\u0000"}', "text"),
        (b'{"text":"x","people":[{"name":"\\u0000"}]}', "people[0].name"),
        (b'{"text":"x","anything":{"deep":[1,"\\u0000"]}}', "anything.deep[1]"),
        (b'{"text":"x","anything":{"a\\u0000":1}}', "anything"),
    ],
)
async def test_a_nul_character_is_refused_by_name(anyone: ApiClient, body: bytes, field: str) -> None:
    """F37."""
    answer = await post(anyone, body)
    assert answer.error == (400, "INVALID_INPUT")
    assert field in answer.json["error"]["message"]


@pytest.mark.gen_test
async def test_text_that_only_looks_like_a_nul_escape_is_kept(anyone: ApiClient) -> None:
    assert (await post(anyone, rb'{"text":"\\u0000"}')).data["text"] == r"\u0000"


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"[]", "Body: Invalid input type."),
        (b"null", "Body: Invalid input type."),
        (b'"text"', "Body: Invalid input type."),
        (b"{}", "Body: text is required"),
        (b'{"text":null}', "Body: text: Field may not be null."),
        (b'{"text":5}', "Body: text: Not a valid string."),
        (b'{"text":["x"]}', "Body: text: Not a valid string."),
        (b'{"text":"x","number":"5"}', "Body: number: Not a valid integer."),
        (b'{"text":"x","number":5.5}', "Body: number: Not a valid integer."),
        (b'{"text":"x","number":true}', "Body: number: Not a valid integer."),
        (b'{"text":"x","number":99999999999999999999}', "Body: number: Not a valid integer."),
        (b'{"text":"x","flag":"true"}', "Body: flag: Not a valid boolean."),
        (b'{"text":"x","flag":1}', "Body: flag: Not a valid boolean."),
        (b'{"text":"x","id":"5"}', "Body: id: Not a UUID."),
        (b'{"text":"x","people":null}', "Body: people: Field may not be null."),
        (b'{"text":"x","people":{}}', "Body: people: Not a valid list."),
        (b'{"text":"x","people":[1]}', "Body: people[0]: Invalid input type."),
        (b'{"text":"x","people":[{"name":"a"},{}]}', "Body: people[1].name is required"),
    ],
)
async def test_a_wrong_shape_is_422_and_names_the_field(anyone: ApiClient, body: bytes, sentence: str) -> None:
    answer = await post(anyone, body)
    assert answer.error == (422, "INVALID_INPUT")
    assert answer.json["error"]["message"] == sentence


@pytest.mark.gen_test
async def test_unknown_fields_are_ignored_and_the_last_of_two_equal_ones_counts(anyone: ApiClient) -> None:
    answer = await post(anyone, b'{"text":"x","text":"y","odd":{},"people":[{"name":"anna","age":5}],"number":null}')
    assert answer.data["text"] == "y"
    assert answer.data["number"] is None
    assert answer.data["people"] == [{"name": "anna"}]
    assert "odd" not in answer.data


@pytest.mark.gen_test
async def test_deep_data_within_reason_and_large_numbers_pass(anyone: ApiClient) -> None:
    nested = b"[" * 100 + b"1e300" + b"]" * 100
    assert (await post(anyone, b'{"text":"x","anything":' + nested + b"}")).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("", {"limit": 50, "archived": None, "before": None, "search": None}),
        ("limit=-5", {"limit": -5}),
        ("limit=%2B5", {"limit": 5}),
        ("archived=true", {"archived": True}),
        ("archived=false", {"archived": False}),
        (f"before={ID.upper()}", {"before": ID}),
        (f"before={ID.replace('-', '')}", {"before": ID}),
        ("search=", {"search": ""}),
        ("search=a+%26%20b", {"search": "a & b"}),
        ("search=a&search=b&odd=%ff", {"search": "a"}),
    ],
)
async def test_query_parameters_are_read_exactly(
    http_client: AsyncHTTPClient, base_url: str, query: str, parsed: dict[str, Any]
) -> None:
    answer = await ask_raw(http_client, f"{base_url}/echo?{query}")
    assert {name: answer.data[name] for name in parsed} == parsed


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "query",
    [
        "limit=",
        "limit=x",
        "limit=5.0",
        "limit=1e3",
        "limit=%205",
        "limit=1_0",
        "limit=%D9%A5",
        "limit=99999999999999999999",
        "archived=",
        "archived=1",
        "archived=True",
        "archived=yes",
        "before=",
        "before=5",
        f"before={ID}0",
        "search=%ff",
        "search=a%00b",
    ],
)
async def test_a_query_value_of_the_wrong_kind_is_400_and_names_the_parameter(
    http_client: AsyncHTTPClient, base_url: str, query: str
) -> None:
    answer = await ask_raw(http_client, f"{base_url}/echo?{query}")
    assert answer.error == (400, "BAD_REQUEST")
    assert query.partition("=")[0] in answer.json["error"]["message"]


# --- bodies over the limit


@pytest.mark.gen_test
async def test_a_body_of_exactly_the_limit_is_read(anyone: ApiClient) -> None:
    body = b'{"text":"' + b"x" * (MAX_BODY_BYTES - 11) + b'"}'
    assert len(body) == MAX_BODY_BYTES
    assert (await post(anyone, body)).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, MAX_DRAINED_BYTES])
@pytest.mark.parametrize("path", ["/echo", "/pin"])
async def test_a_body_over_the_limit_is_413_in_the_envelope(anyone: ApiClient, path: str, size: int) -> None:
    assert (await post(anyone, b"x" * size, path)).error == (413, "BAD_REQUEST")


async def _talk(base_url: str, *pieces: bytes) -> bytes:
    """Send pieces over a bare connection and return the start of the answer."""
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.readuntil(b"}}"), 5)
    finally:
        writer.close()


@pytest.mark.gen_test
async def test_a_body_that_comes_in_chunks_is_counted_too(http_client: AsyncHTTPClient, base_url: str) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    answer = await _talk(base_url, head, chunk * 33, b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"BAD_REQUEST"' in answer


@pytest.mark.gen_test
async def test_a_body_without_end_is_answered_while_it_is_still_coming(
    http_client: AsyncHTTPClient, base_url: str
) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n"
    assert (await _talk(base_url, head)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.gen_test
async def test_a_client_that_asks_first_is_told_before_it_sends(http_client: AsyncHTTPClient, base_url: str) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n"
    assert b" 413 " in await _talk(base_url, head)


@pytest.mark.gen_test
async def test_a_connection_serves_on_after_a_body_that_was_too_large(
    http_client: AsyncHTTPClient, base_url: str
) -> None:
    head = b"POST /pin HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    size = MAX_BODY_BYTES + 1
    writer.write(head % size + b"x" * size)
    refused = await reader.readuntil(b"}}")
    writer.write(head % 0)
    served = await reader.readuntil(b"}")
    writer.close()
    assert refused.startswith(b"HTTP/1.1 413 ")
    assert served.startswith(b"HTTP/1.1 200 ")
