"""Hands out `presence.update`: one frame per person and tick, however many dialogs two people share.

When thousands come back at once ticks grow longer, and a receiver gets what a tick collected in one write.
"""

import asyncio
from time import monotonic
from typing import Final

from mtchat.realtime.frames import text_frame
from mtchat.realtime.hub import Hub, Member, Room

TICK_SECS: Final = 0.05
# The longest wait for news of somebody, in a storm.
MAX_TICK_SECS: Final = 1.0
# Writes of presence a second that ticks are stretched to: a tenth of what a process can write.
WRITES_PER_SEC: Final = 10_000
# A turn of deliveries; then the loop serves requests before the next one.
TURN_SECS: Final = 0.005


class PresenceFeed:
    """What is to be told about whom, and to whom."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # The person spoken of -> newest frame and its receivers.
        self._waiting: dict[str, tuple[bytes, set[Member]]] = {}
        self._outgoing: dict[Member, list[bytes]] = {}
        self._writes = 0
        self._timer: asyncio.Handle | None = None

    def add(self, room: Room, user_id: str, frame: bytes) -> None:
        """Tell the members of a room about one of them; a newer state of the same person replaces an older one."""
        known = self._waiting.get(user_id)
        receivers = known[1] if known is not None else set()
        receivers.update(room.members)
        self._waiting[user_id] = frame, receivers
        if self._timer is None:
            delay = min(MAX_TICK_SECS, max(TICK_SECS, self._writes / WRITES_PER_SEC))
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        for user_id, (frame, receivers) in self._waiting.items():
            ready = text_frame(frame)
            for member in receivers:
                if member.user_id != user_id and member.connections:
                    self._outgoing.setdefault(member, []).append(ready)
        self._waiting.clear()
        self._writes = len(self._outgoing)
        self._write()

    def _write(self) -> None:
        until = monotonic() + TURN_SECS
        loop = asyncio.get_running_loop()
        while self._outgoing:
            member, ready = self._outgoing.popitem()
            self._hub.deliver_to(member, b"".join(ready), len(ready))
            if self._outgoing and monotonic() > until:
                self._timer = loop.call_soon(self._write)
                return
        self._timer = loop.call_later(TICK_SECS, self._tick) if self._waiting else None
