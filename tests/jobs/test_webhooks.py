"""F47, F48, F49, P4: deliveries survive receivers that misbehave, stay in order per dialog, and delay nobody else."""

import asyncio
import datetime
from collections.abc import Callable
from email.utils import format_datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from mtchat.core.retries import RETRY_DELAYS_SECS
from mtchat.jobs import sending
from mtchat.persistence import deliveries as rows
from tests.jobs.hooks import BUILTIN, deliveries, listen_to, make_webhook
from tests.support import receiver as behaviours
from tests.support.certificates import self_signed
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_jobs import Jobs
from tests.support.receiver import Hook, Receiver, after, close, flood, hang, in_turn, with_status

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment(receiver: Receiver) -> dict[str, str]:
    """The receiver is the built-in endpoint; endpoints made by the API may be here too."""
    return {**receiver.environment, "WEBHOOK_ALLOW_PRIVATE": "1", "NOTIFICATION_DELAY_SECS": "60"}


@pytest.mark.gen_test
async def test_a_message_reaches_the_receiver_of_the_original_unchanged(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """P8, F51: signature over the raw bytes, the type with underscores, the header with a dot."""
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id)
    (hook,) = await receiver.wait_for(1)
    assert hook.is_signed_with(receiver.secret)
    # And a receiver of the standard, by its own library.
    Webhook(receiver.secret.encode()).verify(hook.body, hook.headers)
    assert hook.headers["x-webhook-timestamp"] == hook.headers["webhook-timestamp"]
    assert hook.headers["content-type"] == "application/json"
    assert (hook.event, hook.json["type"]) == ("message.new", "message_new")
    assert hook.id == hook.json["id"] == hook.headers["webhook-id"]
    assert hook.payload["message"]["id"] == message["id"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (with_status(500), 500),
        (with_status(503), 503),
        (with_status(408), 408),
        (with_status(425), 425),
        (with_status(302, Location="http://127.0.0.1:1/elsewhere"), 302),
        (close, None),
    ],
    ids=["500", "503", "408", "425", "302 is not followed", "closed"],
)
@pytest.mark.gen_test
async def test_a_failure_that_may_pass_is_tried_again_with_the_same_body_and_id(
    answer: behaviours.Behaviour, status: int | None, api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """F49."""
    receiver.answer = in_turn(answer, with_status(200))
    await send(api("anna"), await make_dialog(host))
    failed = await jobs.tried(1)
    assert failed["attempts"][0]["status"] == status
    assert (failed["attempts"][0]["error"] is None) == (status is not None)
    assert 0.5 < failed["due_in"] <= 1.2
    await jobs.pass_time(2)
    first, second = await receiver.wait_for(2)
    assert (first.body, first.id) == (second.body, second.id)
    assert first.headers["x-webhook-signature"] == second.headers["x-webhook-signature"]
    (delivered,) = await jobs.settled(1)
    assert [attempt["status"] for attempt in delivered["attempts"]] == [status, 200]


@pytest.mark.gen_test
async def test_the_schedule_runs_to_its_end_and_the_dialog_goes_on(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """Design 6: 13 tries over three days, on a moved clock."""
    await listen_to(host, "message.new")
    receiver.answer = with_status(500, b"out of order")
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id, "<p>first</p>")
    for number, delay in enumerate(RETRY_DELAYS_SECS, start=1):
        lane = await jobs.tried(number)
        assert delay - 1 <= lane["due_in"] <= delay * 1.1
        if number == len(RETRY_DELAYS_SECS):
            await send(api("anna"), dialog_id, "<p>second</p>")
            receiver.answer = in_turn(with_status(500), with_status(200))
        await jobs.pass_time(delay * 1.2)
    (given_up,) = await jobs.settled(1, "failed")
    assert len(given_up["attempts"]) == 13
    assert given_up["attempts"][0]["answer"] == "out of order"
    await jobs.settled(1)
    assert [hook.text for hook in receiver.hooks] == ["<p>first</p>"] * 13 + ["<p>second</p>"]


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.gen_test
async def test_retry_after_is_honoured(form: str, api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    """F49: 429 is no refusal."""
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=120)
    asked = "120" if form == "seconds" else format_datetime(at, usegmt=True)
    receiver.answer = in_turn(with_status(429, Retry_After=asked), with_status(200))
    await send(api("anna"), await make_dialog(host))
    assert 100 < (await jobs.tried(1))["due_in"] <= 120
    await jobs.pass_time(60)
    assert len(receiver.hooks) == 1
    await jobs.pass_time(61)
    await jobs.settled(1)


@pytest.mark.gen_test
async def test_a_client_error_is_final_and_the_next_of_the_dialog_goes_out(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    receiver.answer = in_turn(with_status(422, b"no such order"), with_status(200))
    dialog_id = await make_dialog(host)
    for text in ("<p>first</p>", "<p>second</p>"):
        await send(api("anna"), dialog_id, text)
    await jobs.settled(1)
    (failed,) = await jobs.settled(1, "failed")
    assert [attempt["answer"] for attempt in failed["attempts"]] == ["no such order"]
    assert [hook.text for hook in receiver.hooks] == ["<p>first</p>", "<p>second</p>"]


@pytest.mark.gen_test
async def test_410_disables_the_endpoint_and_keeps_what_waits_until_it_is_enabled(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    all_sent = asyncio.Event()
    receiver.answer = in_turn(after(all_sent, with_status(410)), with_status(200))
    dialog_id = await make_dialog(host)
    api_anna = api("anna")
    for number in range(3):
        await send(api_anna, dialog_id, f"<p>{number}</p>")
    all_sent.set()
    await jobs.settled(1, "failed")
    shown = (await host.get(BUILTIN)).data
    assert (shown["enabled"], shown["disabled_by"], shown["waiting"]) == (False, "gone", 2)
    await send(api_anna, dialog_id, "<p>nobody is told of this one</p>")
    assert len(receiver.hooks) == 1
    assert (await host.put(BUILTIN, {"enabled": True})).data["disabled_by"] is None
    await jobs.settled(2)
    assert len(receiver.hooks) == 3


@pytest.mark.gen_test
async def test_a_receiver_that_hangs_is_left_after_the_time_out(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sending.TIMEOUT_SECS == 10
    monkeypatch.setattr(sending, "TIMEOUT_SECS", 0.1)
    receiver.answer = hang
    await send(api("anna"), await make_dialog(host))
    (attempt,) = (await jobs.tried(1))["attempts"]
    assert (attempt["status"], attempt["answer"]) == (None, None)
    assert "no answer within" in attempt["error"]


@pytest.mark.gen_test
async def test_of_an_answer_without_end_64_kib_are_read(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """P4: bounded memory; the status has decided."""
    behaviours.WRITTEN.clear()
    receiver.answer = flood
    await send(api("anna"), await make_dialog(host))
    (delivered,) = await jobs.settled(1)
    assert delivered["attempts"][0]["answer"] == "x" * 1_000
    # What else was written fills the buffers of the sockets, on both sides.
    assert sum(behaviours.WRITTEN) < 20_000_000


@pytest.mark.gen_test
async def test_an_answer_is_kept_as_text_whatever_it_is(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    receiver.answer = with_status(200, b"\x00\xff\xc3\xa9<b>")
    await send(api("anna"), await make_dialog(host))
    (delivered,) = await jobs.settled(1)
    assert delivered["attempts"][0]["answer"] == "\ufffd\ufffd\u00e9<b>"


@pytest.mark.gen_test
async def test_a_certificate_nobody_trusts_is_a_failure(
    api: Api, host: ApiClient, jobs: Jobs, other_receiver: Receiver, tmp_path: Path
) -> None:
    await other_receiver.stop()
    await other_receiver.start(self_signed(tmp_path, "127.0.0.1")[0])
    await host.put(BUILTIN, {"enabled": False})
    await make_webhook(host, other_receiver.url)
    await send(api("anna"), await make_dialog(host))
    (attempt,) = (await jobs.tried(1))["attempts"]
    assert attempt["error"] == "the certificate of the receiver is not trusted"
    assert other_receiver.hooks == []


@pytest.mark.gen_test
async def test_each_dialog_keeps_its_order_while_others_go_on(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """F48: a failing event holds back its own dialog, no other."""
    stuck, free = await make_dialog(host), await make_dialog(host)

    async def refuse_one_dialog(hook: Hook, writer: asyncio.StreamWriter) -> None:
        status = 500 if hook.payload["dialog_id"] == stuck else 200
        await with_status(status)(hook, writer)

    receiver.answer = refuse_one_dialog
    anna = api("anna")
    for number in range(3):
        await send(anna, stuck, f"<p>{number}</p>")
        await send(anna, free, f"<p>{number}</p>")
    await jobs.settled(3)
    assert {hook.text for hook in receiver.hooks if hook.payload["dialog_id"] == stuck} == {"<p>0</p>"}
    receiver.answer = with_status(200)
    await jobs.pass_time(10)
    await jobs.settled(6)
    for dialog_id in (stuck, free):
        texts = [hook.text for hook in receiver.hooks if hook.payload["dialog_id"] == dialog_id]
        assert list(dict.fromkeys(texts)) == ["<p>0</p>", "<p>1</p>", "<p>2</p>"]
        assert texts == sorted(texts)


@pytest.mark.gen_test(timeout=20)
async def test_an_endpoint_that_hangs_delays_no_other(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, other_receiver: Receiver
) -> None:
    """P4: 40 dialogs wait for the one, more than a worker has under way; the other is told of all at once."""
    other_receiver.answer = hang
    await make_webhook(host, other_receiver.url)
    anna = api("anna")
    for dialog_id in [await make_dialog(host) for _ in range(40)]:
        await send(anna, dialog_id)
    await receiver.wait_for(40)
    assert len(other_receiver.hooks) <= jobs.services.settings.webhooks.concurrency
    await other_receiver.stop()


@pytest.mark.gen_test
async def test_each_endpoint_gets_its_own_ids_and_its_own_signature(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, other_receiver: Receiver
) -> None:
    made = await make_webhook(host, other_receiver.url)
    await send(api("anna"), await make_dialog(host))
    (one,), (other,) = await receiver.wait_for(1), await other_receiver.wait_for(1)
    assert one.id != other.id
    assert one.is_signed_with(receiver.secret)
    assert other.is_signed_with(made["secret"])
    assert one.payload == other.payload


@pytest.mark.gen_test
async def test_what_waits_follows_a_changed_url_and_secret(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, other_receiver: Receiver
) -> None:
    receiver.answer = with_status(500)
    await listen_to(host, "participant.joined")
    made = await make_webhook(host, receiver.url)
    await send(api("anna"), await make_dialog(host))
    await jobs.tried(1)
    path = f"/webhooks/{made['id']}"
    rotated = (await host.post(f"{path}/secret", {"overlap_secs": 60})).data
    assert (await host.put(path, {"url": other_receiver.url})).status == 200
    await jobs.pass_time(2)
    (hook,) = await other_receiver.wait_for(1)
    assert hook.id == receiver.hooks[0].id
    assert hook.is_signed_with(rotated["secret"])
    assert len(hook.headers["webhook-signature"].split()) == 2


@pytest.mark.gen_test
async def test_a_replay_has_the_same_id_and_body(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    await send(api("anna"), await make_dialog(host))
    await jobs.settled(1)
    (delivery,) = await deliveries(host)
    again = await host.post(f"{BUILTIN}/deliveries/{delivery['id']}/replay")
    assert (again.status, again.data["id"]) == (202, delivery["id"])
    first, second = await receiver.wait_for(2)
    assert (first.body, first.id) == (second.body, second.id)


@pytest.mark.gen_test
async def test_a_stopped_worker_gives_back_what_it_has_not_got_to(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """P5: the try under way is finished, the rest is due at once for others."""
    go_on = asyncio.Event()
    receiver.answer = after(go_on, with_status(200))
    dialog_id = await make_dialog(host)
    for number in range(5):
        await send(api("anna"), dialog_id, f"<p>{number}</p>")
    await receiver.wait_for(1)
    stopping = asyncio.create_task(jobs.stop())
    await jobs.stopping.wait()
    go_on.set()
    await stopping
    await rows.enqueue(jobs.services.database)  # what the worker has not even looked at
    (lane,) = await jobs.rows("SELECT *, next_attempt_at <= clock_timestamp() AS is_due FROM webhook_lanes")
    assert (lane["enqueued"], lane["finished"], lane["claimed_by"], lane["is_due"]) == (5, 1, None, True)
