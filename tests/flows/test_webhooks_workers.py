"""Two workers share the work: everything arrives, in order per dialog; twice only what a killed worker had in hand."""

import asyncio
from collections import Counter, defaultdict

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.fix_redis import RedisServer
from tests.support.process import ServerProcess, WorkerProcess
from tests.support.receiver import Receiver

pytestmark = pytest.mark.slow

DIALOGS = 40
PER_DIALOG = 50


async def _send_all(server: ServerProcess, per_dialog: int) -> None:
    """Send numbered messages into each dialog, one dialog's one after the other."""
    http = AsyncHTTPClient(force_instance=True, max_clients=DIALOGS)
    host = ApiClient(http, server.base_url, admin_token=ADMIN_TOKEN)
    anna = ApiClient(http, server.base_url, user_id="anna")

    async def fill(dialog_id: str) -> None:
        for number in range(per_dialog):
            answer = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": f"<p>{number}</p>"})
            assert answer.status == 200

    await asyncio.gather(*[fill(await make_dialog(host, ["anna"])) for _ in range(DIALOGS)])
    http.close()


def _assert_ordered(receiver: Receiver, per_dialog: int) -> Counter[str]:
    """Everything came, and a message never before its predecessor; returns how often each one came."""
    counts: Counter[str] = Counter()
    firsts: defaultdict[str, list[int]] = defaultdict(list)
    for hook in receiver.hooks:
        counts[hook.id] += 1
        if counts[hook.id] == 1:
            firsts[hook.payload["dialog_id"]].append(int(hook.text.removeprefix("<p>").removesuffix("</p>")))
    assert len(firsts) == DIALOGS
    assert all(numbers == list(range(per_dialog)) for numbers in firsts.values())
    return counts


@pytest.mark.gen_test(timeout=120)
async def test_two_workers_deliver_2000_events_once_each(database_url: str, receiver: Receiver) -> None:
    environment = {"DATABASE_URL": database_url, "ADMIN_API_TOKEN": ADMIN_TOKEN, **receiver.environment}
    server, workers = ServerProcess(environment), [WorkerProcess(environment) for _ in range(2)]
    await asyncio.gather(server.start(), *(worker.start() for worker in workers))
    await _send_all(server, PER_DIALOG)
    await receiver.wait_for(DIALOGS * PER_DIALOG, within_secs=60)
    assert [await worker.stop() for worker in workers] == [0, 0]
    assert await server.stop() == 0
    counts = _assert_ordered(receiver, PER_DIALOG)
    assert set(counts.values()) == {1}


@pytest.mark.gen_test(timeout=120)
async def test_a_killed_worker_doubles_at_most_what_it_had_in_hand(database_url: str, receiver: Receiver) -> None:
    """P5: at most one delivery of each dialog it worked on."""
    environment = {
        "DATABASE_URL": database_url,
        "ADMIN_API_TOKEN": ADMIN_TOKEN,
        "WEBHOOK_CONCURRENCY": "8",
        **receiver.environment,
    }
    server, workers = ServerProcess(environment), [WorkerProcess(environment) for _ in range(2)]
    await asyncio.gather(server.start(), *(worker.start() for worker in workers))
    sending = asyncio.create_task(_send_all(server, 25))
    await receiver.wait_for(200)
    await workers[0].kill()
    await sending
    await receiver.wait_for(DIALOGS * 25, distinct=True, within_secs=60)
    assert await workers[1].stop() == 0
    await server.stop()
    counts = _assert_ordered(receiver, 25)
    doubled = [count for count in counts.values() if count > 1]
    assert set(doubled) <= {2}
    assert len(doubled) <= 8


@pytest.mark.gen_test(timeout=60)
async def test_redis_dies_between_commit_and_ring_and_the_sweep_delivers(database_url: str, receiver: Receiver) -> None:
    redis = RedisServer()
    await asyncio.to_thread(redis.start)
    environment = {
        "DATABASE_URL": database_url,
        "ADMIN_API_TOKEN": ADMIN_TOKEN,
        "REDIS_URL": redis.url,
        **receiver.environment,
    }
    server, worker = ServerProcess(environment), WorkerProcess(environment)
    await asyncio.gather(server.start(), worker.start())
    try:
        await worker.wait_for("consuming")
        await asyncio.to_thread(redis.kill)
        http = AsyncHTTPClient(force_instance=True)
        dialog_id = await make_dialog(ApiClient(http, server.base_url, admin_token=ADMIN_TOKEN))
        anna = ApiClient(http, server.base_url, user_id="anna")
        assert (await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "<p>a</p>"})).status == 200
        await receiver.wait_for(1, "message.new")
        http.close()
        assert await worker.stop() == 0
    finally:
        for process in (server, worker):
            if process.is_running:
                await process.kill()
        await asyncio.to_thread(redis.remove)
