"""The realtime part of one process, on a bus and a log of the test's own."""

import asyncio
from typing import cast

import pytest

from mtchat.persistence.pool import Database
from mtchat.realtime.dispatcher import Dispatcher
from mtchat.realtime.hub import Hub
from mtchat.realtime.publisher import Publisher
from tests.support.fake_realtime import (
    DIALOG,
    Ears,
    FakeLog,
    FakeTransport,
    ShakyBus,
    no_files,
    open_connection,
    realtime_settings,
    settle,
)


class Process:
    """Bus, hub and dispatcher; anna and boris are in the one dialog there is."""

    def __init__(self, *, brings_all: bool = False, **variables: str) -> None:
        settings = realtime_settings(**{"PRESENCE_GRACE_SECS": "0", **variables})
        self.log = FakeLog()
        self.log.start_dialog(DIALOG, "anna", "boris")
        self.bus = ShakyBus(brings_all=brings_all)
        self.hub = Hub(settings)
        self.publisher = Publisher(self.bus)
        database = cast(Database, self.log)
        self.dispatcher = Dispatcher(self.hub, self.bus, database, settings, sign=no_files, gap_wait_secs=0)

    def connect(self, user_id: str) -> FakeTransport:
        """Open a socket; its dialogs are loaded when the loop runs."""
        connection, transport = open_connection(user_id, Ears(self.dispatcher.detach))
        self.dispatcher.attach(connection)
        return transport

    async def connected(self, user_id: str) -> FakeTransport:
        """Open a socket and wait for its dialogs."""
        transport = self.connect(user_id)
        await settle()
        assert transport.messages, "no `connected`"
        return transport

    async def quiet(self) -> None:
        """Deliver everything published, once and in order; let gaps be filled."""
        while self.bus.sent:
            self.bus.deliver(0)
            del self.bus.sent[0]
        await asyncio.sleep(0.003)
        await settle()


def seqs(transport: FakeTransport) -> list[int]:
    """The places in the log of what this socket got."""
    return [message["seq"] for message in transport.messages if "seq" in message]


def kinds(transport: FakeTransport) -> list[str]:
    """The types of what this socket got."""
    return [message["type"] for message in transport.messages]


async def started(process: Process) -> Process:
    """Begin to listen to the bus."""
    await process.dispatcher.start()
    return process


@pytest.fixture
def process() -> Process:
    """A process without grace: who hangs up is offline."""
    return Process()
