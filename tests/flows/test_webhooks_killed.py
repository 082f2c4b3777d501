"""P5, F47: whoever is killed, and whenever between commit and delivery, the webhook goes out, with the same id.

In order of the way of a message; "twice" is what a receiver is told by the id.

| killed            | when                                                  | delivered |
|-------------------|-------------------------------------------------------|-----------|
| server            | it has committed and is about to ring                 | once      |
| server            | the ring is on its way to the queue                   | once      |
| server            | the send is answered, its ring is lost                | once      |
| server            | the send is answered, no worker has ever run          | once      |
| worker            | it has taken the ring from the queue                  | once      |
| worker            | it has claimed the delivery                           | once      |
| worker            | it waits for a connection to the receiver             | once      |
| worker            | the receiver has the request and has not answered     | twice     |
| worker            | the receiver has answered, nobody has read it         | twice     |
| worker            | it has read the answer, the result is not written     | twice     |
| worker            | the result is written                                 | once      |
| worker            | a try has failed and the next one is due later        | once more |
| worker            | notices of a message are made, not committed          | once      |
| worker            | notices of a message are committed                    | once      |
| server and worker | a message waits to be announced                       | once      |
"""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.simple_httpclient import HTTPStreamClosedError

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.process import ServerProcess, WorkerProcess, free_port
from tests.support.receiver import Hook, Receiver, hang, with_status

pytestmark = pytest.mark.slow

DELIVERED = "SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered' AND event = %s"


class Installation:
    """A server, workers, and a database that is looked at."""

    def __init__(self, database_url: str, receiver: Receiver, notice_secs: int) -> None:
        self.database_url = database_url
        self.environment = {
            "DATABASE_URL": database_url,
            "ADMIN_API_TOKEN": ADMIN_TOKEN,
            "NOTIFICATION_DELAY_SECS": str(notice_secs),
            **receiver.environment,
        }
        self.server = ServerProcess(self.environment)
        self.others: list[ServerProcess] = []
        self.http = AsyncHTTPClient(force_instance=True)
        self.host = ApiClient(self.http, self.server.base_url, admin_token=ADMIN_TOKEN)
        self.anna = ApiClient(self.http, self.server.base_url, user_id="anna")

    async def start_worker(self) -> WorkerProcess:
        worker = WorkerProcess(self.environment)
        self.others.append(worker)
        await worker.start()
        return worker

    async def start_doomed(self, kind: type[ServerProcess], point: str) -> ServerProcess:
        """Start one that dies at a point of its work."""
        doomed = kind(self.environment)
        doomed.program = ("tests.support.killed_at", point)
        self.others.append(doomed)
        await doomed.start()
        return doomed

    async def send(self) -> None:
        await send(self.anna, await make_dialog(self.host))

    async def run(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            cursor = await connection.execute(sql.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []

    async def until(self, sql: str, expected: object, *parameters: object) -> None:
        """Wait for another process' commit: the database has no event for that."""
        async with asyncio.timeout(20):
            while (await self.run(sql, *parameters))[0][0] != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        for process in (*self.others, self.server):
            if process.is_running:
                await process.kill()
        self.http.close()


@asynccontextmanager
async def installed(database_url: str, receiver: Receiver, notice_secs: int = 3_600) -> AsyncIterator[Installation]:
    installation = Installation(database_url, receiver, notice_secs)
    try:
        await installation.server.start()
        yield installation
    finally:
        await installation.close()


@pytest.mark.parametrize(
    ("point", "event", "times"),
    [
        ("the ring is taken from the queue", "message.new", 1),
        ("the event is in its lane", "message.new", 1),
        ("the delivery is claimed", "message.new", 1),
        ("the receiver has answered", "message.new", 2),
        ("the result is written", "message.new", 1),
        ("notices are made, not committed", "notification.pending", 1),
        ("notices are committed", "notification.pending", 1),
    ],
)
@pytest.mark.gen_test(timeout=60)
async def test_the_worker_is_killed_when(
    point: str, event: str, times: int, database_url: str, receiver: Receiver
) -> None:
    """Another worker goes on; only what the receiver has seen already comes again."""
    async with installed(database_url, receiver, 3_600 if event == "message.new" else 0) as here:
        doomed = await here.start_doomed(WorkerProcess, point)
        if point == "the ring is taken from the queue":
            await doomed.wait_for("consuming")
        await here.send()
        assert await doomed.ended() == -signal.SIGKILL
        await here.start_worker()
        hooks = await receiver.wait_for(times, event)
        await here.until(DELIVERED, 1, event)
    assert len(receiver.of(event)) == times
    assert len({(hook.id, hook.body) for hook in hooks}) == 1


@pytest.mark.parametrize("point", ["committed, about to ring", "the ring is on its way to the queue"])
@pytest.mark.gen_test(timeout=60)
async def test_the_server_is_killed_when(point: str, database_url: str, receiver: Receiver) -> None:
    """Whether the sender had his answer or not."""
    async with installed(database_url, receiver) as here:
        await here.start_worker()
        dialog_id = await make_dialog(here.host)
        doomed = await here.start_doomed(ServerProcess, point)
        anna = ApiClient(here.http, doomed.base_url, user_id="anna")
        with suppress(HTTPStreamClosedError):
            await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "<p>hello</p>"})
        assert await doomed.ended() == -signal.SIGKILL
        await receiver.wait_for(1, "message.new")
        await here.until(DELIVERED, 1, "message.new")
    assert len(receiver.hooks) == 1


