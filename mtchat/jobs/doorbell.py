"""What Services.jobs is: rings for the workers, by name, and nothing else. Never waits, never raises.

Huey's storages block, so a thread of its own puts the rings there; many rings in a moment become one.
"""

import asyncio
import threading
import time
from contextlib import suppress
from typing import Final

import structlog
from huey import Huey

from mtchat.config.settings import Settings
from mtchat.core.errors import ChatError
from mtchat.jobs.app import WEBHOOKS, Ring, close_huey, make_huey
from mtchat.persistence import webhooks
from mtchat.persistence.pool import Database

log = structlog.get_logger(__name__)

# Whatever the number of sends, ringing takes a fiftieth of the time: while it does, the event loop waits for its turn
# again and again. A ring takes 1 ms on an idle machine and 7 on a busy one: one in 50 ms, one in 350. A worker that has
# work needs none.
_REST: Final = 49
_LONGEST_REST_SECS: Final = 1.0
# Where nobody takes them, rings do not pile up: whoever comes later looks at the rows anyway.
_MOST_WAITING: Final = 20
_RETRY_SECS: Final = 1.0
# Endpoints made through another process are noticed within this time; until then the workers' sweep finds their rows.
_LOOK_SECS: Final = 30.0


class Doorbell:
    """Rings only while somebody wants to be told of something; `start` switches the endpoint of the settings."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._wanted = False
        self._names: set[str] = set()
        self._rung = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Let the built-in endpoint follow the settings, and begin to look whether anybody listens."""
        await webhooks.switch_builtin_endpoint(self._database, self._settings.webhooks.enabled)
        await self.endpoints_changed()
        self._looking = asyncio.create_task(self._look())

    def ring(self, name: str = WEBHOOKS) -> None:
        """Tell the workers that there may be something to do; webhooks are rung for only if there is an endpoint."""
        if name == WEBHOOKS and not self._wanted:
            return
        self._names.add(name)
        self._rung.set()
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._deliver, name="doorbell", daemon=True)
            self._thread.start()

    async def endpoints_changed(self) -> None:
        """Look again whether there is an endpoint."""
        self._wanted = await webhooks.has_enabled_endpoints(self._database)

    async def close(self) -> None:
        """Put the last rings into the queue, if that is quick."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        self._closing.set()
        self._rung.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 2.0)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECS)
            with suppress(ChatError):
                await self.endpoints_changed()

    def _deliver(self) -> None:
        queue: tuple[Huey, Ring] | None = None
        failing = False
        while not (self._closing.is_set() and not self._names):
            self._rung.wait()
            self._rung.clear()
            names, self._names = self._names, set()
            began = time.monotonic()
            try:
                if names and queue is None:
                    queue = make_huey(self._settings, _only_workers_do_this)
                for name in names:
                    assert queue is not None
                    if queue[0].storage.queue_size() < _MOST_WAITING:
                        queue[1](name)
                failing = False
            except Exception as error:
                # The row is committed and the sweep will find it; said once, not once a ring.
                if not failing:
                    log.warning("ring_failed", error=type(error).__name__)
                failing = True
                if queue is not None:
                    close_huey(queue[0])
                    queue = None
            rest_secs = min((time.monotonic() - began) * _REST, _LONGEST_REST_SECS)
            self._closing.wait(_RETRY_SECS if failing else rest_secs)
        if queue is not None:
            close_huey(queue[0])


def _only_workers_do_this(name: str) -> None:
    raise AssertionError(f"{name} was taken from the queue by a process that only rings")
