"""One socket: the WebSocket protocol on an asyncio transport, and a bounded queue. Knows nothing of dialogs.

Nobody ever waits for a client: `offer` writes while the transport takes it, queues while it does not, and a queue over
its bound closes the socket as slow. An idle socket is this object and its transport: no task, no buffer, nothing of
the handshake.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

import structlog

from mtchat.realtime import frames, metrics
from mtchat.realtime.close_codes import BAD_TEXT, FAILED, SILENT, SLOW, TOO_MANY_FRAMES, CloseCode

if TYPE_CHECKING:
    from mtchat.realtime.hub import Member
    from mtchat.realtime.replay import Replay

log = structlog.get_logger(__name__)

Job = Callable[[], Awaitable[None]]

# Client frames: a burst for a page that opens (subscribes, resumes of 500 dialogs each), then what a person can cause.
FRAMES_BURST: Final = 200
FRAMES_PER_SEC: Final = 20
# Reads and resumes of one socket that wait for the database.
MAX_JOBS: Final = 64
# The client answers our close frame within this time or the connection is cut.
CLOSE_WAIT_SECS: Final = 3.0
MAX_MISSED_PINGS: Final = 2


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait for one client before it counts as slow."""

    frames: int
    bytes: int


class Listener(Protocol):
    """Who is told what a socket's client does."""

    def on_text(self, connection: "Connection", text: bytes) -> None:
        """The client sent a text message (valid UTF-8, at most 64 KiB)."""

    def on_closed(self, connection: "Connection") -> None:
        """The connection is gone; called once."""


