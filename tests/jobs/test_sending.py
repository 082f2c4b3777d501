"""One request: to whom it is really made, and what becomes of it whatever happens."""

import socket
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from tornado.ioloop import IOLoop

from mtchat.jobs import sending
from mtchat.jobs.sending import Sender
from tests.jobs.hooks import deliveries, listen_to, make_webhook
from tests.support.certificates import self_signed
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_jobs import Jobs
from tests.support.receiver import Receiver, close, in_turn, with_status

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment(receiver: Receiver) -> dict[str, str]:
    """A url with secrets in it."""
    url = receiver.url.replace("http://", "http://operator:password-of-the-url@") + "?token=token-of-the-url"
    return {"WEBHOOK_URL": url, "WEBHOOK_SECRET": "secret-of-the-environment", "WEBHOOK_ALLOW_PRIVATE": "1"}


@pytest.fixture
def names_lead_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of `.example` resolve to this machine, and its address counts as public."""
    resolve = socket.getaddrinfo

    def resolve_here(name: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if str(name).endswith(".example") else name, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    monkeypatch.setattr(sending, "is_public", lambda _: True)


@pytest.fixture
def trusted(io_loop: IOLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver with a certificate for hooks.example that this process trusts."""
    context, certificate = self_signed(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    started = Receiver()
    io_loop.run_sync(lambda: started.start(context))
    yield started
    io_loop.run_sync(started.stop)


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [("hooks.example", 200, None), ("other.example", None, "the certificate of the receiver is not trusted")],
)
@pytest.mark.gen_test
async def test_a_connection_to_a_checked_address_still_asks_for_the_name(
    name: str, status: int | None, error: str | None, trusted: Receiver, names_lead_here: None
) -> None:
    """The address is ours to choose; who answers there has to prove that he is the host of the url."""
    sender = Sender()
    url = f"https://{name}:{trusted.port}/hooks"
    replies = [await sender.post("endpoint", url, {}, b"{}", anywhere=False) for _ in range(2)]
    await sender.close()
    assert {(reply.status, reply.error) for reply in replies} == {(status, error)}
    if status:
        assert {hook.headers["host"] for hook in trusted.hooks} == {f"{name}:{trusted.port}"}
        assert trusted.connections == 1


@pytest.mark.gen_test
async def test_an_address_is_looked_up_again_and_a_name_that_turned_inside_is_refused(
    receiver: Receiver, names_lead_here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name may change its mind between two requests."""
    monkeypatch.setattr(sending, "_RESOLVED_SECS", 0.0)
    sender, url = Sender(), f"http://hooks.example:{receiver.port}/hooks"
    assert (await sender.post("endpoint", url, {}, b"{}", anywhere=False)).status == 200
    monkeypatch.setattr(sending, "is_public", lambda _: False)
    refused = await sender.post("endpoint", url, {}, b"{}", anywhere=False)
    await sender.close()
    assert "private address" in str(refused.error)
    assert len(receiver.hooks) == 1


@pytest.mark.gen_test
async def test_an_error_nobody_thought_of_is_a_try_like_others(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes its place in the schedule, and the dialog is not stuck behind it."""
    await listen_to(host, "message.new")

    async def break_(*_: Any) -> httpx.Response:
        raise KeyError("a bug of a library")

    with monkeypatch.context() as broken:
        broken.setattr(httpx.AsyncHTTPTransport, "handle_async_request", break_)
        await send(api("anna"), await make_dialog(host))
        (attempt,) = (await jobs.tried(1))["attempts"]
    assert attempt["error"] == "the request failed: KeyError"
    await jobs.pass_time(2)
    await jobs.settled(1)


@pytest.mark.gen_test
async def test_user_and_password_of_the_operators_url_are_a_header(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """P8: receivers behind a gateway that asks for them."""
    await send(api("anna"), await make_dialog(host))
    (hook,) = await receiver.wait_for(1, "message.new")
    given = b64decode(hook.headers["authorization"].removeprefix("Basic "))
    assert given == b"operator:password-of-the-url"
    assert hook.path == "/hooks?token=token-of-the-url"


@pytest.mark.gen_test
async def test_no_log_and_no_answer_of_the_api_has_a_secret_in_it(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    made = await make_webhook(host, f"{receiver.url}?token=token-of-the-host")
    receiver.answer = in_turn(*[answer for answer in (close, with_status(403), with_status(410)) for _ in range(2)])
    with capture_logs() as lines:
        for _ in range(3):
            await send(api("anna"), await make_dialog(host))
            await jobs.pass_time(2)
        await jobs.settled(2, "failed")
        answers = [(await host.get("/webhooks")).body]
        for webhook_id in (made["id"], "00000000-0000-0000-0000-000000000001"):
            answers.append(repr(await deliveries(host, f"/webhooks/{webhook_id}")).encode())
    assert {line["event"] for line in lines} >= {"delivery_failed"}
    told = repr(lines).encode() + b"".join(answers)
    for secret in (made["secret"], "password-of-the-url", "token-of-the-url", "secret-of-the-environment"):
        assert secret.encode() not in told
    assert b"token-of-the-host" not in repr(lines).encode()
