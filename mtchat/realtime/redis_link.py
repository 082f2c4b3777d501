"""One Redis server: a connection that hears channels and one that speaks on them. Never repairs itself: when anything
is wrong with either, both end and the bus is told, so that no cut goes unnoticed.

redis-py's own PubSub and ClusterPubSub connect again in silence; what was published meanwhile would be missing and
nobody would look for it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from math import inf
from time import monotonic
from typing import Final

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# A connection without a sign of life for two of these is dead: a cut cable tells nobody.
PING_SECS: Final = 5.0
# What may wait for a server that is slow: some seconds of a busy process.
MAX_WAITING: Final = 20_000
MAX_WAITING_BYTES: Final = 16 * 1024 * 1024
# Messages in one write.
BATCH: Final = 256
# Channels in one command.
CHANNELS: Final = 500
# A turn of reading; then the loop serves requests before the next one.
TURN_SECS: Final = 0.005

Message = tuple[str, bytes]
Command = tuple[str | bytes, ...]

_LOST: Final = "the connection is lost"
_HEARD: Final = (b"smessage", b"message")
_BEGUN: Final = (b"ssubscribe", b"subscribe")
_ENDED: Final = (b"sunsubscribe", b"unsubscribe")


class _Behind(Exception):
    """The server takes less than is published."""


class Link:
    """Open from `open` until `close` or a failure; `lost` is called once, with a failure only."""

    def __init__(
        self,
        ears: AbstractConnection,
        mouth: AbstractConnection,
        *,
        sharded: bool,
        one_slot: bool,
        receive: Callable[[str, bytes], None],
        lost: Callable[["Link"], None],
    ) -> None:
        """ears, mouth: connections not open yet. one_slot: a command may name channels of one slot only (cluster)."""
        prefix = "S" if sharded else ""
        self._publish, self._subscribe, self._unsubscribe = (
            prefix + name for name in ("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE")
        )
        self._ears, self._mouth = ears, mouth
        self._channels_per_command = 1 if one_slot else CHANNELS
        self._receive = receive
        self._lost = lost
        self.is_open = False
        self.channels: set[str] = set()
        self._waiting: deque[Message | None] = deque()  # None is a ping
        self._in_flight: deque[Message | None] = deque()
        self._bytes = 0
        self._more = asyncio.Event()
        self._drained = asyncio.Event()
        self._turn = asyncio.Lock()
        self._changes: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._heard_at = self._answered_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._ending: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect. Raises RedisError or OSError."""
        try:
            await self._ears.connect()  # type: ignore[no-untyped-call]
            await self._mouth.connect()  # type: ignore[no-untyped-call]
        except BaseException:
            await self._hang_up()
            raise
        self.is_open = True
        self._heard_at = self._answered_at = monotonic()
        for work in (self._hear, self._speak, self._confirm, self._watch):
            self._tasks.append(asyncio.get_running_loop().create_task(self._guard(work)))

    def say(self, channel: str, payload: bytes) -> None:
        """Queue a message. A queue over its bound ends the link."""
        self._waiting.append((channel, payload))
        self._bytes += len(payload)
        self._more.set()
        if len(self._waiting) + len(self._in_flight) > MAX_WAITING or self._bytes > MAX_WAITING_BYTES:
            self._fail(_Behind("the server takes less than is published"))

    async def hear(self, channels: Collection[str]) -> None:
        """Return when these channels are heard, or when the link is lost."""
        fresh = [channel for channel in channels if channel not in self.channels]
        self.channels.update(fresh)
        await self._change(self._subscribe, fresh)

    async def ignore(self, channels: Collection[str]) -> None:
        """Return when these channels are not heard any more, or when the link is lost."""
        known = [channel for channel in channels if channel in self.channels]
        self.channels.difference_update(known)
        await self._change(self._unsubscribe, known)

    async def flush(self) -> None:
        """Wait until the server has everything said so far, or the link is lost."""
        while self.is_open and (self._waiting or self._in_flight):
            self._drained.clear()
            await self._drained.wait()

    def unsaid(self) -> list[Message]:
        """What was said and is not known to have arrived, in order; for a link that is lost."""
        return [message for message in (*self._in_flight, *self._waiting) if message is not None]

    async def close(self) -> None:
        """Hang up."""
        self._end()
        if self._ending is not None:
            await self._ending

    # The four loops. Each looks whether the link is still open: a cancellation that comes when `asyncio.wait_for` of
    # Python 3.11 has its result already is lost, and who waited for the loop to end would wait for ever.

    async def _hear(self) -> None:
        until = monotonic() + TURN_SECS
        while self.is_open:
            answer = await self._ears.read_response(disable_decoding=True, timeout=inf)
            self._heard_at = now = monotonic()
            kind = answer[0]
            if kind in _HEARD:
                self._receive(answer[1].decode(), answer[2])
            elif kind in _BEGUN:
                self._confirm_change()
            elif kind in _ENDED:
                if answer[1].decode() in self.channels:
                    raise RedisError("the server has let go of a channel: its slot has moved")
                self._confirm_change()
            if now > until:
                await asyncio.sleep(0)
                until = monotonic() + TURN_SECS

    async def _speak(self) -> None:
        while self.is_open:
            if not self._waiting:
                self._more.clear()
                await self._more.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._in_flight.extend(batch)
            commands: list[Command] = [("PING",) if said is None else (self._publish, *said) for said in batch]
            await self._write(self._mouth, commands)

    async def _confirm(self) -> None:
        until = monotonic() + TURN_SECS
        while self.is_open:
            await self._mouth.read_response(disable_decoding=True, timeout=inf)
            self._answered_at = now = monotonic()
            said = self._in_flight.popleft()
            if said is not None:
                self._bytes -= len(said[1])
            if not self._in_flight and not self._waiting:
                self._drained.set()
            if now > until:
                await asyncio.sleep(0)
                until = monotonic() + TURN_SECS

    async def _watch(self) -> None:
        while self.is_open:
            asked_at = monotonic()
            self._waiting.append(None)
            self._more.set()
            async with self._turn:
                await self._write(self._ears, [("PING",)])
            await asyncio.sleep(PING_SECS)
            if min(self._heard_at, self._answered_at) < asked_at:
                raise TimeoutError("the server does not answer")

    # Inside.

    async def _change(self, command: str, channels: list[str]) -> None:
        for at in range(0, len(channels), CHANNELS):
            if not self.is_open:
                return
            piece = channels[at : at + CHANNELS]
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            async with self._turn:
                self._changes.append((len(piece), done))
                await self._command(command, piece)
            if self.is_open:
                await done

    async def _command(self, command: str, channels: list[str]) -> None:
        step = self._channels_per_command
        commands: Iterable[Command] = ((command, *channels[at : at + step]) for at in range(0, len(channels), step))
        try:
            await self._write(self._ears, commands)
        except (RedisError, OSError) as error:
            self._fail(error)

    async def _write(self, connection: AbstractConnection, commands: Iterable[Command]) -> None:
        """Send commands. Raises RedisError or OSError, also when the connection is lost in this very moment."""
        # redis-py opens a lost connection again in silence, and nobody would close it.
        if not self.is_open or not connection.is_connected:
            raise ConnectionError(_LOST)
        try:
            await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        except AttributeError:
            # redis-py writes in a task of its own, and then to nothing when the other side has hung up meanwhile.
            raise ConnectionError(_LOST) from None

    def _confirm_change(self) -> None:
        left, done = self._changes[0]
        if left > 1:
            self._changes[0] = left - 1, done
            return
        self._changes.popleft()
        if not done.done():
            done.set_result(None)

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (RedisError, OSError) as error:
            self._fail(error)
        except Exception as error:
            log.exception("redis_link_failed")
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if self.is_open:
            log.warning("redis_lost", why=str(error) or type(error).__name__)
            self._end()
            self._lost(self)

    def _end(self) -> None:
        if not self.is_open:
            return
        self.is_open = False
        self._drained.set()
        while self._changes:
            _, done = self._changes.popleft()
            if not done.done():
                done.set_result(None)
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._ending = asyncio.get_running_loop().create_task(self._hang_up())

    async def _hang_up(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in (self._ears, self._mouth):
            await connection.disconnect(nowait=True)
