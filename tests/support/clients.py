"""A small HTTP client for the tests: builds what the SDK and a host's backend send, and returns plain answers."""

import base64
from dataclasses import dataclass
from typing import Any

import orjson
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders, url_concat

Scopes = dict[str, list[str]]


@dataclass(frozen=True)
class Answer:
    """Status, headers and parsed body of one answer; `json` is None for an empty body."""

    status: int
    headers: HTTPHeaders
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None

    @property
    def data(self) -> Any:
        """What is inside the `data` envelope; fails with the whole answer when there is none."""
        assert "data" in (self.json or {}), (self.status, self.body)
        return self.json["data"]

    @property
    def error(self) -> tuple[int, str]:
        """Status and code of an error envelope; fails when it is not one."""
        assert set(self.json or {}) == {"error"}, (self.status, self.body)
        assert set(self.json["error"]) == {"code", "message"}, self.json
        return self.status, self.json["error"]["code"]


def scope_header(scopes: Scopes) -> str:
    """Encode an X-Scope-Config header."""
    return base64.b64encode(orjson.dumps(scopes)).decode()


class ApiClient:
    """Calls either API as one caller: a chat user (`user_id`, `scopes`, `token`) or the host (`admin_token`)."""

    def __init__(
        self,
        http: AsyncHTTPClient,
        base_url: str,
        *,
        user_id: str | None = None,
        scopes: Scopes | None = None,
        token: str | None = None,
        admin_token: str | None = None,
    ) -> None:
        self.http = http
        self.base_url = base_url
        self.user_id = user_id
        self.scopes = scopes
        self.token = token or admin_token
        self.root = "/api/v1/management" if admin_token else "/api/v1"

    def with_scopes(self, **levels: list[str]) -> "ApiClient":
        """The same caller with an X-Scope-Config header; with no levels the header is `{}`."""
        return ApiClient(self.http, self.base_url, user_id=self.user_id, scopes=levels, token=self.token)

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.call("GET", path, query=query)

    async def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any) -> Answer:
        return await self.call("POST", path, body=body, query=query, headers=headers)

    async def put(self, path: str, body: Any = None, **query: Any) -> Answer:
        return await self.call("PUT", path, body=body, query=query)

    async def delete(self, path: str, **query: Any) -> Answer:
        return await self.call("DELETE", path, query=query)

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        raw: bytes | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request; `path` is relative to the API's root. `raw` is sent as it is, `body` as JSON."""
        sent = {"Content-Type": "application/json"}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.scopes is not None:
            sent["X-Scope-Config"] = scope_header(self.scopes)
        sent |= headers or {}
        asked = dict(query or {})
        if self.user_id is not None:
            asked.setdefault("user_id", self.user_id)
        content = raw if raw is not None else (b"" if body is None else orjson.dumps(body))
        request = HTTPRequest(
            url_concat(self.base_url + self.root + path, asked),
            method=method,
            headers=sent,
            body=content if method in ("POST", "PUT", "PATCH") or content else None,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            request_timeout=20,
        )
        response = await self.http.fetch(request, raise_error=False)
        return Answer(response.code, response.headers, response.body)
