"""Puts the events of a dialog into order: next -> deliver, older -> drop, gap -> wait a moment, then read the log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from mtchat.core.errors import ChatError
from mtchat.core.events import LoggedEvent, encode_frame
from mtchat.realtime import metrics
from mtchat.realtime.hub import Room

log = structlog.get_logger(__name__)

# Two sends that commit together may be published in the other order; the second is then here within a turn or two of
# the loop.
GAP_WAIT_SECS: Final = 0.01
# Events read from the log at once: a long cut is healed in steps, so that readers can keep up and memory stays bounded.
PAGE: Final = 200
# Dialogs healed at the same time: after a cut thousands are behind, and sends need the database connections too.
READERS: Final = 4
# Events of one dialog kept while they wait for an earlier one; what comes on top is read from the log.
MAX_EARLY: Final = 500
RETRY_FIRST_SECS: Final = 0.1
RETRY_MAX_SECS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A logged event on its way to sockets; `frame` is its text, not yet framed."""

    seq: int
    type: str
    user_id: str | None
    audience: Sequence[str] | None
    frame: bytes


def arrival_of(event: LoggedEvent) -> Arrival:
    """Return an event from the log as it would have arrived by the bus."""
    return Arrival(event.seq, event.type, event.user_id, event.audience, encode_frame(event))


class Sequencer:
    """Follows `last_seq` of every room.

    deliver: called once per event, in order. read_log: (dialog id, after seq, limit) -> events; a ChatError is retried.
    """

    def __init__(
        self,
        deliver: Callable[[Room, Arrival], None],
        read_log: Callable[[str, int, int], Awaitable[list[LoggedEvent]]],
        *,
        gap_wait_secs: float = GAP_WAIT_SECS,
    ) -> None:
        self._deliver = deliver
        self._read_log = read_log
        self._gap_wait_secs = gap_wait_secs
        self._readers = asyncio.Semaphore(READERS)
        self._tasks: set[asyncio.Task[None]] = set()

    def arrived(self, room: Room, arrival: Arrival) -> None:
        """Take an event from the bus."""
        if arrival.seq == room.last_seq + 1:
            self._next(room, arrival)
            if room.early is not None:
                self._catch_up_early(room)
        elif arrival.seq > room.last_seq:
            if room.early is None:
                room.early = {}
            if len(room.early) < MAX_EARLY:
                room.early[arrival.seq] = arrival
            self.known(room, arrival.seq)

    def known(self, room: Room, seq: int) -> None:
        """Note that the event `seq` exists; if it does not come by itself soon, the log is read."""
        room.target = max(room.target, seq)
        if room.target > room.last_seq and room.timer is None and not room.filling:
            room.timer = asyncio.get_running_loop().call_later(self._gap_wait_secs, self._gap_is_old, room)

    async def settled(self) -> None:
        """Wait until no log is being read; for a comparison that must see the end of a healing."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Stop reading."""
        for task in self._tasks:
            task.cancel()

    def _next(self, room: Room, arrival: Arrival) -> None:
        room.last_seq = arrival.seq
        try:
            self._deliver(room, arrival)
        except Exception:
            log.exception("delivery_failed", dialog_id=room.dialog_id, seq=arrival.seq)

    def _catch_up_early(self, room: Room) -> None:
        early = room.early
        while early and (arrival := early.pop(room.last_seq + 1, None)) is not None:
            self._next(room, arrival)
        if not early:
            room.early = None

    def _gap_is_old(self, room: Room) -> None:
        room.timer = None
        if room.target > room.last_seq and not room.filling:
            room.filling = True
            task = asyncio.get_running_loop().create_task(self._fill(room))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fill(self, room: Room) -> None:
        delay = RETRY_FIRST_SECS
        try:
            while room.last_seq < room.target:
                try:
                    async with self._readers:
                        events = await self._read_log(room.dialog_id, room.last_seq, PAGE)
                except ChatError as error:
                    log.warning("log_not_read", dialog_id=room.dialog_id, why=error.message)
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, RETRY_MAX_SECS)
                    continue
                self._take_page(room, events)
        finally:
            room.filling = False

    def _take_page(self, room: Room, events: list[LoggedEvent]) -> None:
        if not events:
            # The dialog is gone, or its log was pruned below what we had: whatever came by the bus is all there is.
            for seq in sorted(room.early or ()):
                self._next(room, room.early.pop(seq))  # type: ignore[union-attr]
            room.early = None
            room.last_seq = max(room.last_seq, room.target)
            return
        for event in events:
            if event.seq <= room.last_seq:
                continue
            if event.seq > room.last_seq + 1:
                log.warning("log_has_a_hole", dialog_id=room.dialog_id, after=room.last_seq, found=event.seq)
            metrics.EVENTS_HEALED.inc()
            if room.early is not None:
                room.early.pop(event.seq, None)
            self._next(room, arrival_of(event))
            room.target = max(room.target, event.seq)
        if room.early is not None:
            room.early = {seq: arrival for seq, arrival in room.early.items() if seq > room.last_seq}
            self._catch_up_early(room)
