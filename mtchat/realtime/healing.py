"""While the bus is cut: reads the log instead, once a second. When it is back: compares everything once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import orjson
import structlog

from mtchat.core import events
from mtchat.core.errors import ChatError
from mtchat.persistence.resume import RoomState
from mtchat.realtime.frames import text_frame
from mtchat.realtime.hub import Hub, Member, Room
from mtchat.realtime.memberships import Memberships
from mtchat.realtime.sequencer import Sequencer

log = structlog.get_logger(__name__)

POLL_SECS: Final = 1.0
# Who was let into a dialog that nobody here was in is seen at every so many polls: that list is long, and such cases
# are few.
POLLS_PER_MEMBERSHIP_CHECK: Final = 10
BATCH: Final = 1_000

ReadRooms = Callable[[Sequence[str]], Awaitable[list[RoomState]]]
ReadMemberships = Callable[[Sequence[str]], Awaitable[Sequence[list[RoomState] | Exception]]]


class Healing:
    """Compares this process with the database."""

    def __init__(
        self,
        hub: Hub,
        memberships: Memberships,
        sequencer: Sequencer,
        read_rooms: ReadRooms,
        read_memberships: ReadMemberships,
        *,
        poll_secs: float = POLL_SECS,
    ) -> None:
        self._hub = hub
        self._memberships = memberships
        self._sequencer = sequencer
        self._read_rooms = read_rooms
        self._read_memberships = read_memberships
        self._poll_secs = poll_secs
        self._cut = False
        self._task: asyncio.Task[None] | None = None
        self._doubtful: set[str] = set()
        self._checker: asyncio.Task[None] | None = None

    def bus_changed(self, is_up: bool) -> None:
        """The bus was cut or is back."""
        self._cut = not is_up
        self.compare_once()

    def compare_once(self) -> None:
        """Compare everything now; while the bus is cut that is done anyway."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def recheck(self, user_id: str) -> None:
        """Compare one person's dialogs with the database."""
        self._doubtful.add(user_id)
        if self._checker is None:
            self._checker = asyncio.get_running_loop().create_task(self._check_doubtful())

    def close(self) -> None:
        """Stop."""
        for task in (self._task, self._checker):
            if task is not None:
                task.cancel()

    async def _check_doubtful(self) -> None:
        try:
            while self._doubtful:
                batch = list(self._doubtful)[:BATCH]
                self._doubtful.difference_update(batch)
                try:
                    await self._check_people(batch)
                except ChatError as error:
                    log.warning("not_compared", why=error.message)
                    self._doubtful.update(batch)
                    await asyncio.sleep(self._poll_secs)
        finally:
            self._checker = None

    async def _run(self) -> None:
        polls = 0
        try:
            while True:
                was_cut = self._cut
                try:
                    await self._compare(with_people=not was_cut or polls % POLLS_PER_MEMBERSHIP_CHECK == 0)
                    if not was_cut and not self._cut:
                        return
                except ChatError as error:
                    log.warning("not_compared", why=error.message)
                polls += 1
                await asyncio.sleep(self._poll_secs)
        finally:
            self._task = None

    async def _compare(self, *, with_people: bool) -> None:
        dialog_ids = list(self._hub.rooms)
        for at in range(0, len(dialog_ids), BATCH):
            self._memberships.compare(await self._read_rooms(dialog_ids[at : at + BATCH]))
        if with_people:
            # The log goes first: it tells of joins and departures in their order; what is left over it cannot know.
            await self._sequencer.settled()
            user_ids = [member.user_id for member in self._hub.members.values() if member.ready]
            for at in range(0, len(user_ids), BATCH):
                await self._check_people(user_ids[at : at + BATCH])

    async def _check_people(self, user_ids: list[str]) -> None:
        before = {
            user_id: {room: room.last_seq for room in member.rooms}
            for user_id in user_ids
            if (member := self._hub.members.get(user_id)) is not None
        }
        for user_id, found in zip(user_ids, await self._read_memberships(user_ids), strict=True):
            member = self._hub.members.get(user_id)
            if member is not None and user_id in before and not isinstance(found, Exception):
                self._correct(member, before[user_id], found)

    def _correct(self, member: Member, before: dict[Room, int], states: list[RoomState]) -> None:
        present = {state.dialog_id for state in states}
        for room, seq in before.items():
            # Only where nothing happened since the question was asked: a newer event knows better than the answer.
            if room.dialog_id not in present and room in member.rooms and room.last_seq == room.target == seq:
                self._tell(member, events.PARTICIPANT_LEFT, room.dialog_id)
                self._memberships.lost(member, room.dialog_id, seq + 1)
        for state in states:
            known = self._hub.rooms.get(state.dialog_id)
            if known is not None and (member in known.members or member in (known.arriving or ())):
                continue
            if self._memberships.admit(member, state) is not None:
                self._tell(member, events.PARTICIPANT_JOINED, state.dialog_id)

    def _tell(self, member: Member, kind: str, dialog_id: str) -> None:
        frame = {"type": kind, "dialog_id": dialog_id, "user_id": member.user_id}
        self._hub.deliver_to(member, text_frame(orjson.dumps(frame)))
