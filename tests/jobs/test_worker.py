"""Design 6: Huey is the doorbell, on Redis or on PostgreSQL; a worker hears it, stops cleanly, and says how it is."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from huey import PostgresHuey, RedisHuey

from mtchat.core import notifications
from mtchat.core.services import Services
from mtchat.jobs import app, doorbell, loops, webhooks, worker
from mtchat.jobs.app import CLEANUP, WEBHOOKS, ThreadConsumer, close_huey, make_huey
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.doorbell import Doorbell
from mtchat.jobs.embedded import EmbeddedWorker
from mtchat.jobs.worker import work
from tests.jobs.hooks import BUILTIN
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.receiver import Receiver
from tests.support.waiting import until

Api = Callable[[str], ApiClient]


@pytest.fixture(params=["postgres", "redis"])
def storage(request: pytest.FixtureRequest) -> str:
    """Every test of this module runs on both."""
    kind: str = request.param
    return kind


@pytest.fixture
def environment(request: pytest.FixtureRequest, storage: str, receiver: Receiver, tmp_path: Path) -> dict[str, str]:
    variables = {**receiver.environment, "WORKER_HEALTH_FILE": str(tmp_path / "health" / "worker.json")}
    if storage == "redis":
        variables["REDIS_URL"] = request.getfixturevalue("redis_url")
    return variables


@pytest.fixture(autouse=True)
def _no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens within a test happened because of a ring."""
    monkeypatch.setattr(webhooks, "SWEEP_SECS", 60.0)
    # And nobody waits for threads that wait.
    monkeypatch.setattr(app, "_WAIT_SECS", 0.1)


@asynccontextmanager
async def _working(services: Services) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(work(services, stop))
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.mark.gen_test(timeout=20)
async def test_a_send_rings_and_the_worker_delivers(
    api: Api, host: ApiClient, services: Services, receiver: Receiver
) -> None:
    dialog_id = await make_dialog(host)
    async with _working(services):
        # The first look of the loop is over when this one is delivered; what follows needs a ring.
        await send(api("anna"), dialog_id, "<p>first</p>")
        await receiver.wait_for(1, "message.new")
        await send(api("anna"), dialog_id, "<p>second</p>")
        await receiver.wait_for(2, "message.new")


@pytest.mark.gen_test(timeout=20)
async def test_rings_stay_in_the_queue_until_a_worker_comes(services: Services, storage: str) -> None:
    services.jobs.ring(WEBHOOKS)
    await services.jobs.close()
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear(_name: str) -> None:
        loop.call_soon_threadsafe(heard.set)

    huey, _ = await asyncio.to_thread(make_huey, services.settings, hear)
    assert isinstance(huey, RedisHuey if storage == "redis" else PostgresHuey)
    assert await asyncio.to_thread(huey.storage.queue_size) == 1
    consumer = ThreadConsumer(huey, workers=1, check_worker_health=False)
    consumer.start()
    await asyncio.wait_for(heard.wait(), 5)
    await asyncio.to_thread(consumer.stop, True)
    close_huey(huey)


@pytest.mark.gen_test(timeout=20)
async def test_many_rings_are_few_in_the_queue(services: Services) -> None:
    """A send costs the setting of a flag; where nobody takes them, rings do not pile up."""
    for _ in range(2_000):
        services.jobs.ring()
    await services.jobs.close()
    huey, _ = await asyncio.to_thread(make_huey, services.settings, lambda _: None)
    assert 1 <= await asyncio.to_thread(huey.storage.queue_size) <= doorbell._MOST_WAITING
    close_huey(huey)


@pytest.mark.gen_test(timeout=20)
async def test_without_an_endpoint_nobody_rings(api: Api, host: ApiClient, services: Services) -> None:
    assert (await host.put(BUILTIN, {"enabled": False})).status == 200
    rung = [thread.name for thread in threading.enumerate()]
    await send(api("anna"), await make_dialog(host))
    assert [thread.name for thread in threading.enumerate()] == rung


@pytest.mark.gen_test(timeout=20)
async def test_a_ring_for_something_else_wakes_that_alone(services: Services) -> None:
    bridge = Bridge()
    bridge.perform(CLEANUP)
    bridge.perform("a name of the next release")
    assert await bridge.wait(CLEANUP, 1)
    assert not await bridge.wait(WEBHOOKS, 0)


@pytest.mark.gen_test(timeout=20)
async def test_the_health_file_tells_that_the_worker_is_well(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_HEALTH_SECS", 0.01)
    path = services.settings.worker.health_file
    assert path is not None
    async with _working(services):
        await until(path.exists)
        assert json.loads(path.read_text())["status"] == "ok"


@pytest.mark.gen_test(timeout=20)
async def test_an_embedded_worker_delivers_from_a_thread_of_its_own(
    api: Api, host: ApiClient, services: Services, receiver: Receiver
) -> None:
    """P7: one process is a whole installation."""
    embedded = EmbeddedWorker(services)
    embedded.start()
    try:
        await send(api("anna"), await make_dialog(host))
        await receiver.wait_for(2)
    finally:
        await embedded.stop()
    assert {hook.event for hook in receiver.hooks} == {"message.new", "notification.pending"}
    assert "worker" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.gen_test(timeout=20)
async def test_a_round_that_fails_ends_no_loop(
    api: Api, host: ApiClient, services: Services, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "_SWEEP_SECS", 0.01)
    real, failures = notifications.announce_due, [ValueError("a bug"), ValueError("another")]

    async def failing_at_first(services: Services) -> tuple[int, int]:
        if failures:
            raise failures.pop()
        return await real(services)

    monkeypatch.setattr(loops, "announce_due", failing_at_first)
    async with _working(services):
        await send(api("anna"), await make_dialog(host))
        await receiver.wait_for(1, "notification.pending")


@pytest.mark.gen_test(timeout=20)
async def test_a_queue_that_is_away_costs_a_send_nothing(
    api: Api, host: ApiClient, services: Services, storage: str
) -> None:
    """P4: the ring is lost, the row is not."""
    nowhere = replace(
        services.settings,
        realtime=replace(services.settings.realtime, redis_url="redis://127.0.0.1:1/0" if storage == "redis" else None),
        database=replace(services.settings.database, url="postgresql://127.0.0.1:1/nowhere"),
    )
    await services.jobs.close()
    services.jobs = Doorbell(nowhere, services.database)
    await services.jobs.endpoints_changed()
    await send(api("anna"), await make_dialog(host))
    await services.jobs.close()
    assert len((await host.get(f"{BUILTIN}/deliveries")).data) == 1
