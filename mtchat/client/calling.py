"""One request over HTTP: who asks, what is worth repeating, and what an answer means."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
import orjson

from mtchat.client.backoff import Backoff
from mtchat.client.errors import RefusedError, UnreachableError

# A token, or what gets a fresh one: called before each request and each connection.
Token = str | Callable[[], Awaitable[str]]

TIMEOUT_SECS: Final = 20.0
ATTEMPTS: Final = 6
# Nobody has worked on the request, or nobody knows: a repeat is right if the request can be repeated at all.
_AGAIN: Final = frozenset({502, 503, 504})


class Caller:
    """Asks one API of one service. Use as `async with`, or call `close`."""

    root = "/api/v1"

    def __init__(
        self,
        base_url: str,
        *,
        token: Token | None = None,
        attempts: int = ATTEMPTS,
        timeout_secs: float = TIMEOUT_SECS,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """attempts: how often a request that may be repeated is tried. http: a client to use; it is not closed here."""
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._attempts = attempts
        self._http = http or httpx.AsyncClient(timeout=timeout_secs)
        self._owns_http = http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def token(self) -> str | None:
        """Return the token to show now."""
        return await self._token() if callable(self._token) else self._token

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Any:
        """Send one request and return what it answers, without the `data` around it; None for an empty answer.

        repeatable: whether doing it twice is the same as doing it once. Raises RefusedError, UnreachableError.
        """
        backoff = Backoff()
        for attempt in range(1, self._attempts + 1):
            at_least = 0.0
            try:
                response = await self._send(method, path, body, query, headers)
            except httpx.ConnectError as error:
                # Nothing was sent: this may be repeated whatever it is.
                failure: Exception = error
            except httpx.TransportError as error:
                failure = error
                if not repeatable:
                    raise UnreachableError(_words(error)) from error
            else:
                again = (response.status_code in _AGAIN and repeatable) or response.status_code == 429
                if not again:
                    return _answer(response)
                failure = _refusal(response)
                at_least = _retry_after(response)
            if attempt < self._attempts:
                await asyncio.sleep(backoff.next(at_least))
        if isinstance(failure, RefusedError) and failure.status == 429:
            raise failure
        raise UnreachableError(_words(failure)) from failure

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        sent = dict(headers or {})
        token = await self.token()
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        return await self._http.request(
            method,
            self.base_url + self.root + path,
            params={name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()},
            headers=sent,
            content=None if body is None else orjson.dumps(body),
        )


def scope_header(scopes: Mapping[str, list[str]]) -> str:
    """Return the value of X-Scope-Config for these scopes."""
    return base64.b64encode(orjson.dumps(dict(scopes))).decode()


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        raise _refusal(response)
    if not response.content:
        return None
    found = orjson.loads(response.content)
    return found["data"] if isinstance(found, dict) and found.keys() == {"data"} else found


def _refusal(response: httpx.Response) -> RefusedError:
    try:
        error = orjson.loads(response.content)["error"]
        return RefusedError(response.status_code, error["code"], error["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        # A proxy's own page.
        return RefusedError(response.status_code, "HTTP_ERROR", response.reason_phrase)


def _retry_after(response: httpx.Response) -> float:
    try:
        return float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
