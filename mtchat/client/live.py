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

import orjson
from tornado.websocket import WebSocketClientConnection, WebSocketError

from mtchat.client.backoff import Backoff
from mtchat.client.errors import ClientError, UnreachableError
from mtchat.client.handshake import open_socket, pause_after
from mtchat.client.positions import Positions, Verdict
from mtchat.client.rest import ChatApi

# Dialogs of one resume frame; the service takes no more.
RESUME_DIALOGS: Final = 500
# Events handed out and not taken; then reading stops, and a service that cannot send hangs up.
WAITING: Final = 1_000
_LISTING_TRIES: Final = 5
# A resume that the service could not answer is asked again after this.
ASK_AGAIN_SECS: Final = 1.0


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
                    self._connection = await open_socket(self._api)
                    if await self._session(self._connection, again=again):
                        again = True
                        backoff.reset()
                    at_least = pause_after(self._connection)
                except UnreachableError:
                    pass
                finally:
                    self._hang_up()
                await asyncio.sleep(at_least or backoff.next())
        except ClientError as error:
            await self._events.put(error)

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
        await asyncio.sleep(ASK_AGAIN_SECS)
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
