"""One per process: hands what the bus brings to the hub, in the order of the log; lets sockets in and out."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from mtchat.core import events
from mtchat.persistence.batches import Batcher
from mtchat.persistence.event_log import list_events_since
from mtchat.persistence.resume import (
    ResumeAsk,
    ResumeState,
    RoomState,
    list_memberships_of,
    list_missed_events,
    list_resume_states,
    list_room_states,
)
from mtchat.realtime.bus import (
    FRAME,
    GAINED,
    KNOWN,
    LOST,
    REVOKED,
    Bus,
    dialog_of_channel,
    unpack,
    user_channel,
    user_of_channel,
)
from mtchat.realtime.close_codes import GOING_AWAY, TRY_LATER, UNAUTHORIZED
from mtchat.realtime.connection import Connection
from mtchat.realtime.frames import text_frame
from mtchat.realtime.healing import Healing
from mtchat.realtime.hub import Hub, Member, Room, connected_frame
from mtchat.realtime.memberships import LINGER_SECS, Memberships
from mtchat.realtime.overheard import Overheard
from mtchat.realtime.presence_feed import PresenceFeed
from mtchat.realtime.replay import Missed, Resumer, read_frames
from mtchat.realtime.sequencer import GAP_WAIT_SECS, Arrival, Sequencer
from mtchat.realtime.subscriptions import Subscriptions

if TYPE_CHECKING:
    from mtchat.config.settings import RealtimeSettings
    from mtchat.persistence.messages import Sign
    from mtchat.persistence.pool import Database

log = structlog.get_logger(__name__)

# A client whose dialogs could not be loaded comes back after this, when the database may be there again.
RETURN_MS: Final = 2_000


class Dispatcher:
    """Between bus and hub. Needs a running event loop from `start` on."""

    def __init__(
        self,
        hub: Hub,
        bus: Bus,
        database: "Database",
        settings: "RealtimeSettings",
        *,
        sign: "Sign",
        gap_wait_secs: float = GAP_WAIT_SECS,
    ) -> None:
        self._hub = hub
        self._bus = bus
        self._grace_secs = settings.presence_grace_secs
        self._subscriptions = Subscriptions(bus)
        self._sequencer = Sequencer(
            self._deliver, partial(list_events_since, database, sign), gap_wait_secs=gap_wait_secs
        )
        read_rooms = partial(list_room_states, database)
        read_memberships = partial(list_memberships_of, database)
        self._memberships = Memberships(hub, self._subscriptions, self._sequencer, read_rooms, LINGER_SECS)
        self._healing = Healing(hub, self._memberships, self._sequencer, read_rooms, read_memberships)
        self._presence_feed = PresenceFeed(hub)
        # Thousands come back together after a restart: whoever waits is loaded by one statement.
        self._loads: Batcher[str, list[RoomState]] = Batcher(read_memberships, key=lambda user_id: "", writers=1)
        self._resumes: Batcher[ResumeAsk, ResumeState] = Batcher(
            partial(list_resume_states, database), key=lambda ask: ask.user_id, writers=2
        )
        read_missed = partial(read_frames, partial(list_missed_events, database, sign))
        self._missed: Batcher[ResumeAsk, list[Missed]] = Batcher(read_missed, key=lambda ask: ask.user_id, writers=2)
        self._resumer = Resumer(self._resumes.submit, self._missed.submit, read_missed, hub.limits)
        self._loading: set[asyncio.Task[None]] = set()
        self._overheard = Overheard()

    async def start(self) -> None:
        """Listen to the bus and begin to ping sockets."""
        self._bus.on_message(self._receive)
        self._bus.on_state(self._healing.bus_changed)
        self._hub.start()

    async def close(self) -> None:
        """Send every client away, then stop."""
        await self._hub.close()
        self._healing.close()
        self._memberships.close()
        self._sequencer.close()
        self._presence_feed.close()
        self._subscriptions.close()
        for task in self._loading:
            task.cancel()

    # Sockets come and go.

    def attach(self, connection: Connection) -> None:
        """Take in an open socket: `connected` is its first frame, and everything committed from then on follows it.

        While the person's dialogs are loaded the socket gets nothing; when they cannot be loaded it is closed with
        1013.
        """
        if self._hub.draining:
            connection.close(GOING_AWAY)
            return
        member = self._hub.members.get(connection.user_id)
        if member is None:
            member = self._hub.members[connection.user_id] = Member(connection.user_id)
            task = asyncio.get_running_loop().create_task(self._load(member))
            self._loading.add(task)
            task.add_done_callback(self._loading.discard)
        if member.leave_timer is not None:
            member.leave_timer.cancel()
            member.leave_timer = None
        self._hub.add(connection, member)
        if member.ready:
            self._greet(member)

    def detach(self, connection: Connection) -> None:
        """Forget a socket that is gone. The person stays for the grace, then goes offline."""
        member = self._hub.remove(connection)
        if member is not None and member.ready and not self._hub.draining:
            self._begin_grace(member)

    def compare(self) -> None:
        """Compare everything with the database once: another process may have died between commit and publish."""
        self._healing.compare_once()

    async def resume(self, connection: Connection, dialogs: dict[str, int]) -> None:
        """Send a client what it missed of these dialogs (id -> last seq it has), then `resumed`. Raises Unavailable."""
        await self._resumer.resume(connection, dialogs)

    async def _load(self, member: Member) -> None:
        self._overheard.begin()
        try:
            await self._load_dialogs(member)
        finally:
            self._overheard.end()

    async def _load_dialogs(self, member: Member) -> None:
        try:
            # The channel first: what changes after the rows were read is then heard.
            self._subscriptions.want(user_channel(member.user_id))
            await self._subscriptions.settled()
            states = await self._loads.submit(member.user_id)
        except Exception as error:
            log.warning("dialogs_not_loaded", why=type(error).__name__)
            for connection in [*member.waiting]:
                connection.close(TRY_LATER, orjson.dumps({"retry_after_ms": RETURN_MS}).decode())
            self._expire(member)
            return
        for state in states:
            newest = self._overheard.newest(state.dialog_id) if self._bus.brings_all else None
            self._memberships.admit(member, state, newest=newest)
        member.ready = True
        if member.waiting:
            self._greet(member)
        else:
            self._begin_grace(member)

    def _greet(self, member: Member) -> None:
        frame = connected_frame(member.user_id)
        for connection in member.waiting:
            connection.offer(frame)
        member.connections += member.waiting
        member.waiting = []
        self._hub.set_online(member, True)

    def _begin_grace(self, member: Member) -> None:
        loop = asyncio.get_running_loop()
        member.leave_timer = loop.call_later(self._grace_secs, self._expire, member)

    def _expire(self, member: Member) -> None:
        member.leave_timer = None
        self._hub.set_online(member, False)
        self._memberships.forget(member)
        if self._hub.members.get(member.user_id) is member:
            del self._hub.members[member.user_id]
            self._subscriptions.drop(user_channel(member.user_id))

    # The bus brings something.

    def _receive(self, channel: str, payload: bytes) -> None:
        user_id = user_of_channel(channel)
        if user_id is not None:
            member = self._hub.members.get(user_id)
            if member is not None:
                self._to_person(member, *unpack(payload))
            return
        room = self._hub.rooms.get(dialog_of_channel(channel))
        if room is not None:
            self._from_dialog(room, *unpack(payload))
        elif self._overheard.listening:
            seq, _, _, dialog_id, _ = unpack(payload)[0]
            if seq is not None:
                self._overheard.note(dialog_id, seq)

    def _from_dialog(self, room: Room, header: list[Any], frame: bytes) -> None:
        seq, kind, user_id, _, audience = header
        if kind == KNOWN:
            self._sequencer.known(room, seq)
        elif seq is not None:
            self._sequencer.arrived(room, Arrival(seq, kind, user_id, audience, frame))
        elif kind == events.PRESENCE_UPDATE:
            self._presence_feed.add(room, user_id, frame)
        else:
            self._hub.deliver(room, text_frame(frame), None, exclude=user_id)

    def _to_person(self, member: Member, header: list[Any], frame: bytes) -> None:
        kind, dialog_id, seq = header
        if kind == FRAME:
            self._hub.deliver_to(member, text_frame(frame))
        elif kind == GAINED and frame:
            if self._memberships.admit(member, RoomState(dialog_id, seq, 0)) is not None:
                self._hub.deliver_to(member, text_frame(frame))
        elif kind == GAINED:
            if not self._memberships.gained(member, dialog_id, seq):
                self._healing.recheck(member.user_id)
        elif kind == LOST:
            self._memberships.lost(member, dialog_id)
            self._hub.deliver_to(member, text_frame(frame))
        elif kind == REVOKED:
            for connection in [*member.connections, *member.waiting]:
                connection.close(UNAUTHORIZED)

    def _deliver(self, room: Room, arrival: Arrival) -> None:
        """Carry out one event of the log; called in order of seq."""
        if arrival.type == events.PARTICIPANT_JOINED and arrival.user_id is not None:
            self._memberships.joined(room, arrival.user_id, arrival.seq)
        if room.members:
            self._hub.deliver(room, text_frame(arrival.frame), arrival.seq, audience=arrival.audience)
        if arrival.type == events.PARTICIPANT_LEFT and arrival.user_id is not None:
            self._memberships.left(room, arrival.user_id, arrival.seq)
        if room.arriving is not None:
            self._memberships.reached(room)
