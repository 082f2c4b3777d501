"""Who is connected to this process: person -> sockets, dialog -> those of its people who are here.

Membership belongs to the person, not to the socket: a second tab costs a list entry. A person stays in the hub for the
presence grace after the last socket, so that a reload neither flickers nor loads anything again.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import orjson

from mtchat.realtime import metrics
from mtchat.realtime.close_codes import GOING_AWAY, TOO_MANY_SOCKETS
from mtchat.realtime.connection import Connection, QueueLimits
from mtchat.realtime.frames import text_frame

if TYPE_CHECKING:
    from mtchat.config.settings import RealtimeSettings
    from mtchat.realtime.sequencer import Arrival

# Sockets are pinged in so many groups, one after another, so that thousands of pings never leave in one turn of the
# loop.
PING_GROUPS: Final = 25
# On drain clients return over this span: half a second, and one more millisecond per socket, so 4,000 come back over
# 4.5 s.
RETURN_BASE_MS: Final = 500
RETURN_MAX_MS: Final = 30_000

# user id, online or not, (dialog id, number of members) of each dialog he is in
PresenceListener = Callable[[str, bool, list[tuple[str, int]]], None]


class Room:
    """A dialog that somebody here is in.

    last_seq: the newest event delivered here. target: the newest one known to exist. size: members everywhere, 0 while
    unknown. early: events that came before their turn, by seq. arriving: people let in as soon as last_seq reaches the
    given seq.
    """

    __slots__ = ("arriving", "dialog_id", "early", "filling", "last_seq", "members", "size", "target", "timer")

    def __init__(self, dialog_id: str, last_seq: int, size: int) -> None:
        self.dialog_id = dialog_id
        self.last_seq = last_seq
        self.target = last_seq
        self.size = size
        self.members: set[Member] = set()
        self.arriving: dict[Member, int] | None = None
        self.early: dict[int, Arrival] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.filling = False


class Member:
    """A person who has a socket here, or had one a moment ago.

    ready: his dialogs are loaded; until then sockets are in `waiting` and get nothing. online: others were told so.
    left: dialog id -> seq at which he left it, so that an older "joined" that comes late does not bring him back.
    """

    __slots__ = ("connections", "leave_timer", "left", "online", "ready", "rooms", "user_id", "waiting")

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.connections: list[Connection] = []
        self.waiting: list[Connection] = []
        self.rooms: set[Room] = set()
        self.left: dict[str, float] | None = None
        self.ready = False
        self.online = False
        self.leave_timer: asyncio.TimerHandle | None = None


class Hub:
    """The connections of one process."""

    def __init__(self, settings: "RealtimeSettings") -> None:
        self.limits = QueueLimits(settings.queue_frames, settings.queue_bytes)
        self.members: dict[str, Member] = {}
        self.rooms: dict[str, Room] = {}
        self.draining = False
        self._sockets_per_user = settings.sockets_per_user
        self._ping_every_secs = settings.ping_secs / PING_GROUPS
        self._connections: set[Connection] = set()
        self._ping_groups: list[set[Connection]] = [set() for _ in range(PING_GROUPS)]
        self._ping_turn = 0
        self._added = 0
        self._ping_timer: asyncio.TimerHandle | None = None
        self._emptied: asyncio.Event = asyncio.Event()
        self._tell_presence: PresenceListener = lambda user_id, online, dialogs: None

    # People and presence.

    def on_presence(self, listener: PresenceListener) -> None:
        """Set who is told that a person came online here or went offline."""
        self._tell_presence = listener

    def is_online(self, user_id: str) -> bool:
        """Whether the person has a socket here, or had one within the grace."""
        member = self.members.get(user_id)
        return member is not None and member.online

    def room_size(self, user_id: str, dialog_id: str) -> int | None:
        """Return the number of members of a dialog, None when the person is not in it."""
        member, room = self.members.get(user_id), self.rooms.get(dialog_id)
        return room.size if member is not None and room is not None and member in room.members else None

    def set_online(self, member: Member, online: bool) -> None:
        """Note it, and tell once."""
        if member.online != online:
            member.online = online
            self._tell_presence(member.user_id, online, [(room.dialog_id, room.size) for room in member.rooms])

    # Sockets.

    @property
    def socket_count(self) -> int:
        """Sockets open here."""
        return len(self._connections)

    def add(self, connection: Connection, member: Member) -> None:
        """Take in a socket; it gets events once it is in `member.connections`. The oldest of too many is closed."""
        connection.member = member
        self._connections.add(connection)
        self._ping_groups[self._added % PING_GROUPS].add(connection)
        self._added += 1
        member.waiting.append(connection)
        if len(member.connections) + len(member.waiting) > self._sockets_per_user:
            oldest = (member.connections or member.waiting).pop(0)
            oldest.close(TOO_MANY_SOCKETS)

    def remove(self, connection: Connection) -> Member | None:
        """Forget a socket; returns the person when it was the last one."""
        member = connection.member
        if connection not in self._connections or member is None:
            return None
        self._connections.discard(connection)
        for group in self._ping_groups:
            if connection in group:
                group.discard(connection)
                break
        connection.member = None
        for sockets in (member.connections, member.waiting):
            if connection in sockets:
                sockets.remove(connection)
        if not self._connections:
            self._emptied.set()
        return None if member.connections or member.waiting else member

    # Delivery.

    def deliver(
        self,
        room: Room,
        frame: bytes,
        seq: int | None,
        *,
        audience: Iterable[str] | None = None,
        exclude: str | None = None,
    ) -> None:
        """Write one ready WebSocket frame to every socket of the dialog's members.

        seq: place in the dialog, None for what is not in the log. audience: only these people. exclude: all but this
        one.
        """
        chosen = None if audience is None else frozenset(audience)
        sent = 0
        for member in room.members:
            if member.user_id == exclude or (chosen is not None and member.user_id not in chosen):
                continue
            for connection in member.connections:
                sent += 1
                if connection.replay is None or not connection.replay.hold(room.dialog_id, seq, frame):
                    connection.offer(frame)
        if sent:
            metrics.FRAMES_SENT.inc(sent)

    def deliver_to(self, member: Member, frame: bytes, frames: int = 1) -> None:
        """Write one ready WebSocket frame, or several joined, to every socket of a person."""
        for connection in member.connections:
            connection.offer(frame)
        if member.connections:
            metrics.FRAMES_SENT.inc(frames * len(member.connections))

    # Life of the process.

    def start(self) -> None:
        """Begin to ping."""
        self._ping_timer = asyncio.get_running_loop().call_later(self._ping_every_secs, self._ping)

    def drain(self) -> None:
        """Send every client away (1001) with a time to return that is spread over all of them; accept no new ones."""
        self.draining = True
        span_ms = min(RETURN_MAX_MS, RETURN_BASE_MS + len(self._connections))
        for connection in list(self._connections):
            delay_ms = random.randint(0, span_ms)
            connection.close(GOING_AWAY, orjson.dumps({"retry_after_ms": delay_ms}).decode())

    async def close(self, within_secs: float = 2.0) -> None:
        """Drain, wait until the clients have hung up, and cut those that have not."""
        if self._ping_timer is not None:
            self._ping_timer.cancel()
        self.drain()
        self._emptied.clear()
        try:
            async with asyncio.timeout(within_secs):
                while self._connections:
                    await self._emptied.wait()
        except TimeoutError:
            for connection in list(self._connections):
                connection.abort()
        for member in self.members.values():
            if member.leave_timer is not None:
                member.leave_timer.cancel()
        for room in self.rooms.values():
            if room.timer is not None:
                room.timer.cancel()

    def _ping(self) -> None:
        self._ping_timer = asyncio.get_running_loop().call_later(self._ping_every_secs, self._ping)
        self._ping_turn = (self._ping_turn + 1) % PING_GROUPS
        for connection in tuple(self._ping_groups[self._ping_turn]):
            connection.ping()


def connected_frame(user_id: str) -> bytes:
    """Return the first frame of a socket. `resume`: the client may ask for what it missed."""
    return text_frame(orjson.dumps({"type": "connected", "employee_id": user_id, "resume": True}))