class Connection(asyncio.Protocol):
    """A client's socket after the handshake; one object of some 200 bytes."""

    __slots__ = (
        "_closing",
        "_direct",
        "_drained",
        "_frames_left",
        "_jobs",
        "_limits",
        "_listener",
        "_metered_at",
        "_missed",
        "_queue",
        "_queued_bytes",
        "_reader",
        "_timer",
        "_transport",
        "_worker",
        "member",
        "replay",
        "user_id",
    )

    def __init__(self, user_id: str, listener: Listener, limits: QueueLimits) -> None:
        self.user_id = user_id
        self.member: Member | None = None
        self.replay: Replay | None = None  # set while a resume is being answered: holds back live events
        self._listener: Listener | None = listener
        self._limits = limits
        self._transport: asyncio.Transport | None = None
        self._reader = frames.FrameReader()
        self._direct = False  # open, and the transport takes more: the one test on the way of a frame
        self._closing = False
        self._queue: deque[bytes] | None = None
        self._queued_bytes = 0
        self._drained: asyncio.Future[None] | None = None
        self._missed = 0
        self._frames_left: float = FRAMES_BURST
        self._metered_at = 0.0
        self._jobs: deque[Job] | None = None
        self._worker: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether frames can still be sent."""
        return self._transport is not None and not self._closing

    def offer(self, frame: bytes) -> None:
        """Write a ready frame, or queue it; never waits. Dropped when the socket is closing."""
        if self._direct:
            try:
                self._transport.write(frame)  # type: ignore[union-attr]  # _direct implies a transport
            except Exception:
                # Whoever delivers goes through many sockets: one that fails must not keep the others from their frame.
                log.exception("write_failed")
                self.abort()
        elif self._queue is not None:
            self._enqueue(self._queue, frame)

    async def send(self, frame: bytes) -> bool:
        """Write a ready frame when the client has taken what came before; False when the socket is closed.

        For long answers to one client's own question, which must not count as falling behind.
        """
        while not self._direct:
            if not self.is_open:
                return False
            if self._drained is None:
                self._drained = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drained)
        self.offer(frame)
        return True

    def run(self, job: Job) -> None:
        """Run what a client's frame asks of the database, after the earlier ones of this socket."""
        if self._jobs is None:
            self._jobs = deque()
        if len(self._jobs) >= MAX_JOBS:
            self.close(TOO_MANY_FRAMES)
            return
        self._jobs.append(job)
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work(self._jobs))

    def ping(self) -> None:
        """Ask for a sign of life; closes the socket when the last two brought none."""
        if not self.is_open:
            return
        if self._missed >= MAX_MISSED_PINGS:
            self.close(SILENT)
            return
        self._missed += 1
        if self._direct:
            self._transport.write(frames.PING_FRAME)  # type: ignore[union-attr]

    def close(self, code: CloseCode, reason: str | None = None) -> None:
        """Say why and hang up; what is still queued is dropped. Does nothing on a socket that is already closing.

        reason: replaces the code's name in the close frame; at most 123 bytes.
        """
        if not self.is_open:
            return
        metrics.CLOSES.labels(code.name).inc()
        self._hang_up(frames.close_frame(code.number, code.name if reason is None else reason))

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._closing = True
        self._stop_sending()
        if self._transport is not None:
            self._transport.abort()

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._direct = True
        metrics.SOCKETS.inc()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._stop_sending()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        metrics.SOCKETS.dec()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.on_closed(self)

    def pause_writing(self) -> None:
        if self.is_open:
            self._direct = False
            if self._queue is None:
                self._queue = deque()

    def resume_writing(self) -> None:
        if not self.is_open:
            return
        self._direct = True
        queue = self._queue
        # Writing may fill the transport again, which calls pause_writing from inside.
        while queue and self._direct:
            frame = queue.popleft()
            self._queued_bytes -= len(frame)
            self._transport.write(frame)  # type: ignore[union-attr]
        if self._direct:
            self._queue = None
            self._wake()

    def data_received(self, data: bytes) -> None:
        self._missed = 0
        try:
            for opcode, payload in self._reader.feed(data):
                if self._transport is None or not self._take(opcode, payload):
                    return
        except frames.ProtocolViolation as violation:
            self.close(violation.code, str(violation))
            self._reader = frames.FrameReader()
        except Exception:
            log.exception("client_frame_failed")
            self.close(FAILED)

    # Inside.

    def _take(self, opcode: int, payload: bytes) -> bool:
        """Act on one message; False when nothing after it matters."""
        if opcode == frames.CLOSE:
            if not self._closing:
                self._hang_up(frames.close_echo(payload))
            self._transport.close()  # type: ignore[union-attr]
            return False
        if self._closing:
            return True
        if not self._within_rate():
            self.close(TOO_MANY_FRAMES)
            return False
        if opcode == frames.TEXT:
            try:
                payload.decode()
            except UnicodeDecodeError:
                self.close(BAD_TEXT)
                return False
            if self._listener is not None:
                self._listener.on_text(self, payload)
        elif opcode == frames.PING and self._direct:
            # While the client does not read, its pings get no pongs: they would pile up in our memory.
            self._transport.write(frames.pong_frame(payload))  # type: ignore[union-attr]
        return True

    def _within_rate(self) -> bool:
        now = asyncio.get_running_loop().time()
        left = min(FRAMES_BURST, self._frames_left + (now - self._metered_at) * FRAMES_PER_SEC)
        self._metered_at = now
        self._frames_left = left - 1
        return left >= 1

    def _enqueue(self, queue: deque[bytes], frame: bytes) -> None:
        if len(queue) >= self._limits.frames or self._queued_bytes + len(frame) > self._limits.bytes:
            metrics.FRAMES_DROPPED.inc(len(queue) + 1)
            self.close(SLOW)
            return
        metrics.FRAMES_QUEUED.inc()
        queue.append(frame)
        self._queued_bytes += len(frame)

    def _hang_up(self, frame: bytes) -> None:
        self._transport.write(frame)  # type: ignore[union-attr]
        self._closing = True
        self._stop_sending()
        self._timer = asyncio.get_running_loop().call_later(CLOSE_WAIT_SECS, self.abort)

    def _stop_sending(self) -> None:
        self._direct = False
        self._queue = None
        self._queued_bytes = 0
        self._jobs = None
        self._wake()

    def _wake(self) -> None:
        if self._drained is not None:
            if not self._drained.done():
                self._drained.set_result(None)
            self._drained = None

    async def _work(self, jobs: deque[Job]) -> None:
        try:
            while jobs and self.is_open:
                await self._run_one(jobs.popleft())
        finally:
            self._worker = None
            if self._jobs is not None and not self._jobs:
                self._jobs = None

    async def _run_one(self, job: Job) -> None:
        try:
            await job()
        except Exception:
            log.exception("client_frame_failed")
            self.close(FAILED)
