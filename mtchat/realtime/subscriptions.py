"""Which channels this process hears. Wishes are carried out in turn: let go and wanted again ends up heard."""

import asyncio
from typing import Final

import structlog

from mtchat.realtime.bus import Bus

log = structlog.get_logger(__name__)

# Channels in one command to the bus.
BATCH: Final = 500
RETRY_SECS: Final = 1.0


class Subscriptions:
    """The wish list of channels, and the one task that tells the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changes: dict[str, bool] = {}
        self._task: asyncio.Task[None] | None = None

    def want(self, channel: str) -> None:
        """Hear this channel."""
        self._change(channel, True)

    def drop(self, channel: str) -> None:
        """Stop hearing this channel."""
        self._change(channel, False)

    async def settled(self) -> None:
        """Return when everything asked for so far is in effect (or the bus is cut: it then follows when it is back)."""
        while self._task is not None:
            await asyncio.shield(self._task)

    def close(self) -> None:
        """Ask for nothing more."""
        if self._task is not None:
            self._task.cancel()

    def _change(self, channel: str, wanted: bool) -> None:
        # The newest wish for a channel replaces an older one that was not carried out yet, and takes its turn.
        self._changes.pop(channel, None)
        self._changes[channel] = wanted
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._carry_out())

    async def _carry_out(self) -> None:
        try:
            while self._changes:
                batch = dict(list(self._changes.items())[:BATCH])
                for channel in batch:
                    del self._changes[channel]
                wanted = [channel for channel, hear in batch.items() if hear]
                dropped = [channel for channel, hear in batch.items() if not hear]
                try:
                    if dropped:
                        await self._bus.unsubscribe(*dropped)
                    if wanted:
                        await self._bus.subscribe(*wanted)
                except Exception:
                    log.exception("subscribe_failed", channels=len(batch))
                    self._changes = batch | self._changes
                    await asyncio.sleep(RETRY_SECS)
        finally:
            self._task = None