@pytest.mark.gen_test(timeout=60)
async def test_the_server_is_killed_before_any_worker_has_run(database_url: str, receiver: Receiver) -> None:
    async with installed(database_url, receiver) as here:
        await here.send()
        await here.server.kill()
        await here.start_worker()
        await receiver.wait_for(1, "message.new")
        await here.until(DELIVERED, 1, "message.new")
    assert len(receiver.hooks) == 1


@pytest.mark.gen_test(timeout=60)
async def test_the_server_is_killed_and_its_ring_is_lost(database_url: str, receiver: Receiver) -> None:
    """The worker runs and hears nothing: its sweep finds the row."""
    async with installed(database_url, receiver) as here:
        await here.start_worker()
        async with await psycopg.AsyncConnection.connect(database_url) as lock:
            # Nobody gets a ring into the queue any more.
            await here.until("SELECT count(*) FROM pg_tables WHERE tablename = 'huey_task'", 1)
            await lock.execute("LOCK TABLE huey_task IN ACCESS EXCLUSIVE MODE")
            await here.send()
            await here.server.kill()
            await receiver.wait_for(1, "message.new")
    assert len(receiver.hooks) == 1


@pytest.mark.gen_test(timeout=60)
async def test_the_worker_is_killed_while_it_connects(database_url: str, receiver: Receiver) -> None:
    port = free_port()
    with socket.socket() as deaf:
        # A full backlog: the connection is neither made nor refused.
        deaf.bind(("127.0.0.1", port))
        deaf.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        await receiver.stop()
        receiver.port = port
        async with installed(database_url, receiver) as here:
            worker = await here.start_worker()
            await here.send()
            await here.until("SELECT count(claimed_by) FROM webhook_lanes", 1)
            await worker.kill()
            for filler in fillers:
                filler.close()
            deaf.close()
            await receiver.start(port=port)
            await here.start_worker()
            await receiver.wait_for(1, "message.new")
            await here.until(DELIVERED, 1, "message.new")
    assert len(receiver.hooks) == 1


@pytest.mark.gen_test(timeout=60)
async def test_the_worker_is_killed_while_the_receiver_works(database_url: str, receiver: Receiver) -> None:
    receiver.answer = hang
    async with installed(database_url, receiver) as here:
        worker = await here.start_worker()
        await here.send()
        await receiver.wait_for(1)
        await worker.kill()
        receiver.answer = with_status(200)
        await here.start_worker()
        first, second = await receiver.wait_for(2)
        await here.until(DELIVERED, 1, "message.new")
    assert (first.id, first.body) == (second.id, second.body)
    assert len(receiver.hooks) == 2


@pytest.mark.gen_test(timeout=60)
async def test_the_worker_is_killed_before_it_writes_what_the_receiver_answered(
    database_url: str, receiver: Receiver
) -> None:
    async with installed(database_url, receiver) as here:
        worker = await here.start_worker()
        answered = asyncio.Event()

        async def answer_a_worker_that_is_frozen(hook: Hook, writer: asyncio.StreamWriter) -> None:
            os.kill(worker.pid, signal.SIGSTOP)
            await with_status(200)(hook, writer)
            answered.set()

        receiver.answer = answer_a_worker_that_is_frozen
        await here.send()
        await answered.wait()
        await worker.kill()
        receiver.answer = with_status(200)
        await here.start_worker()
        first, second = await receiver.wait_for(2)
        await here.until(DELIVERED, 1, "message.new")
    assert (first.id, first.body) == (second.id, second.body)


@pytest.mark.gen_test(timeout=60)
async def test_the_worker_is_killed_between_two_tries(database_url: str, receiver: Receiver) -> None:
    receiver.answer = with_status(500)
    async with installed(database_url, receiver) as here:
        worker = await here.start_worker()
        await here.send()
        await here.until("SELECT max(attempts) >= 1 FROM webhook_lanes", True)
        await worker.kill()
        tries = len(receiver.hooks)
        receiver.answer = with_status(200)
        await here.start_worker()
        hooks = await receiver.wait_for(tries + 1)
        await here.until(DELIVERED, 1, "message.new")
    assert len({(hook.id, hook.body) for hook in hooks}) == 1


@pytest.mark.gen_test(timeout=60)
async def test_both_are_killed_while_a_message_waits_to_be_announced(database_url: str, receiver: Receiver) -> None:
    async with installed(database_url, receiver) as here:
        worker = await here.start_worker()
        await here.send()
        await receiver.wait_for(1, "message.new")
        await asyncio.gather(worker.kill(), here.server.kill())
        await here.run("UPDATE notifications SET created_at = created_at - interval '1 hour'")
        await here.start_worker()
        await receiver.wait_for(1, "notification.pending")
        await here.until(DELIVERED, 1, "notification.pending")
    assert len(receiver.of("notification.pending")) == 1
