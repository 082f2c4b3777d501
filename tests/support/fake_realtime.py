"""What the realtime part stands on, made by hand: a transport that stops, a log in memory, a bus that misbehaves."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import orjson

from mtchat.config.settings import RealtimeSettings, load_settings
from mtchat.core import events
from mtchat.core.events import LoggedEvent, message_frame_fields
from mtchat.realtime.bus import Receive, StateChange
from mtchat.realtime.connection import Connection, Listener, QueueLimits
from mtchat.realtime.frames import CLOSE, CONTINUATION, PING, PONG, TEXT

DEFAULT_LIMITS = QueueLimits(256, 1_048_576)
DIALOG = "01900000-0000-7000-8000-000000000001"


def realtime_settings(**variables: str) -> RealtimeSettings:
    """Settings of the realtime part with these environment variables."""
    return load_settings({"DATABASE_URL": "postgresql://nowhere/none", "ADMIN_API_TOKEN": "t"} | variables).realtime


def client_frame(opcode: int, payload: bytes = b"", *, final: bool = True, key: bytes = b"\x01\x02\x03\x04") -> bytes:
    """Return a masked frame as a client sends it."""
    size = len(payload)
    if size < 126:
        head = bytes([size | 0x80])
    elif size < 65536:
        head = bytes([126 | 0x80]) + size.to_bytes(2, "big")
    else:
        head = bytes([127 | 0x80]) + size.to_bytes(8, "big")
    masked = bytes(byte ^ key[number % 4] for number, byte in enumerate(payload))
    return bytes([(0x80 if final else 0) | opcode]) + head + key + masked


def server_frames(data: bytes) -> list[tuple[int, bytes]]:
    """Return (opcode, payload) of what a server has written; fails on half a frame or a masked one."""
    found = []
    at = 0
    while at < len(data):
        opcode, size = data[at] & 0x0F, data[at + 1]
        assert size < 128, "server frames are not masked"
        at += 2
        if size == 126:
            size, at = int.from_bytes(data[at : at + 2], "big"), at + 2
        elif size == 127:
            size, at = int.from_bytes(data[at : at + 8], "big"), at + 8
        assert at + size <= len(data), "half a frame"
        assert opcode in (TEXT, CLOSE, PING, PONG, CONTINUATION)
        found.append((opcode, data[at : at + size]))
        at += size
    return found


class FakeTransport:
    """Takes what is written until the test stops it, as a client that does not read does."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.written = b""
        self.closed = False
        connection.connection_made(cast(asyncio.Transport, self))

    def write(self, data: bytes) -> None:
        if not self.closed:  # as a real one: the connection hears of its end a turn later
            self.written += data

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.connection.connection_lost, None)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The text frames written so far."""
        return [orjson.loads(payload) for opcode, payload in server_frames(self.written) if opcode == TEXT]

    @property
    def close_code(self) -> int | None:
        """The code of the close frame, None while there is none."""
        codes = [
            int.from_bytes(payload[:2], "big") for opcode, payload in server_frames(self.written) if opcode == CLOSE
        ]
        assert len(codes) < 2
        return codes[0] if codes else None


class Ears:
    """A listener that writes down what it is told."""

    def __init__(self, on_closed: Callable[[Connection], None] = lambda connection: None) -> None:
        self.texts: list[bytes] = []
        self.closed = 0
        self._on_closed = on_closed

    def on_text(self, connection: Connection, text: bytes) -> None:
        self.texts.append(text)

    def on_closed(self, connection: Connection) -> None:
        self.closed += 1
        self._on_closed(connection)


def open_connection(
    user_id: str = "anna", listener: Listener | None = None, limits: QueueLimits = DEFAULT_LIMITS
) -> tuple[Connection, FakeTransport]:
    """Return an open connection and its transport."""
    connection = Connection(user_id, listener or Ears(), limits)
    return connection, FakeTransport(connection)


class ShakyBus:
    """Keeps what is published until the test delivers it: in any order, twice, or never. Subscribing takes its time."""

    def __init__(self, *, brings_all: bool = False) -> None:
        self.brings_all = brings_all
        self.is_up = True
        self.channels: set[str] = set()
        self.sent: list[tuple[str, bytes]] = []
        self.receive: Receive = lambda channel, payload: None
        self.change_state: StateChange = lambda is_up: None

    def publish(self, channel: str, payload: bytes) -> None:
        self.sent.append((channel, payload))

    def deliver(self, number: int) -> None:
        """Deliver one of the messages sent so far, if its channel is heard."""
        channel, payload = self.sent[number]
        if self.brings_all or channel in self.channels:
            self.receive(channel, payload)

    async def subscribe(self, *channels: str) -> None:
        await asyncio.sleep(0)
        self.channels.update(channels)
        await asyncio.sleep(0)

    async def unsubscribe(self, *channels: str) -> None:
        await asyncio.sleep(0)
        self.channels.difference_update(channels)

    def on_message(self, callback: Receive) -> None:
        self.receive = callback

    def on_state(self, callback: StateChange) -> None:
        self.change_state = callback

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass


@dataclass
class FakeDialog:
    """A dialog of the log: its events and who is in it now."""

    log: list[LoggedEvent] = field(default_factory=list)
    members: set[str] = field(default_factory=set)


class FakeLog:
    """Answers the named queries of the realtime part from memory; an answer is as old as the question."""

    def __init__(self) -> None:
        self.dialogs: dict[str, FakeDialog] = {}
        self.asked: list[str] = []
        self.fail_with: Exception | None = None
        self.turns = 2  # turns of the loop between question and answer

    def start_dialog(self, dialog_id: str, *members: str) -> None:
        """A dialog with these people and no event yet."""
        self.dialogs[dialog_id] = FakeDialog(members=set(members))

    def message(self, dialog_id: str = DIALOG, text: str = "hello") -> LoggedEvent:
        """Commit a message."""
        dialog = self.dialogs[dialog_id]
        fields = {"id": f"m{len(dialog.log) + 1}", "dialog_id": dialog_id, "sender_id": "anna", "content": text}
        message = {**fields, "sent_at": "2031-01-01T00:00:00.000000Z", "message_type": "user"}
        return self._commit(events.MESSAGE_NEW, message_frame_fields(message), dialog_id, None)

    def joined(self, user_id: str, dialog_id: str = DIALOG) -> LoggedEvent:
        """Commit that somebody came in."""
        self.dialogs[dialog_id].members.add(user_id)
        return self._commit(events.PARTICIPANT_JOINED, {"dialog_id": dialog_id, "user_id": user_id}, dialog_id, user_id)

    def left(self, user_id: str, dialog_id: str = DIALOG) -> LoggedEvent:
        """Commit that somebody went."""
        self.dialogs[dialog_id].members.discard(user_id)
        return self._commit(events.PARTICIPANT_LEFT, {"dialog_id": dialog_id, "user_id": user_id}, dialog_id, user_id)

    def _commit(self, kind: str, fields: dict[str, Any], dialog_id: str, user_id: str | None) -> LoggedEvent:
        log = self.dialogs[dialog_id].log
        event = LoggedEvent(dialog_id, len(log) + 1, kind, fields, user_id)
        log.append(event)
        return event

    async def asked_for(self, name: str) -> None:
        """Wait until this query was asked; its answer is still on the way."""
        for _ in range(100):
            if name in self.asked:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"nobody asked {name}")

    async def fetch_all(self, name: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        """The one call of `Database` that is needed."""
        self.asked.append(name)
        if self.fail_with is not None:
            raise self.fail_with
        rows: list[dict[str, Any]] = getattr(self, f"_{name}")(SimpleNamespace(**params))
        for _ in range(self.turns):
            await asyncio.sleep(0)
        return rows

    def _list_memberships_of(self, asked: SimpleNamespace) -> list[dict[str, Any]]:
        return [
            {"user_id": user_id, **self._state(dialog_id)}
            for user_id in asked.user_ids
            for dialog_id, dialog in self.dialogs.items()
            if user_id in dialog.members
        ]

    def _list_room_states(self, asked: SimpleNamespace) -> list[dict[str, Any]]:
        return [self._state(dialog_id) for dialog_id in asked.dialog_ids if dialog_id in self.dialogs]

    def _list_events_since(self, asked: SimpleNamespace) -> list[dict[str, Any]]:
        if asked.dialog_id not in self.dialogs:
            return []
        return [_row(event) for event in self.dialogs[asked.dialog_id].log if event.seq > asked.seq][: asked.limit]

    def _list_missed_events(self, asked: SimpleNamespace) -> list[dict[str, Any]]:
        return [
            {"askers": [asker], "dialog_id": dialog_id, **_row(event)}
            for asker, user_id, dialog_id, seq in zip(
                asked.askers, asked.user_ids, asked.dialog_ids, asked.seqs, strict=True
            )
            if user_id in self.dialogs[dialog_id].members
            for event in self.dialogs[dialog_id].log
            if event.seq > seq
        ]

    def _list_resume_states(self, asked: SimpleNamespace) -> list[dict[str, Any]]:
        rows: dict[int, dict[str, Any]] = {}
        for asker, user_id, dialog_id, seq in zip(
            asked.askers, asked.user_ids, asked.dialog_ids, asked.seqs, strict=True
        ):
            row = rows.setdefault(
                asker, {"asker": asker, "state": b"{}", "gone": [], "reload": [], "behind": [], "missed": []}
            )
            dialog = self.dialogs.get(dialog_id)
            if dialog is None or user_id not in dialog.members:
                row["gone"].append(dialog_id)
            elif len(dialog.log) > seq:
                row["behind"].append(dialog_id)
                row["missed"].append(len(dialog.log) - seq)
        return list(rows.values())

    def _state(self, dialog_id: str) -> dict[str, Any]:
        dialog = self.dialogs[dialog_id]
        return {"dialog_id": dialog_id, "last_seq": len(dialog.log), "participants_count": len(dialog.members)}


def _row(event: LoggedEvent) -> dict[str, Any]:
    message = event.fields.get("payload", {}).get("message")
    return {
        "seq": event.seq,
        "type": event.type,
        "message_id": event.fields.get("id"),
        "user_id": event.user_id,
        "data": None,
        "message": orjson.dumps(message) if message else None,
        "files": None,
    }


def no_files(files: bytes) -> list[dict[str, Any]]:
    """What signs where no message has a file."""
    raise AssertionError(files)


async def settle(turns: int = 30) -> None:
    """Let everything run that needs no time."""
    for _ in range(turns):
        await asyncio.sleep(0)


def run_alone(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end on a loop of its own, for the examples of a property; the thread's current loop stays as it is."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()
