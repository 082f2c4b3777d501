"""Catch-up of a client that comes back: hold back live events of its dialogs, send what is missing from the log, merge
by seq.

Exactness: live events held back are those after the room's seq at the beginning; the log is read later, so it reaches
at least to that seq. Together they have no hole, and whatever the log brought is not sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import orjson

from mtchat.core.events import LoggedEvent, encode_frame
from mtchat.persistence.resume import ResumeAsk, ResumeState
from mtchat.realtime import metrics
from mtchat.realtime.close_codes import SLOW
from mtchat.realtime.connection import Connection, QueueLimits
from mtchat.realtime.frames import text_frame

# Dialogs one resume frame may name.
MAX_DIALOGS: Final = 500
# Dialogs of one person asked for in one piece: others' questions fit into the same statement.
ASK_DIALOGS: Final = 100
# Events read from the log at once: some 500 KiB of messages of ordinary length.
READ_EVENTS: Final = 1_000
# Up to this many missed events people share a statement; 128 of them bring 6,400 rows at most. Who missed more reads
# alone.
SHARED_EVENTS: Final = 50
# Those who read alone at the same time: their pages are in memory until they are written.
LONG_READERS: Final = 4


class Missed(NamedTuple):
    """An event that a client has missed, as the frame that brings it."""

    dialog_id: str
    seq: int
    frame: bytes


AskState = Callable[[ResumeAsk], Awaitable[ResumeState]]
ReadEvents = Callable[[Sequence[ResumeAsk]], Awaitable[list[list[LoggedEvent] | Exception]]]
ReadFew = Callable[[ResumeAsk], Awaitable[list[Missed]]]
ReadMany = Callable[[Sequence[ResumeAsk]], Awaitable[list[list[Missed] | Exception]]]


async def read_frames(read: ReadEvents, asks: Sequence[ResumeAsk]) -> list[list[Missed] | Exception]:
    """Return what many have missed as frames; what several have missed is encoded once."""
    answers = await read(asks)
    frames: dict[int, Missed] = {}  # by the identity of the event, which `answers` keeps alive

    def framed(event: LoggedEvent) -> Missed:
        known = frames.get(id(event))
        if known is None:
            known = frames[id(event)] = Missed(event.dialog_id, event.seq, text_frame(encode_frame(event)))
        return known

    return [answer if isinstance(answer, Exception) else [framed(event) for event in answer] for answer in answers]


class Replay:
    """The live events of some dialogs that one socket must not get yet."""

    __slots__ = ("_connection", "_held", "_held_bytes", "_limits", "_sent")

    def __init__(self, connection: Connection, known: Mapping[str, int], limits: QueueLimits) -> None:
        self._connection = connection
        self._sent = dict(known)  # dialog id -> last seq the client has
        self._held: list[tuple[str, int, bytes]] = []
        self._held_bytes = 0
        self._limits = limits

    def hold(self, dialog_id: str, seq: int | None, frame: bytes) -> bool:
        """Keep a live frame for later; False when it may go out at once. Closes a socket with too much of it."""
        if seq is None or dialog_id not in self._sent:
            return False
        if len(self._held) >= self._limits.frames or self._held_bytes + len(frame) > self._limits.bytes:
            metrics.FRAMES_DROPPED.inc(len(self._held) + 1)
            self._held.clear()
            self._connection.close(SLOW)
        else:
            self._held.append((dialog_id, seq, frame))
            self._held_bytes += len(frame)
        return True

    def position(self, dialog_id: str) -> int:
        """The last seq the client has of a dialog."""
        return self._sent[dialog_id]

    def sent(self, dialog_id: str, seq: int) -> None:
        """Note that the client got this event from the log."""
        self._sent[dialog_id] = seq

    def release(self) -> None:
        """Let the live events go out that the log did not bring."""
        for dialog_id, seq, frame in self._held:
            if seq > self._sent[dialog_id]:
                self._connection.offer(frame)
        self._held.clear()


class Resumer:
    """Answers resume frames. read_few and read_many bring the same; the first shares its statement with others."""

    def __init__(self, ask: AskState, read_few: ReadFew, read_many: ReadMany, limits: QueueLimits) -> None:
        self._ask = ask
        self._read_few = read_few
        self._read_many = read_many
        self._long_readers = asyncio.Semaphore(LONG_READERS)
        self._limits = limits

    async def resume(self, connection: Connection, dialogs: Mapping[str, int]) -> None:
        """Send what the client missed, `resumed`, then what happened meanwhile.

        dialogs: id -> last seq the client has, at most 500. Raises Unavailable while the database is away; the socket
        then goes on with live events, and the client must ask again.
        """
        replay = Replay(connection, dialogs, self._limits)
        connection.replay = replay
        try:
            answers = await self._states(connection.user_id, dialogs)
            gone = [dialog_id for answer in answers for dialog_id in answer.gone]
            behind = {dialog_id: count for answer in answers for dialog_id, count in answer.behind.items()}
            if await self._send_missed(connection, replay, behind, gone):
                connection.offer(_resumed_frame(answers, gone))
                metrics.RESUMES.inc()
        finally:
            connection.replay = None
            replay.release()

    async def _states(self, user_id: str, dialogs: Mapping[str, int]) -> list[ResumeState]:
        items = iter(dialogs.items())
        pieces = iter(lambda: dict(islice(items, ASK_DIALOGS)), {})
        return list(await asyncio.gather(*(self._ask(ResumeAsk(user_id, piece)) for piece in pieces)))

    async def _send_missed(
        self, connection: Connection, replay: Replay, behind: dict[str, int], gone: list[str]
    ) -> bool:
        """Send the missing events at the speed the client reads them; False when the socket is closed."""
        while behind:
            piece: dict[str, int] = {}
            total = 0
            for dialog_id, count in behind.items():
                if piece and total + count > READ_EVENTS:
                    break
                piece[dialog_id] = replay.position(dialog_id)
                total += count
            for dialog_id in piece:
                del behind[dialog_id]
            missed = await self._read(ResumeAsk(connection.user_id, piece), total)
            # He was in these dialogs a moment ago and something happened in each; one without events is not his any
            # more.
            gone += piece.keys() - {event.dialog_id for event in missed}
            for event in missed:
                if not await connection.send(event.frame):
                    return False
                replay.sent(event.dialog_id, event.seq)
            metrics.EVENTS_REPLAYED.inc(len(missed))
        return True

    async def _read(self, ask: ResumeAsk, expected: int) -> list[Missed]:
        if expected <= SHARED_EVENTS:
            return await self._read_few(ask)
        async with self._long_readers:
            (found,) = await self._read_many([ask])
        if isinstance(found, Exception):
            raise found
        return found


def _resumed_frame(answers: list[ResumeState], gone: list[str]) -> bytes:
    states = b",".join(answer.state.strip()[1:-1].strip() for answer in answers if answer.state.strip() != b"{}")
    reload = [dialog_id for answer in answers for dialog_id in answer.reload]
    return text_frame(
        b'{"type":"resumed","state":{%b},"reload":%b,"gone":%b}' % (states, orjson.dumps(reload), orjson.dumps(gone))
    )
