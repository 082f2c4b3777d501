"""Builds what one process owns from its settings, and takes it apart again in the opposite order."""

from functools import partial

from mtchat.config.settings import Settings
from mtchat.core.presence import Presence
from mtchat.core.services import Services
from mtchat.persistence.batches import Batcher
from mtchat.persistence.messages import Draft, Sent, send_messages
from mtchat.persistence.pool import Database
from mtchat.persistence.reads import ReadMark, ReadResult, mark_read
from mtchat.realtime.bus_memory import MemoryBus
from mtchat.realtime.dispatcher import Dispatcher
from mtchat.realtime.hub import Hub
from mtchat.realtime.publisher import Publisher


async def open_services(settings: Settings) -> Services:
    """Connect to everything and start the loops. Raises Unavailable when the database does not answer."""
    database = Database(settings.database)
    await database.open()
    bus = MemoryBus()
    hub = Hub(settings.realtime)
    publisher = Publisher(bus)
    dispatcher = Dispatcher(hub, bus, database, settings.realtime)
    await bus.start()
    await dispatcher.start()
    writers = settings.database.send_writers
    sends: Batcher[Draft, Sent] = Batcher(
        partial(send_messages, database), key=lambda draft: draft.dialog_id, writers=writers
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
        presence=Presence(hub, publisher),
        sends=sends,
        reads=reads,
    )


async def close_services(services: Services) -> None:
    """Finish what was accepted, then let go of bus and database."""
    await services.sends.close()
    await services.reads.close()
    await services.dispatcher.close()
    await services.bus.close()
    await services.database.close()
