"""P2, P5: a process killed under load loses nothing it has acknowledged, and a retry doubles nothing."""

import asyncio

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.simple_httpclient import HTTPTimeoutError

from tests.support.clients import Answer, ApiClient
from tests.support.factories import make_dialog
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.process import ServerProcess

pytestmark = pytest.mark.slow

SENDERS = 16
KILL_AFTER = 150


@pytest.mark.gen_test(timeout=90)
async def test_sigkill_under_load_loses_no_acknowledged_message_and_retries_double_none(database_url: str) -> None:
    environment = {"DATABASE_URL": database_url, "ADMIN_API_TOKEN": ADMIN_TOKEN}
    server = ServerProcess(environment)
    await server.start()
    http = AsyncHTTPClient(force_instance=True, max_clients=SENDERS * 2)
    host = ApiClient(http, server.base_url, admin_token=ADMIN_TOKEN)
    people = [f"person-{number}" for number in range(SENDERS)]
    dialogs = [await make_dialog(host, people) for _ in range(4)]
    acknowledged: dict[str, str] = {}
    unanswered: set[tuple[str, str, str]] = set()

    async def post(person: str, dialog_id: str, key: str) -> str | None:
        client = ApiClient(http, server.base_url, user_id=person)
        body = {"content": f"<p>{key}</p>", "client_message_id": key}
        try:
            answer = await client.post(f"/dialogs/{dialog_id}/messages", body)
        except (OSError, HTTPClientError, HTTPTimeoutError):
            return None
        return answer.data["id"] if answer.status == 200 else None

    async def send_until_dead(number: int) -> None:
        for round_ in range(10_000):
            key, dialog_id = f"{number}-{round_}", dialogs[(number + round_) % len(dialogs)]
            message_id = await post(people[number], dialog_id, key)
            if message_id is None:
                unanswered.add((people[number], dialog_id, key))
                return
            acknowledged[key] = message_id
            if len(acknowledged) == KILL_AFTER:
                enough.set()

    enough = asyncio.Event()
    senders = [asyncio.create_task(send_until_dead(number)) for number in range(SENDERS)]
    await enough.wait()
    await server.kill()
    await asyncio.gather(*senders)
    assert len(unanswered) == SENDERS

    again = ServerProcess(environment, server.port)
    await again.start()
    for person, dialog_id, key in sorted(unanswered):
        message_id = await post(person, dialog_id, key)
        assert message_id is not None
        acknowledged[key] = message_id

    stored: dict[str, str] = {}
    for dialog_id in dialogs:
        page = await ApiClient(http, again.base_url, user_id=people[0]).get(
            f"/dialogs/{dialog_id}/messages", limit=1000
        )
        texts = [(m["content"], m["id"]) for m in page.data["messages"] if m["message_type"] == "user"]
        assert len({text for text, _ in texts}) == len(texts), "a message was stored twice"
        stored |= {text.removeprefix("<p>").removesuffix("</p>"): message_id for text, message_id in texts}
    assert stored == acknowledged
    assert await again.stop() == 0
    http.close()


@pytest.mark.gen_test(timeout=60)
async def test_sigterm_finishes_what_is_being_sent_and_exits_cleanly(database_url: str) -> None:
    """F62: every request that was accepted is answered; the exit code is 0."""
    server = ServerProcess({"DATABASE_URL": database_url, "ADMIN_API_TOKEN": ADMIN_TOKEN})
    await server.start()
    http = AsyncHTTPClient(force_instance=True, max_clients=50)
    dialog_id = await make_dialog(ApiClient(http, server.base_url, admin_token=ADMIN_TOKEN))
    anna = ApiClient(http, server.base_url, user_id="anna")
    sending = [
        asyncio.create_task(anna.post(f"/dialogs/{dialog_id}/messages", {"content": f"<p>{number}</p>"}))
        for number in range(20)
    ]
    first, _ = await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
    assert await server.stop() == 0
    answers = await asyncio.gather(*sending, return_exceptions=True)
    assert next(iter(first)).result().status == 200
    answered = [answer for answer in answers if not isinstance(answer, OSError | HTTPClientError | HTTPTimeoutError)]
    assert all(isinstance(answer, Answer) and answer.status == 200 for answer in answered), answers
    http.close()
