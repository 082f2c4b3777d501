"""One envelope for every kind of failure, at every address (contract 1.4, F63)."""

from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers.application import ROUTES, ChatApplication
from handlers.base import UUID_PARAMETERS, ApiHandler
from handlers.identity import Access, access_of
from handlers.openapi import described_methods
from handlers.operation import Operation
from tests.support.clients import Answer, ApiClient
from tests.support.small_app import ADMIN_TOKEN, client_of, small_app

ID = "019c1f3a-52e0-7c41-9d6b-3f0a7be4d210"
JWT_ON = {"JWT_AUTH_ENABLED": "1", "JWT_SECRET": "x" * 32}

METHODS = [
    pytest.param(template, name.upper(), access_of(method), described, id=f"{name.upper()} {template}")
    for template, handler in ROUTES
    if issubclass(handler, ApiHandler)
    for name, method, described in described_methods(handler)
]


def _methods(*kinds: str, **needs: bool) -> list[Any]:
    """Those of some access, that have a body, a query or an id of ours in the path."""

    def fits(param: Any) -> bool:
        template, _, access, described = param.values
        has = {
            "body": described.body is not None,
            "query": described.query is not None,
            "path": any(f"{{{name}}}" in template for name in UUID_PARAMETERS),
        }
        return access.kind in kinds and all(has[name] == wanted for name, wanted in needs.items())

    return [param for param in METHODS if fits(param)]


def each(params: list[Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("template", "method", "access", "described"), params)


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


@pytest.fixture
def app(environment: dict[str, str]) -> ChatApplication:
    return small_app(ROUTES, environment)


@pytest.fixture
def anyone(environment: dict[str, str], http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


def _path(template: str, dialog_id: str = ID) -> str:
    for name in UUID_PARAMETERS:
        template = template.replace(f"{{{name}}}", dialog_id)
    return template.replace("{object_type}", "order").replace("{object_id}", "5").replace("{user_id}", "anna")


async def _call(client: ApiClient, method: str, path: str, access: Access, **more: Any) -> Answer:
    """Call with credentials that are good."""
    headers = more.pop("headers", {})
    query = more.pop("query", {})
    if access.kind == "admin":
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"} | headers
    if access.kind == "user":
        query = {"user_id": "anna"} | query
        headers = {"X-Scope-Config": "e30="} | headers
    return await client.call(method, path, headers=headers, query=query, **more)


@pytest.mark.gen_test
@each(_methods("admin"))
async def test_without_an_admin_token(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    path = _path(template)
    assert (await anyone.call(method, path)).error == (401, "UNAUTHORIZED")
    assert (await anyone.call(method, path, headers={"Authorization": "Bearer x"})).error == (403, "FORBIDDEN")


@pytest.mark.gen_test
@each(_methods("user"))
@pytest.mark.parametrize("environment", [JWT_ON], ids=[""])
async def test_without_a_token(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    answer = await anyone.call(method, _path(template), query={"user_id": "anna"})
    assert answer.error == (401, "UNAUTHORIZED")


@pytest.mark.gen_test
@each(_methods("user"))
async def test_without_a_user(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    assert (await anyone.call(method, _path(template))).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@each([param for param in _methods("user") if param.values[2].scopes])
async def test_with_broken_scopes(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    answer = await _call(anyone, method, _path(template), access, headers={"X-Scope-Config": "?"})
    assert answer.error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@each(_methods("user", "admin", path=True))
async def test_with_an_id_that_is_none(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    assert (await _call(anyone, method, _path(template, "5"), access)).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@each(_methods("user", "admin", body=True))
async def test_with_a_body_that_is_none(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    path = _path(template)
    untyped = await _call(anyone, method, path, access, raw=b"{}", headers={"Content-Type": "text/plain"})
    assert untyped.error == (415, "BAD_REQUEST")
    assert (await _call(anyone, method, path, access, raw=b"{")).error == (400, "BAD_REQUEST")
    assert (await _call(anyone, method, path, access, raw=b"[]")).error == (422, "INVALID_INPUT")
    assert described.body is not None
    if any(field.required for field in described.body().fields.values()):
        assert (await _call(anyone, method, path, access, raw=b"{}")).error == (422, "INVALID_INPUT")
    assert (await _call(anyone, method, path, access, raw=b" " * 2_097_153)).error == (413, "BAD_REQUEST")


@pytest.mark.gen_test
@each(METHODS)
async def test_with_a_method_it_does_not_have(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    answer = await _call(anyone, "PATCH", _path(template), access, raw=b"")
    assert answer.error == (405, "BAD_REQUEST")
    assert method in answer.headers["Allow"].split(", ")


@pytest.mark.gen_test
@each(METHODS)
async def test_with_a_slash_too_many(
    anyone: ApiClient, template: str, method: str, access: Access, described: Operation
) -> None:
    assert (await anyone.call(method, _path(template) + "/")).error == (404, "NOT_FOUND")


@pytest.mark.gen_test
@each([param for param in METHODS if not str(param.values[0]).startswith(("/health", "/metrics", "/files/"))])
@pytest.mark.parametrize(
    "environment", [{"RATE_LIMIT_ENABLED": "1", "RATE_LIMIT_RPS": "1", "RATE_LIMIT_BURST": "1"}], ids=[""]
)
async def test_too_often(anyone: ApiClient, template: str, method: str, access: Access, described: Operation) -> None:
    path = _path(template)
    await _call(anyone, "PATCH", path, access, raw=b"")
    answer = await _call(anyone, "PATCH", path, access, raw=b"")
    assert answer.error == (429, "RATE_LIMIT_EXCEEDED")
    assert answer.headers["Retry-After"] == "1"
