"""WebSocket clients of a test, all closed at its end."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from tests.support.sockets import SocketClient

Connect = Callable[..., Awaitable[SocketClient]]


@pytest.fixture
def connect(io_loop: IOLoop, http_server: HTTPServer, base_url: str) -> Iterator[Connect]:
    """A function: user id (and what SocketClient.open takes) -> an open socket that has got `connected`."""
    opened: list[SocketClient] = []

    async def open_socket(user_id: str | None = None, **options: Any) -> SocketClient:
        socket = await SocketClient.open(base_url, user_id, **options)
        opened.append(socket)
        return socket

    yield open_socket

    async def finish() -> None:
        for socket in opened:
            await socket.finish()

    io_loop.run_sync(finish)
