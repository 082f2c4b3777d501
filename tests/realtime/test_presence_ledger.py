"""Who is online in any of several processes, with a real Redis: crashes, cuts, lost data, crowds (F19, F23, P5)."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from tornado.ioloop import IOLoop

from mtchat.core.presence import Dialogs
from mtchat.realtime.presence_redis import BATCH, PresenceLedger
from mtchat.realtime.presence_store import PresenceStore
from tests.support.fix_redis import RedisServer
from tests.support.proxy import Address
from tests.support.waiting import until

DIALOGS: Dialogs = [("d", 2)]
# Long enough for a busy machine: a test whose own loop stands still for so long loses its leases.
LEASE_SECS, RENEW_SECS = 2.0, 0.1


class Store(PresenceStore):
    """Counts how often something was written."""

    writes = 0

    async def write(self, process: str, people: Mapping[str, bool]) -> list[int]:
        self.writes += 1
        return await super().write(process, people)


class Process:
    """The ledger of one process, and what it told."""

    def __init__(self, url: str, renew_secs: float) -> None:
        self.told: list[tuple[str, bool]] = []
        self.lost_peers = 0
        self.store = Store(url)
        self.ledger = PresenceLedger(
            self.store, self._dialogs, self._peer_lost, lease_secs=LEASE_SECS, renew_secs=renew_secs
        )
        self.ledger.on_change(lambda user_id, online, dialogs: self.told.append((user_id, online)))

    async def _dialogs(self, user_ids: Sequence[str]) -> list[Dialogs]:
        return [DIALOGS for _ in user_ids]

    def _peer_lost(self) -> None:
        self.lost_peers += 1

    async def comes(self, *people: str) -> None:
        """People connect here, and the others can know it."""
        for user_id in people:
            self.ledger.changed(user_id, True, DIALOGS)
        await self.ledger.settled()

    def crash(self) -> None:
        """Stop in the middle of everything."""
        assert self.ledger._task is not None
        self.ledger._task.cancel()


Begin = Callable[..., "asyncio.Future[Process]"]


@pytest.fixture
def begin(redis_url: str, io_loop: IOLoop) -> Iterator[Begin]:
    """A function: URL of Redis, if not the usual one -> a process that renews its lease ten times a second."""
    processes: list[Process] = []

    async def begin_one(url: str = redis_url, renew_secs: float = RENEW_SECS) -> Process:
        process = Process(url, renew_secs)
        processes.append(process)
        await process.ledger.start()
        return process

    yield lambda *args, **options: asyncio.ensure_future(begin_one(*args, **options))

    async def close() -> None:
        for process in processes:
            await process.ledger.close()

    io_loop.run_sync(close)


@pytest.mark.gen_test
async def test_the_people_of_a_crashed_process_are_offline_once_unless_they_are_elsewhere_too(begin: Begin) -> None:
    """P5"""
    crashed, one, other = [await begin() for _ in range(3)]
    await crashed.comes("anna", "walter")
    await one.comes("walter")
    crashed.crash()
    await until(lambda: (*one.told, *other.told).count(("anna", False)) > 0)
    await until(lambda: one.lost_peers == other.lost_peers == 1)
    assert await one.ledger.is_online(["anna", "walter", "nobody"]) == {"walter"}
    assert sorted([*one.told, *other.told]) == [("anna", False)]
    assert crashed.told == [("anna", True), ("walter", True)]


@pytest.mark.gen_test
async def test_a_process_that_was_taken_for_dead_says_again_who_is_there(
    begin: Begin, shared_redis: RedisServer
) -> None:
    """F23: its lease ran out while Redis could not be reached from there."""
    cable = Address(shared_redis.port)
    await cable.start()
    cut, other = await begin(f"redis://127.0.0.1:{cable.port}/0"), await begin()
    await cut.comes("anna")
    cable.cut()
    await until(lambda: ("anna", False) in other.told)
    assert await other.ledger.is_online(["anna"]) == set()
    cable.heal()
    await until(lambda: cut.told == [("anna", True)] * 2)
    assert await other.ledger.is_online(["anna"]) == {"anna"}
    await cut.ledger.close()
    await cable.close()


@pytest.mark.gen_test
async def test_a_redis_that_forgot_everything_is_told_again_and_nobody_else_is(
    begin: Begin, shared_redis: RedisServer
) -> None:
    one, other = await begin(), await begin()
    await one.comes("anna")
    await other.comes("boris")
    with shared_redis.client() as client:
        client.flushall()
    online: set[str] = set()
    async with asyncio.timeout(10):
        while online != {"anna", "boris"}:
            online = await one.ledger.is_online(["anna", "boris"])
            await asyncio.sleep(0.01)
    assert (one.told, other.told) == ([("anna", True)], [("boris", True)])


@pytest.mark.gen_test
async def test_a_crowd_that_comes_at_once_is_written_in_few_round_trips(begin: Begin) -> None:
    """Design 5: no storm when 4,000 come back."""
    process = await begin()
    await process.comes("first")
    before = process.store.writes
    people = [f"person-{number}" for number in range(4_000)]
    await process.comes(*people)
    assert process.store.writes - before <= 4_000 / BATCH + 1
    assert await process.ledger.is_online(people) == set(people)
    assert len(process.told) == 4_001


@pytest.mark.gen_test
async def test_a_list_of_people_is_one_question(begin: Begin, shared_redis: RedisServer) -> None:
    process = await begin(renew_secs=60.0)
    await process.comes("anna")

    def scripts() -> int:
        calls: int = client.info("commandstats")["cmdstat_eval"]["calls"]
        return calls

    with shared_redis.client() as client:
        before = scripts()
        assert await process.ledger.is_online([f"person-{number}" for number in range(400)] + ["anna"]) == {"anna"}
        assert scripts() == before + 1
