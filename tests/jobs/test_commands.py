"""`mtchat jobs`: what waits, what failed, run one now."""

import asyncio
import os
import sys
from collections.abc import Callable

import pytest

from tests.jobs.hooks import deliveries, listen_to
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.process import WorkerProcess, free_port
from tests.support.receiver import Receiver, in_turn, with_status

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment(receiver: Receiver) -> dict[str, str]:
    return receiver.environment


@pytest.fixture
def variables(database_url: str, environment: dict[str, str]) -> dict[str, str]:
    """What a process beside the server under test is started with."""
    return {"PATH": os.environ["PATH"], "DATABASE_URL": database_url, "LOG_LEVEL": "error", **environment}


async def _jobs(variables: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Run `mtchat jobs` as its users do; its exit status and everything it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mtchat", "jobs", *arguments,
        env=variables, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.mark.gen_test(timeout=60)
async def test_what_waits_and_doing_it_now(
    api: Api, host: ApiClient, receiver: Receiver, variables: dict[str, str]
) -> None:
    await send(api("anna"), await make_dialog(host))
    status, said = await _jobs(variables)
    assert status == 0
    assert said.splitlines()[1].split()[:3] == ["WEBHOOK_URL", "1", "1"]
    assert "the next one is due" in said
    status, said = await _jobs(variables, "run", "webhooks")
    assert (status, len(receiver.of("message.new"))) == (0, 1)
    assert "nothing is due now" in said


@pytest.mark.gen_test(timeout=60)
async def test_what_failed_and_sending_it_again(
    api: Api, host: ApiClient, receiver: Receiver, variables: dict[str, str]
) -> None:
    await listen_to(host, "message.new")
    receiver.answer = in_turn(with_status(403), with_status(200))
    assert (await _jobs(variables, "failed"))[1].strip() == "nothing failed"
    await send(api("anna"), await make_dialog(host))
    await _jobs(variables, "run", "webhooks")
    (delivery,) = await deliveries(host, state="failed")
    status, said = await _jobs(variables, "failed")
    assert status == 0
    assert delivery["id"] in said
    assert "answered 403" in said
    status, _ = await _jobs(variables, "run", delivery["id"])
    assert status == 0
    assert [hook.id for hook in receiver.hooks] == [delivery["id"]] * 2
    assert (await deliveries(host))[0]["state"] == "delivered"


@pytest.mark.gen_test(timeout=60)
async def test_one_that_waits_for_its_next_try_is_tried_now(
    api: Api, host: ApiClient, receiver: Receiver, variables: dict[str, str]
) -> None:
    await listen_to(host, "message.new")
    receiver.answer = in_turn(with_status(503, Retry_After="3600"), with_status(200))
    await send(api("anna"), await make_dialog(host))
    await _jobs(variables, "run", "webhooks")
    (delivery,) = await deliveries(host)
    assert (await _jobs(variables, "run", delivery["id"]))[0] == 0
    assert len(receiver.hooks) == 2


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        ("archive", 0, "archived for 0 people"),
        ("cleanup", 0, "removed 0 events"),
        ("everything", 2, "webhooks, archive, cleanup"),
        ("0199b2c4-7d1e-7a30-8c55-0f2d6b9e4a11", 1, "no such delivery"),
    ],
)
@pytest.mark.gen_test(timeout=60)
async def test_run(what: str, status: int, said: str, host: ApiClient, variables: dict[str, str]) -> None:
    found = await _jobs(variables, "run", what)
    assert found[0] == status
    assert said in found[1]


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_a_worker_shows_its_figures_and_stops_on_sigint(
    database_url: str, receiver: Receiver, host: ApiClient, api: Api
) -> None:
    port = free_port()
    worker = WorkerProcess(
        {
            "DATABASE_URL": database_url,
            "ADMIN_API_TOKEN": ADMIN_TOKEN,
            "WORKER_METRICS_PORT": str(port),
            **receiver.environment,
        }
    )
    await worker.start()
    await send(api("anna"), await make_dialog(host))
    await receiver.wait_for(1, "message.new")
    figures = await host.http.fetch(f"http://127.0.0.1:{port}/metrics")
    assert b"mtchat_webhook_attempts_total" in figures.body
    assert await worker.interrupt() == 0
