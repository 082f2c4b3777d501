"""Hands out `presence.update`: one frame per person and tick, however many dialogs two people share."""

import asyncio
from time import monotonic
from typing import Final

from mtchat.realtime.frames import text_frame
from mtchat.realtime.hub import Hub, Member, Room

TICK_SECS: Final = 0.05
# A turn of deliveries when thousands come back; then the loop serves requests before the next one.
TURN_SECS: Final = 0.005


class PresenceFeed:
    """What is to be told about whom, and to whom."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # The person spoken of -> newest frame and its receivers. In order of first mention.
        self._waiting: dict[str, tuple[bytes, set[Member]]] = {}
        self._timer: asyncio.Handle | None = None

    def add(self, room: Room, user_id: str, frame: bytes) -> None:
        """Tell the members of a room about one of them; a newer state of the same person replaces an older one."""
        known = self._waiting.get(user_id)
        receivers = known[1] if known is not None else set()
        receivers.update(room.members)
        self._waiting[user_id] = frame, receivers
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TICK_SECS, self._flush)

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        self._timer = None
        until = monotonic() + TURN_SECS
        while self._waiting:
            user_id = next(iter(self._waiting))
            frame, receivers = self._waiting.pop(user_id)
            ready = text_frame(frame)
            for member in receivers:
                if member.user_id != user_id:
                    self._hub.deliver_to(member, ready)
            if self._waiting and monotonic() > until:
                self._timer = asyncio.get_running_loop().call_soon(self._flush)
                return
