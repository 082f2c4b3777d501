"""A WebSocket client for the tests: waits for the frame a test speaks of, never for time to pass."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

Frame = dict[str, Any]

WAIT_SECS = 10.0


class SocketClient:
    """One open socket. Frames that nobody has asked for yet wait in order."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        self.frames: list[Frame] = []  # everything received, in order
        self._unread: list[Frame] = []
        self._ended = False

    @classmethod
    async def open(
        cls,
        base_url: str,
        user_id: str | None = None,
        *,
        token: str | None = None,
        protocols: list[str] | None = None,
        headers: dict[str, str] | None = None,
        wait: bool = True,
    ) -> "SocketClient":
        """Connect and wait for `connected`. Raises tornado's HTTPClientError when the handshake is refused."""
        query = urlencode(
            {name: value for name, value in (("user_id", user_id), ("token", token)) if value is not None}
        )
        url = base_url.replace("http", "ws", 1) + "/api/v1/ws" + (f"?{query}" if query else "")
        request = HTTPRequest(url, headers=headers)
        socket = cls(await websocket_connect(request, subprotocols=protocols))
        if wait:
            await socket.expect("connected")
        return socket

    def send(self, frame: Frame) -> None:
        """Send one frame."""
        self.send_text(orjson.dumps(frame).decode())

    def send_text(self, text: str) -> None:
        """Send any text."""
        # A socket that is closing drops the text; the test then sees the close.
        self.connection.write_message(text).add_done_callback(lambda sent: sent.exception())

    async def next(self) -> Frame:
        """Return the next frame, whatever it is. Fails when the socket closes or nothing comes."""
        if self._unread:
            return self._unread.pop(0)
        frame = await self._receive()
        assert frame is not None, f"closed with {self.close_code} {self.close_reason}; got {self.kinds}"
        return frame

    async def expect(self, kind: str, where: Callable[[Frame], bool] = lambda frame: True, **fields: Any) -> Frame:
        """Return the next frame of this type with these fields; others that come before it stay unread."""
        for number, frame in enumerate(self._unread):
            if _matches(frame, kind, fields) and where(frame):
                return self._unread.pop(number)
        while True:
            frame_or_none = await self._receive()
            assert frame_or_none is not None, f"closed with {self.close_code} before {kind}; got {self.kinds}"
            if _matches(frame_or_none, kind, fields) and where(frame_or_none):
                return frame_or_none
            self._unread.append(frame_or_none)

    async def heard(self) -> list[Frame]:
        """Return all unread frames that the server sent before it answers a ping of ours; nothing stays unread."""
        self.send({"type": "ping"})
        await self.expect("pong")
        found, self._unread = self._unread, []
        return found

    async def closed(self) -> int | None:
        """Wait until the server has closed the socket; returns the code."""
        while True:
            frame = await self._receive()
            if frame is None:
                return self.close_code
            self._unread.append(frame)

    @property
    def kinds(self) -> list[str]:
        """The types of everything received, in order."""
        return [frame["type"] for frame in self.frames]

    @property
    def close_code(self) -> int | None:
        """The code of the server's close frame."""
        return self.connection.close_code

    @property
    def close_reason(self) -> str | None:
        """The reason of the server's close frame."""
        return self.connection.close_reason

    @property
    def protocol(self) -> str | None:
        """The subprotocol the server chose."""
        return self.connection.selected_subprotocol

    def close(self) -> None:
        """Close from this side."""
        self.connection.close()

    async def finish(self) -> None:
        """Close and wait until the connection is gone."""
        self.close()
        await self.closed()

    async def _receive(self) -> Frame | None:
        if self._ended:
            return None
        async with asyncio.timeout(WAIT_SECS):
            message = await self.connection.read_message()
        if message is None:
            self._ended = True
            self.close()
            return None
        frame: Frame = orjson.loads(message)
        self.frames.append(frame)
        return frame


def _matches(frame: Frame, kind: str, fields: Frame) -> bool:
    return frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items())
