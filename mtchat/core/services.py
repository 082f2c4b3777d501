"""What one process owns. Built once by the command that serves, passed to whoever needs it, never global."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtchat.config.settings import Settings
    from mtchat.core.links import Links
    from mtchat.core.presence import Presence
    from mtchat.jobs.doorbell import Doorbell
    from mtchat.persistence.batches import Batcher
    from mtchat.persistence.messages import Draft, Outcome
    from mtchat.persistence.pool import Database
    from mtchat.persistence.reads import ReadMark, ReadResult
    from mtchat.realtime.bus import Bus
    from mtchat.realtime.dispatcher import Dispatcher
    from mtchat.realtime.hub import Hub
    from mtchat.realtime.presence_redis import PresenceLedger
    from mtchat.realtime.publisher import Publisher
    from mtchat.storage.base import Storage


@dataclass(slots=True)
class Services:
    """The parts of a running process.

    sends, reads: the queues that turn waiting messages and read marks into one statement per batch.
    jobs: rung after commit, for what workers do.
    links: makes the urls of files in the storage.
    ledger: this process' part in the presence of all processes; None without Redis.
    """

    settings: Settings
    database: Database
    bus: Bus
    hub: Hub
    dispatcher: Dispatcher
    publisher: Publisher
    presence: Presence
    sends: Batcher[Draft, Outcome]
    reads: Batcher[ReadMark, ReadResult]
    jobs: Doorbell
    storage: Storage
    links: Links
    ledger: PresenceLedger | None = None
