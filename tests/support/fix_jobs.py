"""The jobs under test: a worker's loops inside the test's own event loop, a receiver, and a clock that can be moved.

No Huey in between: a ring goes straight to the bell. Huey's part has tests of its own.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from mtchat.core.notifications import announce_due
from mtchat.core.services import Services
from mtchat.jobs import loops
from mtchat.jobs.app import WEBHOOKS
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.doorbell import Doorbell
from mtchat.jobs.sending import Sender
from mtchat.jobs.webhooks import Deliverer
from mtchat.persistence.deliveries import Recorded, Result
from tests.support.receiver import Receiver


class StraightBell(Doorbell):
    """Rings in this loop."""

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__(services.settings, services.database)
        self._bridge = bridge

    def ring(self, name: str = WEBHOOKS) -> None:
        self._bridge.perform(name)


class WatchedDeliverer(Deliverer):
    """Tells whoever waits that results were written."""

    def __init__(self, services: Services, bridge: Bridge, sender: Sender) -> None:
        super().__init__(services, bridge, sender)
        self.written = asyncio.Condition()

    async def _record_all(self, results: Sequence[Result]) -> Sequence[Recorded]:
        recorded = await super()._record_all(results)
        async with self.written:
            self.written.notify_all()
        return recorded


class Jobs:
    """A running worker without Huey, and what its tests do to it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.bridge = Bridge()
        self.sender = Sender()
        self.deliverer = WatchedDeliverer(services, self.bridge, self.sender)
        self.stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self.deliverer.run()),
            asyncio.create_task(loops.notify(self.services, self.bridge)),
        ]

    async def stop(self) -> None:
        if self.stopping.is_set():
            return
        self.deliverer.stop()
        self.stopping.set()
        delivering, *others = self._tasks
        for task in others:
            task.cancel()
        await delivering
        for task in others:
            with suppress(asyncio.CancelledError):
                await task
        await self.sender.close()

    async def pass_time(self, secs: float) -> None:
        """Move everything that waits so many seconds nearer: the clock of the database cannot be moved."""
        async with self.services.database.connection() as connection:
            span = {"secs": secs}
            await connection.execute(
                "UPDATE webhook_lanes SET next_attempt_at = next_attempt_at - %(secs)s * interval '1 second'"
                " WHERE claimed_by IS NULL",
                span,
            )
            await connection.execute(
                "UPDATE notifications SET created_at = created_at - %(secs)s * interval '1 second'", span
            )
        # The loop of notifications sleeps through this: a clock does not jump in its world.
        await announce_due(self.services)
        self.bridge.wake(WEBHOOKS)

    async def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """Whatever a test wants to see in the database."""
        async with self.services.database.connection() as connection:
            return await (await connection.execute(sql.encode(), params)).fetchall()

    async def settled(self, number: int, state: str = "delivered") -> list[dict[str, Any]]:
        """Wait until so many deliveries are in a state; returns them in order of their making."""
        sql = "SELECT * FROM webhook_deliveries WHERE state = %(state)s ORDER BY id"
        async with asyncio.timeout(20), self.deliverer.written:
            while len(found := await self.rows(sql, state=state)) < number:
                await self.deliverer.written.wait()
        return found

    async def tried(self, number: int) -> dict[str, Any]:
        """Wait until the first delivery has been tried so often, with its result written; returns it with its lane."""
        sql = (
            "SELECT d.*, l.claimed_by, extract(epoch FROM l.next_attempt_at - now())::float8 AS due_in"
            " FROM webhook_deliveries d JOIN webhook_lanes l ON l.id = lane_id ORDER BY d.id LIMIT 1"
        )
        async with asyncio.timeout(20), self.deliverer.written:
            while True:
                found = await self.rows(sql)
                if found and len(found[0]["attempts"]) >= number:
                    return found[0]
                await self.deliverer.written.wait()


@pytest.fixture
def receiver(io_loop: IOLoop) -> Iterator[Receiver]:
    """The host's receiver; answers 200 until told otherwise."""
    started = Receiver()
    io_loop.run_sync(started.start)
    yield started
    io_loop.run_sync(started.stop)


@pytest.fixture
def other_receiver(io_loop: IOLoop) -> Iterator[Receiver]:
    """A second one."""
    started = Receiver("another-secret")
    io_loop.run_sync(started.start)
    yield started
    io_loop.run_sync(started.stop)


@pytest.fixture
def jobs(io_loop: IOLoop, services: Services) -> Iterator[Jobs]:
    """A worker on the services of the server under test, running."""
    made: list[Jobs] = []

    async def start() -> None:
        running = Jobs(services)
        services.jobs = StraightBell(services, running.bridge)
        running.start()
        made.append(running)

    before = services.jobs
    io_loop.run_sync(start)
    yield made[0]
    io_loop.run_sync(made[0].stop)
    services.jobs = before
