"""The bus of a process that is alone: payloads pass through the same bytes as on the wire of a real one."""

import asyncio
from collections import deque
from time import monotonic
from typing import Final

import structlog

from mtchat.realtime.bus import Receive, StateChange

log = structlog.get_logger(__name__)

# A turn of deliveries; then the loop serves requests before the next one.
TURN_SECS: Final = 0.005


class MemoryBus:
    """Delivers after the publisher's turn of the event loop, so no request waits for the sockets its event goes to.

    Everything comes, subscribed or not: a look-up that finds nobody costs less than keeping a list of channels.
    """

    brings_all = True
    is_up = True

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._receive: Receive | None = None
        self._scheduled = False
        self._closed = False

    def publish(self, channel: str, payload: bytes) -> None:
        """Queue the message for the next turn."""
        if self._closed:
            return
        self._waiting.append((channel, payload))
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._deliver)

    async def subscribe(self, *channels: str) -> None:
        """Nothing to do: everything is heard."""

    async def unsubscribe(self, *channels: str) -> None:
        """Nothing to do: what comes for nobody is dropped where it arrives."""

    def on_message(self, callback: Receive) -> None:
        """Set who gets what is heard."""
        self._receive = callback

    def on_state(self, callback: StateChange) -> None:
        """Memory is never cut: the callback is never called."""

    async def start(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Drop what still waits."""
        self._closed = True
        self._waiting.clear()

    def _deliver(self) -> None:
        until = monotonic() + TURN_SECS
        while self._waiting:
            channel, payload = self._waiting.popleft()
            if self._receive is not None:
                try:
                    self._receive(channel, payload)
                except Exception:
                    log.exception("delivery_failed", channel=channel)
            if self._waiting and monotonic() > until:
                asyncio.get_running_loop().call_soon(self._deliver)
                return
        self._scheduled = False
