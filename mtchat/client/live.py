"""The live connection of a person: connects, comes back, catches up, and hands out each event once and in order.

    async with ChatApi(url, user_id="anna") as api, LiveChat(api) as live:
        async for event in live:
            ...

Besides the service's frames these events come out:

| type            | meaning                                                                                         |
|-----------------|-------------------------------------------------------------------------------------------------|
| live.connected  | the connection is open; `again` tells whether it was before                                     |
| live.lost       | the connection is gone; it is opened again by itself                                            |
| live.resumed    | everything missed has been handed out; own state and read positions of the dialogs are in `state` |
| dialog.reload   | load this dialog by HTTP: it is new, or too much was missed                                      |
| dialog.gone     | the person is not in this dialog any more                                                       |
"""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

import orjson
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from mtchat.client.backoff import Backoff
from mtchat.client.errors import ClientError, ClosedForGoodError, RefusedError, UnreachableError
from mtchat.client.positions import Positions, Verdict
from mtchat.client.rest import ChatApi

# Dialogs of one resume frame; the service takes no more.
RESUME_DIALOGS: Final = 500
CONNECT_SECS: Final = 20.0
# Protocol pings, so that a dead line is noticed from this side too.
PING_SECS: Final = 25.0
PONG_SECS: Final = 20.0
# Events handed out and not taken; then reading stops, and a service that cannot send hangs up.
WAITING: Final = 1_000
# Closed with one of these or more, coming back by itself is in vain.
_FINAL: Final = 4500
# Wait at least so long after these, if the reason does not say.
_WAITS_SECS: Final = {4429: 5.0, 1002: 1.0, 1007: 1.0, 1009: 1.0, 1011: 1.0, 1013: 1.0}
# Handshakes that will not go better by themselves.
_REFUSALS: Final = frozenset({400, 401, 403, 404})
_LISTING_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something that happened. seq: its place in the dialog's log, None for what is not in it. fields: the frame."""

    type: str
    dialog_id: str | None = None
    seq: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class LiveChat:
    """Open from `start` to `close`. Iterating ends with `close`, and raises when coming back would be in vain."""

    def __init__(self, api: ChatApi, *, relist: bool = True) -> None:
        """relist: look for dialogs the person has come into while away, by listing them after each connect."""
        self._api = api
        self._relist = relist
        self._positions = Positions()
        self._events: asyncio.Queue[LiveEvent | ClientError | None] = asyncio.Queue(WAITING)
        self._asks: deque[list[str]] = deque()
        self._connection: WebSocketClientConnection | None = None
        self._open = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._listing: asyncio.Task[None] | None = None
        self.user_id: str | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveEvent:
        event = await self._events.get()
        if event is None:
            raise StopAsyncIteration
        if isinstance(event, ClientError):
            raise event
        return event

    @property
    def positions(self) -> dict[str, int]:
        """Dialog id -> seq of the last event handed out; keep it to go on from there in another process."""
        return self._positions.known

    def follow(self, dialog_id: str, seq: int) -> None:
        """Say that this dialog was loaded, and includes events up to seq."""
        self._positions.note(dialog_id, seq)

    def start(self) -> None:
        """Connect in the background."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def connected(self) -> None:
        """Wait until the connection is open and the service has said `connected`."""
        await self._open.wait()

    async def close(self) -> None:
        """Hang up."""
        for task in (self._task, self._listing):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._connection is not None:
            self._connection.close()
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def typing(self, dialog_id: str) -> None:
        """Tell the others that this person is typing; lost when the connection is."""
        await self._send({"type": "typing", "dialog_id": dialog_id})

    async def read(self, dialog_id: str, message_id: str) -> None:
        """Move the read position forward; by HTTP when the connection is lost."""
        if not await self._send({"type": "read", "dialog_id": dialog_id, "message_id": message_id}):
            await self._api.read(dialog_id, message_id)

    # Coming and going.

    async def _run(self) -> None:
        backoff = Backoff()
        again = False
        try:
            while True:
                at_least = 0.0
                try:
                    self._connection = await self._connect()
                    if await self._session(self._connection, again=again):
                        again = True
                        backoff.reset()
                    at_least = self._pause(self._connection)
                except UnreachableError:
                    pass
                finally:
                    self._hang_up()
                await asyncio.sleep(at_least or backoff.next())
        except ClientError as error:
            await self._events.put(error)

    async def _connect(self) -> WebSocketClientConnection:
        """Raises RefusedError when trying again is in vain, else UnreachableError."""
        url = self._api.base_url.replace("http", "ws", 1) + "/api/v1/ws"
        token = await self._api.token()
        if self._api.user_id is not None:
            url += "?" + urlencode({"user_id": self._api.user_id})
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

    def _pause(self, connection: WebSocketClientConnection) -> float:
        """Return how long the service asks to stay away. Raises ClosedForGoodError."""
        code, reason = connection.close_code, connection.close_reason or ""
        if code is not None and code >= _FINAL:
            raise ClosedForGoodError(code, reason)
        try:
            return float(orjson.loads(reason)["retry_after_ms"]) / 1000
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return _WAITS_SECS.get(code or 0, 0.0)

    def _hang_up(self) -> None:
        self._open.clear()
        self._positions.disconnected()
        self._asks.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _session(self, connection: WebSocketClientConnection, *, again: bool) -> bool:
        """Hand out what comes until the connection ends; whether it was ever good."""
        good = False
        while (message := await connection.read_message()) is not None:
            frame = orjson.loads(message)
            if frame["type"] == "connected":
                good = True
                self.user_id = frame["employee_id"]
                await self._emit(LiveEvent("live.connected", fields={"again": again}))
                await self._resume(list(self._positions.known))
                self._open.set()
                if self._relist:
                    self._list()
            else:
                await self._take(frame)
        if good:
            await self._emit(LiveEvent("live.lost", fields={"code": connection.close_code}))
        return good

    # Catching up.

    async def _resume(self, dialog_ids: list[str]) -> None:
        known = self._positions.known
        for at in range(0, len(dialog_ids), RESUME_DIALOGS):
            piece = dialog_ids[at : at + RESUME_DIALOGS]
            self._positions.asked(piece)
            self._asks.append(piece)
            await self._send({"type": "resume", "dialogs": {dialog_id: known[dialog_id] for dialog_id in piece}})

    async def _take(self, frame: dict[str, Any]) -> None:
        kind, dialog_id, seq = frame["type"], frame.get("dialog_id"), frame.get("seq")
        if kind == "resumed":
            await self._resumed(frame)
            return
        if kind == "error" and frame.get("request") == "resume":
            await self._ask_again()
            return
        if dialog_id is not None and seq is not None:
            verdict = self._positions.judge(dialog_id, seq)
            if verdict is Verdict.ASK:
                await self._resume([dialog_id])
            if verdict is not Verdict.TAKE:
                return
        await self._emit(LiveEvent(kind, dialog_id, seq, frame))
        if dialog_id is not None and frame.get("user_id") == self.user_id:
            await self._membership_changed(kind, dialog_id, seq)

    async def _membership_changed(self, kind: str, dialog_id: str, seq: int | None) -> None:
        if kind == "participant.left":
            self._positions.forget(dialog_id)
            await self._emit(LiveEvent("dialog.gone", dialog_id))
        elif kind == "participant.joined" and seq is None:
            await self._emit(LiveEvent("dialog.reload", dialog_id))

    async def _resumed(self, frame: dict[str, Any]) -> None:
        asked = self._asks.popleft() if self._asks else []
        self._positions.answered(asked)
        for dialog_id in frame["gone"]:
            if dialog_id in self._positions:
                self._positions.forget(dialog_id)
                await self._emit(LiveEvent("dialog.gone", dialog_id))
        for dialog_id in frame["reload"]:
            self._positions.place(dialog_id, frame["state"][dialog_id]["seq"])
            await self._emit(LiveEvent("dialog.reload", dialog_id))
        await self._emit(LiveEvent("live.resumed", fields={"state": frame["state"]}))

    async def _ask_again(self) -> None:
        """The service could not answer, its database is away. Answers are in order: the oldest question is meant."""
        asked = self._asks.popleft() if self._asks else []
        self._positions.answered(asked)
        await asyncio.sleep(1.0)
        await self._resume([dialog_id for dialog_id in asked if dialog_id in self._positions])

    def _list(self) -> None:
        if self._listing is None or self._listing.done():
            self._listing = asyncio.get_running_loop().create_task(self._look_for_new_dialogs())

    async def _look_for_new_dialogs(self) -> None:
        for _ in range(_LISTING_TRIES):
            try:
                async for dialog in self._api.all_dialogs(kind="participating"):
                    if dialog["id"] not in self._positions:
                        self._positions.note(dialog["id"], dialog["seq"])
                        await self._emit(LiveEvent("dialog.reload", dialog["id"]))
                return
            except UnreachableError:
                continue
            except ClientError as error:
                await self._events.put(error)
                return

    # Inside.

    async def _emit(self, event: LiveEvent) -> None:
        await self._events.put(event)

    async def _send(self, frame: dict[str, Any]) -> bool:
        """Send a frame; False when there is no connection for it."""
        if self._connection is None:
            return False
        try:
            await self._connection.write_message(orjson.dumps(frame).decode())
        except (WebSocketError, OSError):
            return False
        return True


def _close_unwanted(connecting: "asyncio.Future[WebSocketClientConnection]") -> None:
    """Hang up a connection that came about after `close`."""
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()
