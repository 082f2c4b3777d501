"""A worker inside a serving process, in a thread with an event loop and connections of its own.

The thread shares the interpreter with the server, so it keeps few requests under way; what it does never runs in the
server's loop. An installation that sends many webhooks runs `mtchat worker` beside the server.
"""

import asyncio
import threading
from dataclasses import replace
from typing import Final

import structlog
import uvloop

from mtchat.core.services import Services
from mtchat.jobs.worker import work
from mtchat.persistence.pool import Database
from mtchat.realtime.bus import Bus
from mtchat.realtime.bus_memory import MemoryBus
from mtchat.realtime.publisher import Publisher

log = structlog.get_logger(__name__)

_CONNECTIONS: Final = 4
_CONCURRENCY: Final = 8


class _RelayedBus(MemoryBus):
    """Publishes in the server's loop what is published in ours."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bus: Bus) -> None:
        super().__init__()
        self._loop = loop
        self._bus = bus

    def publish(self, channel: str, payload: bytes) -> None:
        """Hand the message over; the server's own bus does the rest."""
        self._loop.call_soon_threadsafe(self._bus.publish, channel, payload)


class EmbeddedWorker:
    """Started and stopped by the server, from its loop."""

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._settings = replace(
            settings,
            database=replace(settings.database, min_connections=1, max_connections=_CONNECTIONS),
            webhooks=replace(settings.webhooks, concurrency=min(settings.webhooks.concurrency, _CONCURRENCY)),
        )
        self._services = services
        self._publisher = Publisher(_RelayedBus(asyncio.get_running_loop(), services.bus))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    async def stop(self) -> None:
        """Finish what is under way."""
        await asyncio.to_thread(self._ready.wait)
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._work())
        except Exception:
            log.exception("worker_failed")
        finally:
            self._ready.set()

    async def _work(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        database = Database(self._settings.database)
        await database.open()
        try:
            own = replace(self._services, settings=self._settings, database=database, publisher=self._publisher)
            await work(own, self._stop)
        finally:
            await database.close()
