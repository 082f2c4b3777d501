"""The OpenAPI document says everything the server does, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from marshmallow import Schema
from marshmallow.fields import Field
from tornado.httpclient import AsyncHTTPClient

from handlers.application import ROUTES, ChatApplication
from handlers.docs import groups_of
from handlers.openapi import TAGS, build_document, described_methods, document_bytes, errors_of
from handlers.operation import Bare, Data, Operation
from mtchat.core.errors import ChatError
from tests.support.small_app import client_of, small_app

CHECKED_IN = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT: dict[str, Any] = build_document(ROUTES)

METHODS = [
    pytest.param(template, name, handler, method, described, id=f"{name.upper()} {template}")
    for template, handler in ROUTES
    for name, method, described in described_methods(handler)
]
each_method = pytest.mark.parametrize(("template", "name", "handler", "method", "described"), METHODS)


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = DOCUMENT
        for key in part["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        part = found
    return part


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _fields(schema: type[Schema]) -> dict[str, Field[Any]]:
    return {field.data_key or name: field for name, field in schema().fields.items()}


def test_the_document_in_the_repository_is_the_one_the_routes_make() -> None:
    """When this fails: `mtchat openapi --output docs/openapi.json`, and read the difference."""
    assert CHECKED_IN.read_bytes() == document_bytes(ROUTES)


def test_it_is_an_openapi_3_1_document_whose_references_lead_somewhere() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert all(_resolved({"$ref": reference}) for reference in _references(DOCUMENT))


def test_its_addresses_are_those_of_the_server() -> None:
    documented = {
        (name, template) for template, item in DOCUMENT["paths"].items() for name in item if name != "parameters"
    }
    assert documented == {(param.values[1], param.values[0]) for param in METHODS}


@each_method
def test_every_status_and_code_is_documented(
    template: str, name: str, handler: Any, method: Any, described: Operation
) -> None:
    responses = DOCUMENT["paths"][template][name]["responses"]
    assert set(responses) == {
        str(described.status),
        *(str(status) for status in described.also),
        *(str(error.status) for error in errors_of(template, handler, method)),
    }
    for error in errors_of(template, handler, method):
        if error.status in described.also:
            continue
        content = _resolved(responses[str(error.status)])["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorOut"}
        assert content["examples"][error.code]["value"]["error"]["code"] == error.code


@each_method
def test_every_field_of_bodies_queries_and_answers_is_documented(
    template: str, name: str, handler: Any, method: Any, described: Operation
) -> None:
    content = DOCUMENT["paths"][template][name]
    if described.query is not None:
        asked = {parameter["name"] for parameter in content["parameters"] if parameter["in"] == "query"}
        assert asked == set(_fields(described.query))
    if described.body is not None:
        _check_fields(described.body, content["requestBody"]["content"]["application/json"]["schema"])
    if isinstance(described.answer, Data | Bare):
        schema = content["responses"][str(described.status)]["content"]["application/json"]["schema"]
        if isinstance(described.answer, Data):
            schema = schema["properties"]["data"]
            schema = schema.get("anyOf", [schema])[0]
            schema = schema.get("items", schema)
        _check_fields(described.answer.schema, schema)


def _check_fields(schema: type[Schema], documented: dict[str, Any]) -> None:
    found, expected = _resolved(documented), _fields(schema)
    assert set(found["properties"]) == set(expected)
    assert set(found.get("required", [])) == {name for name, field in expected.items() if field.required}
    assert found["description"]


@each_method
def test_every_operation_has_a_summary_a_known_tag_and_examples_that_are_right(
    template: str, name: str, handler: Any, method: Any, described: Operation
) -> None:
    content = DOCUMENT["paths"][template][name]
    assert content["summary"]
    assert content["tags"]
    assert set(content["tags"]) <= set(TAGS)
    bodies = [content["requestBody"], *content["responses"].values()] if "requestBody" in content else []
    for body in bodies or content["responses"].values():
        for media in _resolved(body).get("content", {}).values():
            _check_examples(media)


def _check_examples(media: dict[str, Any]) -> None:
    examples = [example["value"] for example in media.get("examples", {}).values()]
    if "example" in media:
        examples.append(media["example"])
    schema = {**media["schema"], "components": DOCUMENT["components"]}
    for example in examples:
        jsonschema_rs.validate(schema, example)


def test_every_operation_has_its_own_id() -> None:
    ids = [
        content["operationId"]
        for item in DOCUMENT["paths"].values()
        for name, content in item.items()
        if name != "parameters"
    ]
    assert len(ids) == len(set(ids))


def test_every_code_of_ours_is_in_the_envelope() -> None:
    def codes(error: type[ChatError]) -> set[str]:
        return {error.code}.union(*(codes(child) for child in error.__subclasses__()))

    documented = DOCUMENT["components"]["schemas"]["ErrorBodyOut"]["properties"]["code"]["enum"]
    assert set(documented) == codes(ChatError)


@pytest.fixture
def app() -> ChatApplication:
    return small_app(ROUTES)


@pytest.mark.gen_test
async def test_the_server_hands_it_out(http_client: AsyncHTTPClient, base_url: str) -> None:
    answer = await client_of(http_client, base_url).get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert orjson.loads(answer.body) == DOCUMENT


@pytest.mark.gen_test
async def test_the_page_for_people_shows_every_operation_and_loads_nothing_from_elsewhere(
    http_client: AsyncHTTPClient, base_url: str
) -> None:
    client = client_of(http_client, base_url)
    answer = await client.get("/api/docs")
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert all(f'id="{entry["operationId"]}"' in text for group in groups_of(DOCUMENT) for entry in group["operations"])
    assert "<script" not in text
    assert "//" not in text.replace("https://host.example", "").replace("http://", "").replace("https://", "")
    style = await client.get("/api/docs/style.css")
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "url(" not in style.body.decode()
