"""Keeps the hub's picture of who is in which dialog true, whatever order things arrive in.

Each fact carries the seq it is true at: a loaded row ("in it as of 17"), a `participant.left` ("out as of 19"). The
later one wins, so nothing has to be held back while a person's dialogs are loaded, and a late `joined` never undoes a
`left`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, Final

import structlog

from mtchat.core.errors import ChatError
from mtchat.persistence.resume import RoomState
from mtchat.realtime.bus import dialog_channel
from mtchat.realtime.hub import Hub, Member, Room
from mtchat.realtime.sequencer import Sequencer
from mtchat.realtime.subscriptions import Subscriptions

if TYPE_CHECKING:
    from asyncio import TimerHandle

log = structlog.get_logger(__name__)

# A dialog without anybody here is followed this much longer: people reload, and subscribing costs more than ignoring.
LINGER_SECS: Final = 30.0
# Dialogs compared with the database in one query after they were opened.
VERIFY_BATCH: Final = 1_000
RETRY_SECS: Final = 1.0

ReadRooms = Callable[[Sequence[str]], Awaitable[list[RoomState]]]


class Memberships:
    """Opens and closes rooms of the hub, lets people in and out."""

    def __init__(
        self, hub: Hub, subscriptions: Subscriptions, sequencer: Sequencer, read_rooms: ReadRooms, linger_secs: float
    ) -> None:
        self._hub = hub
        self._subscriptions = subscriptions
        self._sequencer = sequencer
        self._read_rooms = read_rooms
        self._linger_secs = linger_secs
        self._empty: dict[Room, TimerHandle] = {}
        self._unverified: list[Room] = []
        self._verifier: asyncio.Task[None] | None = None

    def admit(self, member: Member, state: RoomState, *, newest: int | None = None) -> Room | None:
        """Let a person into a dialog that he is in as of `state.last_seq`; None when he has left it since.

        newest: the newest event known to exist; without it the database is asked once the dialog is followed.
        """
        if member.left is not None and member.left.get(state.dialog_id, -1) > state.last_seq:
            return None
        room = self._hub.rooms.get(state.dialog_id)
        if room is None:
            room = self._open(state, newest)
        elif not room.size:
            room.size = state.size
        if member in room.members:
            return room
        if room.last_seq < state.last_seq:
            # The room is behind what was loaded: he hears what comes after it, the others first hear what they miss.
            if room.arriving is None:
                room.arriving = {}
            room.arriving[member] = max(state.last_seq, room.arriving.get(member, 0))
            self._sequencer.known(room, state.last_seq)
        else:
            self._enter(member, room)
        return room

    def gained(self, member: Member, dialog_id: str, seq: int) -> bool:
        """He hears the dialog from the event of this seq on, which his `participant.joined` is or follows.

        False when that event has passed and he is not in: only the database knows whether he has left since.
        """
        room = self._hub.rooms.get(dialog_id)
        if room is None or room.last_seq < seq:
            room = self.admit(member, RoomState(dialog_id, seq - 1, 0))
            if room is not None:
                self._sequencer.known(room, seq)
            return True
        if member in room.members or member in (room.arriving or ()):
            return True
        return member.left is not None and member.left.get(dialog_id, -1) > seq

    def joined(self, room: Room, user_id: str, seq: int) -> None:
        """The log says that he came in; called before the event goes out."""
        room.size += 1
        member = self._hub.members.get(user_id)
        if member is None or member in room.members:
            return
        if room.arriving is not None and room.arriving.get(member, -1) >= seq:
            return
        if member.left is not None and member.left.get(room.dialog_id, -1) > seq:
            return
        self._enter(member, room)

    def left(self, room: Room, user_id: str, seq: int) -> None:
        """The log says that he went; called after the event went out, which he still gets."""
        room.size = max(0, room.size - 1)
        member = self._hub.members.get(user_id)
        if member is None:
            return
        if room.arriving is not None and member in room.arriving:
            if room.arriving[member] > seq:
                return
            del room.arriving[member]
        self._note_left(member, room.dialog_id, seq)
        self._leave(member, room)

    def lost(self, member: Member, dialog_id: str, seq: float = inf) -> None:
        """He is out as of `seq`; without one the dialog is gone."""
        self._note_left(member, dialog_id, seq)
        room = self._hub.rooms.get(dialog_id)
        if room is not None:
            if room.arriving is not None:
                room.arriving.pop(member, None)
            self._leave(member, room)

    def reached(self, room: Room) -> None:
        """The room has delivered up to its last_seq: let in those who waited for it."""
        if room.arriving is None:
            return
        for member in [member for member, seq in room.arriving.items() if seq <= room.last_seq]:
            del room.arriving[member]
            self._enter(member, room)
        if not room.arriving:
            room.arriving = None
            self._maybe_empty(room)

    def forget(self, member: Member) -> None:
        """The person is gone from this process."""
        for room in list(member.rooms):
            self._leave(member, room)

    def close(self) -> None:
        """Stop timers and comparisons."""
        for timer in self._empty.values():
            timer.cancel()
        if self._verifier is not None:
            self._verifier.cancel()

    def _open(self, state: RoomState, newest: int | None) -> Room:
        room = Room(state.dialog_id, state.last_seq, state.size)
        self._hub.rooms[state.dialog_id] = room
        self._subscriptions.want(dialog_channel(state.dialog_id))
        if newest is not None:
            self._sequencer.known(room, newest)
            return room
        # What was committed after `state` was read and published before the subscription took effect is in the log
        # only.
        self._unverified.append(room)
        if self._verifier is None:
            self._verifier = asyncio.get_running_loop().create_task(self._verify())
        return room

    def _enter(self, member: Member, room: Room) -> None:
        if self._hub.members.get(member.user_id) is not member:
            return
        room.members.add(member)
        member.rooms.add(room)
        timer = self._empty.pop(room, None)
        if timer is not None:
            timer.cancel()

    def _leave(self, member: Member, room: Room) -> None:
        room.members.discard(member)
        member.rooms.discard(room)
        self._maybe_empty(room)

    def _maybe_empty(self, room: Room) -> None:
        if not room.members and room not in self._empty:
            self._empty[room] = asyncio.get_running_loop().call_later(self._linger_secs, self._close_room, room)

    def _close_room(self, room: Room) -> None:
        del self._empty[room]
        if room.members or room.arriving:
            return
        if self._hub.rooms.get(room.dialog_id) is room:
            del self._hub.rooms[room.dialog_id]
            self._subscriptions.drop(dialog_channel(room.dialog_id))
        if room.timer is not None:
            room.timer.cancel()

    def _note_left(self, member: Member, dialog_id: str, seq: float) -> None:
        if member.left is None:
            member.left = {}
        member.left[dialog_id] = max(seq, member.left.get(dialog_id, -1))

    async def _verify(self) -> None:
        try:
            while self._unverified:
                await self._subscriptions.settled()
                batch = self._unverified[:VERIFY_BATCH]
                del self._unverified[:VERIFY_BATCH]
                try:
                    states = await self._read_rooms([room.dialog_id for room in batch])
                except ChatError as error:
                    log.warning("rooms_not_compared", why=error.message)
                    self._unverified += batch
                    await asyncio.sleep(RETRY_SECS)
                    continue
                self.compare(states)
        finally:
            self._verifier = None

    def compare(self, states: Sequence[RoomState]) -> None:
        """Take note of how far dialogs are; what is missing here is read from the log."""
        for state in states:
            room = self._hub.rooms.get(state.dialog_id)
            if room is not None:
                if not room.size or room.last_seq == state.last_seq:
                    room.size = state.size
                self._sequencer.known(room, state.last_seq)
