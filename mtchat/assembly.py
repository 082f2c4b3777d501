"""Builds what one process owns from its settings, and takes it apart again in the opposite order."""

from collections.abc import Sequence
from functools import partial

from mtchat.config.settings import Settings
from mtchat.core.links import Links
from mtchat.core.presence import Dialogs, Presence
from mtchat.core.services import Services
from mtchat.jobs.doorbell import Doorbell
from mtchat.persistence.batches import Batcher
from mtchat.persistence.messages import Draft, Outcome, send_messages
from mtchat.persistence.pool import Database
from mtchat.persistence.reads import ReadMark, ReadResult, mark_read
from mtchat.persistence.resume import list_memberships_of
from mtchat.realtime.bus import Bus
from mtchat.realtime.bus_memory import MemoryBus
from mtchat.realtime.bus_redis import RedisBus
from mtchat.realtime.dispatcher import Dispatcher
from mtchat.realtime.hub import Hub
from mtchat.realtime.presence_redis import PresenceLedger
from mtchat.realtime.presence_store import PresenceStore
from mtchat.realtime.publisher import Publisher
from mtchat.storage.base import Storage
from mtchat.storage.disk import DiskStorage
from mtchat.storage.s3 import S3Storage


async def open_services(settings: Settings, *, serves: bool = True) -> Services:
    """Connect to everything and start the loops. Raises Unavailable when the database does not answer.

    serves: whether requests are answered here, or the process only works; then it rings for nobody.
    """
    database = Database(settings.database)
    await database.open()
    redis_url = settings.realtime.redis_url
    bus: Bus = RedisBus(redis_url) if redis_url else MemoryBus()
    hub = Hub(settings.realtime)
    publisher = Publisher(bus)
    storage = make_storage(settings)
    links = Links(storage)
    dispatcher = Dispatcher(hub, bus, database, settings.realtime, sign=links.attachments)
    await bus.start()
    await dispatcher.start()
    ledger = None
    if redis_url and serves:
        ledger = PresenceLedger(PresenceStore(redis_url), partial(_dialogs_of, database), dispatcher.compare)
        await ledger.start()
    jobs = Doorbell(settings, database)
    if serves:
        await jobs.start()
    sends: Batcher[Draft, Outcome] = Batcher(
        partial(send_messages, database), key=lambda draft: draft.dialog_id, writers=settings.database.send_writers
    )
    reads: Batcher[ReadMark, ReadResult] = Batcher(
        partial(mark_read, database), key=lambda mark: mark.dialog_id, writers=1
    )
    return Services(
        settings=settings,
        database=database,
        bus=bus,
        hub=hub,
        dispatcher=dispatcher,
        publisher=publisher,
        presence=Presence(hub, publisher, ledger),
        ledger=ledger,
        sends=sends,
        reads=reads,
        jobs=jobs,
        storage=storage,
        links=links,
    )


async def close_services(services: Services) -> None:
    """Finish what was accepted, then let go of bus and database."""
    await services.sends.close()
    await services.reads.close()
    await services.jobs.close()
    await services.dispatcher.close()
    if services.ledger is not None:
        await services.ledger.close(services.settings.realtime.presence_grace_secs)
    await services.bus.close()
    services.storage.close()
    await services.database.close()


def make_storage(settings: Settings) -> Storage:
    """Return the storage of files that the settings name; nothing is asked of it yet."""
    storage, server = settings.storage, settings.server
    if storage.enabled:
        return S3Storage(storage)
    return DiskStorage(
        storage.dir or server.home / "files",
        storage.public_url or f"http://localhost:{server.port}",
        upload_secs=storage.presign_upload_expiry_secs,
        download_secs=storage.presign_download_expiry_secs,
    )


async def _dialogs_of(database: Database, user_ids: Sequence[str]) -> list[Dialogs]:
    """Return the dialogs of each of these people with their sizes. Raises Unavailable."""
    found = await list_memberships_of(database, user_ids)
    return [
        [] if isinstance(states, Exception) else [(state.dialog_id, state.size) for state in states] for states in found
    ]
