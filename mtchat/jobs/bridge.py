"""Between Huey's threads and the one event loop of a worker: a ring taken by a thread wakes what waits in the loop."""

import asyncio
from contextlib import suppress

from mtchat.jobs.app import NAMES, NOTIFICATIONS, WEBHOOKS


class Bridge:
    """One bell per name. Made in the loop whose tasks wait."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._bells = {name: asyncio.Event() for name in NAMES}

    def perform(self, name: str) -> None:
        """What Huey runs for a ring, in a thread of its own; a name nobody knows, of another release, is nothing."""
        if name in self._bells:
            # A loop that is closing needs no ring.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ring, name)

    def wake(self, name: str) -> None:
        """Wake what waits for a name, from inside the loop."""
        self._bells[name].set()

    def _ring(self, name: str) -> None:
        self.wake(name)
        if name == WEBHOOKS:
            # Whoever sends rings once: his message may be news for both.
            self.wake(NOTIFICATIONS)

    async def wait(self, name: str, timeout_secs: float) -> bool:
        """Wait for a ring or the time-out, whichever is first; tells whether it rang."""
        bell = self._bells[name]
        with suppress(TimeoutError):
            # Not wait_for: in Python 3.11 it loses a cancellation that comes together with the ring.
            async with asyncio.timeout(max(timeout_secs, 0)):
                await bell.wait()
        rang = bell.is_set()
        bell.clear()
        return rang
