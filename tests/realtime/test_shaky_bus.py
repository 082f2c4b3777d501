"""Property: whatever the bus swaps, doubles or loses, members get each event once, in order; others none (P1, P3)."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from mtchat.core.events import PARTICIPANT_JOINED, PARTICIPANT_LEFT, LoggedEvent
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
    run_alone,
    settle,
)

PEOPLE = ["anna", "boris", "vera"]
SETTINGS = realtime_settings(PRESENCE_GRACE_SECS="0")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("message")),
        st.tuples(st.just("join"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("leave"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("connect"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("hang up"), st.integers(0, 5)),
        st.tuples(st.just("deliver"), st.integers(0, 30)),
        st.tuples(st.just("deliver the newest")),
        st.tuples(st.just("resume"), st.integers(0, 5)),
        st.tuples(st.just("turns"), st.integers(1, 12)),
    ),
    max_size=60,
)


@dataclass
class Client:
    """A socket, and how far the log was when the client had got its `connected`."""

    user_id: str
    transport: FakeTransport
    connected_at: int | None = None
    resumed: bool = False
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def told_to_load(self) -> bool:
        """Only the comparison at the end found him in the dialog: he was told to load it, as if it were new."""
        messages = self.transport.messages
        return any(message["type"] == PARTICIPANT_JOINED and "seq" not in message for message in messages)


class World:
    """One process, one dialog, three people, and a bus that does what the example says."""

    def __init__(self, brings_all: bool) -> None:
        self.log = FakeLog()
        self.log.start_dialog(DIALOG, "anna")
        self.bus = ShakyBus(brings_all=brings_all)
        self.publisher = Publisher(self.bus)
        self.hub = Hub(SETTINGS)
        database = cast(Database, self.log)
        self.dispatcher = Dispatcher(self.hub, self.bus, database, SETTINGS, sign=no_files, gap_wait_secs=0)
        self.clients: list[Client] = []

    @property
    def events(self) -> list[LoggedEvent]:
        return self.log.dialogs[DIALOG].log

    async def do(self, name: str, *what: object) -> None:
        members = self.log.dialogs[DIALOG].members
        if name == "message":
            self.publisher.publish(self.log.message())
        elif name == "join" and what[0] not in members:
            self.publisher.publish(self.log.joined(str(what[0])))
        elif name == "leave" and what[0] in members:
            self.publisher.publish(self.log.left(str(what[0])))
        elif name == "connect":
            connection, transport = open_connection(str(what[0]), Ears(self.dispatcher.detach))
            self.clients.append(Client(str(what[0]), transport))
            self.dispatcher.attach(connection)
        elif name in ("hang up", "resume") and self.clients:
            client = self.clients[cast(int, what[0]) % len(self.clients)]
            if name == "hang up":
                client.transport.abort()
            elif client.connected_at is not None and not client.resumed and not client.transport.closed:
                client.resumed = True
                resuming = self.dispatcher.resume(client.transport.connection, {DIALOG: 0})
                client.tasks.append(asyncio.ensure_future(resuming))
        elif name == "deliver" and self.bus.sent:
            self.bus.deliver(cast(int, what[0]) % len(self.bus.sent))
        elif name == "deliver the newest" and self.bus.sent:
            self.bus.deliver(-1)
        elif name == "turns":
            await settle(cast(int, what[0]))
        self.note_connected()

    def note_connected(self) -> None:
        for client in self.clients:
            if client.connected_at is None and client.transport.messages:
                client.connected_at = len(self.events)

    async def end(self) -> None:
        """The bus says that it was cut: everything is compared once."""
        await settle(60)
        self.note_connected()
        self.bus.change_state(True)
        await asyncio.sleep(0.002)
        await settle(80)
        for client in self.clients:
            for task in client.tasks:
                await task
        await settle(20)

    async def close(self) -> None:
        for client in self.clients:
            client.transport.abort()
        await settle()
        await self.dispatcher.close()

    def memberships(self, user_id: str) -> set[int]:
        """The seqs that this person may see live: from his own joined to his own left, both included."""
        inside = user_id == "anna"
        seen = set()
        for event in self.events:
            if event.type == PARTICIPANT_JOINED and event.user_id == user_id:
                inside = True
            if inside:
                seen.add(event.seq)
            if event.type == PARTICIPANT_LEFT and event.user_id == user_id:
                inside = False
        return seen

    def check(self) -> None:
        for client in self.clients:
            got = [message["seq"] for message in client.transport.messages if "seq" in message]
            allowed = self.memberships(client.user_id)
            if client.resumed:
                # What came live before the resume comes again by it, in its place; the next property looks at these.
                continue
            assert got == sorted(set(got)), "in order, once"
            assert set(got) <= allowed, "members only"
            if client.transport.closed:
                continue
            assert client.connected_at is not None
            if client.told_to_load:
                continue
            if not got and client.user_id not in self.log.dialogs[DIALOG].members:
                # In and out again while this process heard nothing: nobody here was ever in the dialog.
                continue
            after_connect = {seq for seq in allowed if seq > client.connected_at}
            assert after_connect <= set(got), "nothing that was committed after `connected` is missing"
            if got:
                assert set(got) == {seq for seq in allowed if seq >= got[0]}, "no hole"


@settings(max_examples=200, deadline=None)
@given(steps, st.booleans())
def test_each_member_gets_each_event_once_and_in_order(plan: list[tuple[object, ...]], brings_all: bool) -> None:
    """P1, P3"""

    async def run() -> None:
        world = World(brings_all)
        await world.dispatcher.start()
        for step in plan:
            await world.do(str(step[0]), *step[1:])
        await world.end()
        world.check()
        await world.close()

    run_alone(run())


@settings(max_examples=100, deadline=None)
@given(steps, st.booleans())
def test_a_client_that_resumes_from_the_start_has_the_whole_dialog(
    plan: list[tuple[object, ...]], brings_all: bool
) -> None:
    """P3: taking only what continues its count, it has every event of the log, up to the moment it leaves."""

    async def run() -> None:
        world = World(brings_all)
        await world.dispatcher.start()
        for step in plan:
            await world.do(str(step[0]), *step[1:])
        await world.end()
        members = world.log.dialogs[DIALOG].members
        for client in world.clients:
            here = client.resumed and not client.transport.closed and not client.told_to_load
            if here and client.user_id in members:
                known = 0
                for message in client.transport.messages:
                    if message.get("seq") == known + 1:
                        known += 1
                answers = [message for message in client.transport.messages if message["type"] == "resumed"]
                if answers and not answers[0]["gone"]:
                    assert known == len(world.events), plan
        await world.close()

    run_alone(run())
