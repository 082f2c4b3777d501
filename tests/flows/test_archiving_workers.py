"""F45: with many workers one archives, and each person is told once, wherever his socket is."""

import asyncio
import re
from collections.abc import Callable

import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog
from tests.support.fix_sockets import Connect
from tests.support.process import WorkerProcess, free_port

Api = Callable[[str], ApiClient]

pytestmark = pytest.mark.slow

AGE = b"UPDATE dialogs SET created_at = now() - interval '4 days', last_message_at = now() - interval '4 days'"
AGE_PEOPLE = b"UPDATE participants SET joined_at = now() - interval '4 days'"


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    return {"REDIS_URL": redis_url}


@pytest.mark.gen_test(timeout=60)
async def test_two_workers_on_one_schedule_archive_once(
    host: ApiClient, services: Services, connect: Connect, database_url: str, redis_url: str
) -> None:
    """Both look every second, and publish to sockets of another process."""
    dialogs = {await make_dialog(host) for _ in range(6)}
    async with services.database.connection() as connection:
        await connection.execute(AGE)
        await connection.execute(AGE_PEOPLE)
    anna = await connect("anna")
    ports = [free_port(), free_port()]
    workers = [
        WorkerProcess(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "ARCHIVE_CRON": "* * * * * *",
                "WORKER_METRICS_PORT": str(port),
            }
        )
        for port in ports
    ]
    try:
        await asyncio.gather(*(worker.start() for worker in workers))
        told = [str((await anna.expect("dialog.archived"))["dialog_id"]) for _ in dialogs]
        # People are told before the figure is raised.
        archived = [0.0]
        async with asyncio.timeout(10):
            while sum(archived) < 12:
                archived = [await archived_by(host, port) for port in ports]
        assert [await worker.stop() for worker in workers] == [0, 0]
    finally:
        await asyncio.gather(*(worker.kill() for worker in workers if worker.is_running))
    assert sorted(told) == sorted(dialogs)
    assert sorted(archived) == [0.0, 12.0]


async def archived_by(host: ApiClient, port: int) -> float:
    """How many people's dialogs a worker has archived, by its own figures."""
    text = (await host.http.fetch(f"http://127.0.0.1:{port}/metrics")).body.decode()
    found = re.search(r"^mtchat_archived_total (\S+)$", text, re.M)
    assert found is not None
    return float(found[1])
