"""Opens the live connection, and says what its end means."""

import asyncio
from typing import Final
from urllib.parse import urlencode

import orjson
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from mtchat.client.errors import ClosedForGoodError, RefusedError, UnreachableError
from mtchat.client.rest import ChatApi

CONNECT_SECS: Final = 20.0
# Protocol pings, so that a dead line is noticed from this side too.
PING_SECS: Final = 25.0
PONG_SECS: Final = 20.0
# Closed with one of these or more, coming back by itself is in vain.
_FINAL: Final = 4500
# Wait at least so long after these, if the reason does not say.
_WAITS_SECS: Final = {4429: 5.0, 1002: 1.0, 1007: 1.0, 1009: 1.0, 1011: 1.0, 1013: 1.0}
# Handshakes that will not go better by themselves.
_REFUSALS: Final = frozenset({400, 401, 403, 404})


async def open_socket(api: ChatApi) -> WebSocketClientConnection:
    """Connect as this person. Raises RefusedError when trying again is in vain, else UnreachableError."""
    url = api.base_url.replace("http", "ws", 1) + "/api/v1/ws"
    token = await api.token()
    if api.user_id is not None:
        url += "?" + urlencode({"user_id": api.user_id})
    connecting = asyncio.ensure_future(
        websocket_connect(
            HTTPRequest(url, connect_timeout=CONNECT_SECS, request_timeout=CONNECT_SECS),
            subprotocols=["mtchat.v1"] if token is None else ["mtchat.v1", f"bearer.{token}"],
            ping_interval=PING_SECS,
            ping_timeout=PONG_SECS,
        )
    )
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        connecting.add_done_callback(_close_unwanted)
        raise
    except HTTPClientError as error:
        if error.code in _REFUSALS:
            raise RefusedError(error.code, "HANDSHAKE_REFUSED", error.message) from error
        raise UnreachableError(str(error)) from error
    except (OSError, WebSocketError) as error:
        raise UnreachableError(str(error) or type(error).__name__) from error


def pause_after(connection: WebSocketClientConnection) -> float:
    """Return how long the service asks to stay away. Raises ClosedForGoodError."""
    code, reason = connection.close_code, connection.close_reason or ""
    if code is not None and code >= _FINAL:
        raise ClosedForGoodError(code, reason)
    try:
        return float(orjson.loads(reason)["retry_after_ms"]) / 1000
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return _WAITS_SECS.get(code or 0, 0.0)


def _close_unwanted(connecting: "asyncio.Future[WebSocketClientConnection]") -> None:
    """Hang up a connection that came about after nobody wanted it any more."""
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()
