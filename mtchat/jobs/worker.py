"""A worker: Huey's consumer threads, and the one event loop in which everything is done."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import orjson
import structlog

from mtchat.core.health import running_version
from mtchat.core.services import Services
from mtchat.jobs import loops
from mtchat.jobs.app import ThreadConsumer, close_huey, make_huey
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.cleanup import clean_storage
from mtchat.jobs.sending import Sender
from mtchat.jobs.thumbnails import look_at_files
from mtchat.jobs.webhooks import Deliverer

log = structlog.get_logger(__name__)

# One takes rings; the other is there while the first puts one away.
_CONSUMER_THREADS: Final = 2
_HEALTH_SECS: Final = 5.0
_BEFORE_RETRY_SECS: Final = 5.0
_LOST_CANCEL_SECS: Final = 2.0


async def work(services: Services, stop: asyncio.Event) -> None:
    """Work until `stop` is set; then finish what is under way, within some 15 seconds."""
    bridge = Bridge()
    sender = Sender()
    deliverer = Deliverer(services, bridge, sender)
    delivering = asyncio.create_task(deliverer.run())
    others = [
        asyncio.create_task(loops.notify(services, bridge)),
        asyncio.create_task(loops.archive(services, bridge)),
        asyncio.create_task(loops.clean_up(services, bridge)),
        asyncio.create_task(look_at_files(services, bridge)),
        asyncio.create_task(clean_storage(services)),
        asyncio.create_task(_tell_health(services.settings.worker.health_file, services)),
        asyncio.create_task(_consume(services, bridge)),
    ]
    log.info("working", concurrency=services.settings.webhooks.concurrency)
    await stop.wait()
    log.info("worker_stopping")
    deliverer.stop()
    await _end(others)
    await delivering
    await sender.close()


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until all have ended: a library below them may lose a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_LOST_CANCEL_SECS)


async def _consume(services: Services, bridge: Bridge) -> None:
    """Run Huey's consumer; while its storage is away the sweeps do all the work, a little later."""
    starting: asyncio.Future[ThreadConsumer] | None = None
    try:
        while True:
            try:
                if starting is None:
                    starting = asyncio.ensure_future(asyncio.to_thread(_start_consumer, services, bridge))
                    await asyncio.shield(starting)
                    log.info("consuming", threads=_CONSUMER_THREADS)
                else:
                    await asyncio.to_thread((await starting).check_worker_health)
            except Exception as error:
                log.warning("rings_not_heard", error=type(error).__name__)
                if starting is not None and starting.done() and starting.exception() is not None:
                    starting = None
            await asyncio.sleep(_BEFORE_RETRY_SECS)
    finally:
        if starting is not None:
            # Cancelled while it was being started: it starts, and is stopped.
            with suppress(Exception):
                consumer = await starting
                await asyncio.to_thread(consumer.stop, True)
                close_huey(consumer.huey)


def _start_consumer(services: Services, bridge: Bridge) -> ThreadConsumer:
    huey, _ = make_huey(services.settings, bridge.perform)
    consumer = ThreadConsumer(huey, workers=_CONSUMER_THREADS, check_worker_health=False)
    consumer.start()
    return consumer


async def _tell_health(path: Path | None, services: Services) -> None:
    """Rewrite the health file while the loop turns and the database answers; its age tells how the worker is."""
    while path is not None:
        try:
            await services.database.fetch_value("ping")
            content = orjson.dumps({"status": "ok", "version": running_version(), "at": int(time.time())})
            await asyncio.to_thread(_replace, path, content)
        except Exception as error:
            log.warning("health_not_told", error=type(error).__name__)
        await asyncio.sleep(_HEALTH_SECS)


def _replace(path: Path, content: bytes) -> None:
    """Put a whole new file in place of the old one: nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
