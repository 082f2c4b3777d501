"""What people see on their sockets when the host changes dialogs: contract 6.4 and F28, P1."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson
import pytest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog

Event = tuple[str, str, str]


class Listener:
    """One open socket of one person."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket

    async def next_change(self) -> Event:
        """Wait for the next event of a dialog: type, dialog id, user id. Presence is another matter."""
        while True:
            text = await self._socket.read_message()
            assert text is not None
            frame: dict[str, Any] = orjson.loads(text)
            if frame["type"] not in ("connected", "presence.update"):
                return frame["type"], frame["dialog_id"], frame.get("user_id", "")


@asynccontextmanager
async def listening(host: ApiClient, *people: str) -> AsyncIterator[list[Listener]]:
    """Open a socket for each of these people, and close them all."""
    async with AsyncExitStack() as stack:
        listeners = []
        for user_id in people:
            url = host.base_url.replace("http", "ws", 1)
            socket = await websocket_connect(f"{url}/api/v1/ws?user_id={user_id}")
            stack.callback(socket.close)
            text = await socket.read_message()
            assert text is not None
            assert orjson.loads(text)["type"] == "connected"
            listeners.append(Listener(socket))
        yield listeners


@pytest.mark.gen_test
async def test_each_person_of_a_new_dialog_hears_of_himself_alone(host: ApiClient) -> None:
    """The next event everybody hears is that he is out again: nothing about others, no system message, came between."""
    async with listening(host, "anna", "boris") as listeners:
        dialog_id = await make_dialog(host, ["anna", "boris"])
        for listener, user_id in zip(listeners, ("anna", "boris"), strict=True):
            assert await listener.next_change() == ("participant.joined", dialog_id, user_id)
        await host.delete(f"/dialogs/{dialog_id}")
        for listener, user_id in zip(listeners, ("anna", "boris"), strict=True):
            assert await listener.next_change() == ("participant.left", dialog_id, user_id)


@pytest.mark.gen_test
async def test_members_and_the_newcomer_hear_of_a_real_addition_and_removal(host: ApiClient) -> None:
    """P1: a stranger hears nothing of it; his first event is that of the dialog he gets into."""
    dialog_id = await make_dialog(host, ["anna"])
    async with listening(host, "anna", "vera", "stranger") as (anna, vera, stranger):
        path = f"/dialogs/{dialog_id}/participants"
        for _ in range(2):
            await host.post(path, {"user_id": "vera", "display_name": "Vera"})
            await host.delete(f"{path}/nobody")
        for _ in range(2):
            await host.delete(f"{path}/vera")
        other_id = await make_dialog(host, ["anna", "vera", "stranger"])
        for listener in (anna, vera):
            assert await listener.next_change() == ("participant.joined", dialog_id, "vera")
            assert await listener.next_change() == ("participant.left", dialog_id, "vera")
        for listener, user_id in ((anna, "anna"), (vera, "vera"), (stranger, "stranger")):
            assert await listener.next_change() == ("participant.joined", other_id, user_id)
