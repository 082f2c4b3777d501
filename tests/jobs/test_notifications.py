"""F50 and contract 7.4: who is told of a message that is still unread after the delay."""

from collections.abc import Callable

import pytest

from mtchat.core.notifications import announce_due
from mtchat.core.services import Services
from mtchat.persistence import notifications as rows
from tests.jobs.hooks import BUILTIN, deliveries, listen_to
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_jobs import Jobs
from tests.support.receiver import Receiver

Api = Callable[[str], ApiClient]
PENDING = "notification.pending"
DELAY_SECS = 30


@pytest.fixture
def digest_secs() -> int:
    """Overridden by the tests of the digest."""
    return 0


@pytest.fixture
def environment(receiver: Receiver, digest_secs: int) -> dict[str, str]:
    """A delay nobody waits for: time is moved."""
    return {
        **receiver.environment,
        "NOTIFICATION_DELAY_SECS": str(DELAY_SECS),
        "NOTIFICATION_DIGEST_SECS": str(digest_secs),
    }


async def _read(client: ApiClient, dialog_id: str, message_id: str) -> None:
    answer = await client.post(f"/dialogs/{dialog_id}/read", {"last_read_message_id": message_id})
    assert answer.status == 200, answer.body


@pytest.mark.gen_test
async def test_whoever_has_not_read_a_message_is_told_of_it(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    dialog_id = await make_dialog(
        host, object_id="SHP-2071", object_type="shipment", title="Shipment 2071", companies={"anna": "Orrin Ltd"}
    )
    await listen_to(host, PENDING)
    message = await send(api("anna"), dialog_id, "<p>Gate 4</p>")
    await jobs.pass_time(DELAY_SECS)
    (hook,) = await receiver.wait_for(1)
    assert (hook.event, hook.json["type"]) == (PENDING, "notification_pending")
    assert hook.payload == {
        "dialog_id": dialog_id,
        "object_id": "SHP-2071",
        "object_type": "shipment",
        "recipient_id": "boris",
        "chat_title": "Shipment 2071",
        "sender_company": "Orrin Ltd",
        "message": {
            "id": message["id"],
            "sender_id": "anna",
            "content": "<p>Gate 4</p>",
            "created_at": message["sent_at"],
            "message_type": "user",
        },
    }


@pytest.mark.gen_test
async def test_nobody_is_told_before_the_delay(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    await send(api("anna"), await make_dialog(host))
    await jobs.pass_time(DELAY_SECS - 5)
    assert await announce_due(jobs.services) == (0, 0)


@pytest.mark.gen_test
async def test_each_message_is_judged_by_its_own_read_state(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """F50: the first is read, the second is not; the original announced both."""
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host)
    first = await send(api("anna"), dialog_id, "<p>first</p>")
    await send(api("anna"), dialog_id, "<p>second</p>")
    await _read(api("boris"), dialog_id, first["id"])
    await jobs.pass_time(DELAY_SECS)
    await receiver.wait_for(1)
    assert [hook.text for hook in receiver.hooks] == ["<p>second</p>"]
    assert len(await deliveries(host)) == 1


@pytest.mark.parametrize("way", ["read", "muted", "left", "deleted", "answered", "the dialog is gone"])
@pytest.mark.gen_test
async def test_nobody_is_told_of_what_is(way: str, api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host)
    anna, boris = api("anna"), api("boris")
    message = await send(anna, dialog_id)
    if way == "read":
        await _read(boris, dialog_id, message["id"])
    elif way == "muted":
        await boris.post(f"/dialogs/{dialog_id}/notifications", {"enabled": False})
    elif way == "left":
        await boris.post(f"/dialogs/{dialog_id}/leave")
    elif way == "deleted":
        await anna.delete(f"/dialogs/{dialog_id}/messages/{message['id']}")
    elif way == "answered":
        await send(boris, dialog_id)
        await _read(anna, dialog_id, message["id"])
    else:
        await host.delete(f"/dialogs/{dialog_id}")
    # Marks what follows: it comes after everything that came of the message.
    await send(anna, await make_dialog(host), "<p>the end</p>")
    await jobs.pass_time(DELAY_SECS)
    hooks = await receiver.wait_for(2 if way == "answered" else 1)
    assert {(hook.payload["recipient_id"], hook.text) for hook in hooks if hook.payload["dialog_id"] == dialog_id} == (
        {("anna", "<p>hello</p>")} if way == "answered" else set()
    )
    assert await jobs.rows("SELECT FROM notifications") == []


@pytest.mark.gen_test
async def test_whoever_joins_later_is_not_told_of_what_was_there(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """All of it is unread for him, and none of it is news."""
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host, scopes=[{"scope_level0": []}])
    await send(api("anna"), dialog_id)
    joined = await api("vera").with_scopes().post(f"/dialogs/{dialog_id}/join", {"display_name": "Vera", "company": ""})
    assert joined.status == 200, joined.body
    await jobs.pass_time(DELAY_SECS)
    await receiver.wait_for(1)
    assert [row["recipient_id"] for row in await deliveries(host)] == ["boris"]


@pytest.mark.gen_test
async def test_the_message_is_told_as_it_is_now(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host, title=None)
    message = await send(api("anna"), dialog_id, "<p>before</p>")
    await api("anna").put(f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": "<p>after</p>"})
    await jobs.pass_time(DELAY_SECS)
    (hook,) = await receiver.wait_for(1)
    assert hook.text == "<p>after</p>"
    assert not {"chat_title", "sender_company"} & hook.payload.keys()


async def _statements(jobs: Jobs, api: Api, host: ApiClient, people: list[str]) -> int:
    """Send a message to these people and let it be announced; the number of statements of the announcing."""
    await send(api(people[0]), await make_dialog(host, people))
    assert len(await jobs.rows("SELECT FROM notifications")) == 1
    async with jobs.services.database.connection() as connection:
        await connection.execute("UPDATE notifications SET created_at = created_at - interval '1 hour'")
    before = jobs.services.database.statements
    assert await announce_due(jobs.services) == (1, len(people) - 1)
    return jobs.services.database.statements - before


@pytest.mark.gen_test
async def test_forty_recipients_are_one_row_and_one_query(api: Api, host: ApiClient, services: Services) -> None:
    """F46, F50: the original took 10.6 seconds."""
    jobs = Jobs(services)  # which is not started: nobody else runs statements
    await listen_to(host, PENDING)
    people = [f"person-{number}" for number in range(41)]
    of_one = await _statements(jobs, api, host, people[:2])
    assert await _statements(jobs, api, host, people) == of_one == 3
    assert {row["recipient_id"] for row in await deliveries(host)} == set(people[1:])


@pytest.mark.parametrize("digest_secs", [0, 120])
@pytest.mark.gen_test
async def test_a_round_is_bounded_by_the_number_of_people_it_tells(
    digest_secs: int, api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P4: 64 messages to 5,000 people each would be one transaction of minutes, or none at all."""
    monkeypatch.setattr(rows, "MAX_NOTICES", 6)
    jobs = Jobs(services)
    await listen_to(host, PENDING)
    people = [f"person-{number}" for number in range(4)]
    for _ in range(5):
        await send(api("person-0"), await make_dialog(host, people))
    async with services.database.connection() as connection:
        await connection.execute("UPDATE notifications SET created_at = created_at - interval '1 hour'")
    rounds = [await announce_due(services) for _ in range(4)]
    assert rounds == [(2, 6), (2, 6), (1, 3), (0, 0)]
    assert len(await jobs.rows("SELECT FROM webhook_outbox")) == 15


@pytest.mark.parametrize("digest_secs", [120])
@pytest.mark.gen_test
async def test_a_burst_of_thousands_is_counted_up_to_a_hundred(
    digest_secs: int, api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_COUNTED", 3)
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host)
    for number in range(5):
        await send(api("anna"), dialog_id, f"<p>{number}</p>")
    await jobs.pass_time(digest_secs)
    (hook,) = await receiver.wait_for(1)
    assert (hook.text, hook.payload["messages_count"]) == ("<p>4</p>", 3)
    assert await jobs.rows("SELECT FROM notifications") == []


@pytest.mark.gen_test
async def test_without_anybody_who_wants_them_there_are_no_rows(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    await host.put(BUILTIN, {"events": ["message.new"]})
    await send(api("anna"), await make_dialog(host))
    assert await jobs.rows("SELECT FROM notifications") == []


@pytest.mark.parametrize("digest_secs", [120])
@pytest.mark.gen_test
async def test_a_digest_is_one_notice_per_person_and_dialog(
    digest_secs: int, api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """The newest message, and how many there were that this person has not read."""
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host, ["anna", "boris", "vera"])
    first = await send(api("anna"), dialog_id, "<p>first</p>")
    await jobs.pass_time(60)
    await send(api("anna"), dialog_id, "<p>second</p>")
    await _read(api("vera"), dialog_id, first["id"])
    await jobs.pass_time(59)
    assert await announce_due(jobs.services) == (0, 0)
    await jobs.pass_time(1)
    hooks = await receiver.wait_for(2)
    assert {hook.payload["recipient_id"]: hook.payload["messages_count"] for hook in hooks} == {"boris": 2, "vera": 1}
    assert {hook.text for hook in hooks} == {"<p>second</p>"}
    assert await jobs.rows("SELECT FROM notifications") == []


@pytest.mark.gen_test
async def test_a_persons_notices_come_in_the_order_of_the_messages(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    await listen_to(host, PENDING)
    dialog_id = await make_dialog(host, ["anna", "boris", "vera"])
    for number in range(5):
        await send(api("anna"), dialog_id, f"<p>{number}</p>")
    await jobs.pass_time(DELAY_SECS)
    hooks = await receiver.wait_for(10)
    for person in ("boris", "vera"):
        texts = [hook.text for hook in hooks if hook.payload["recipient_id"] == person]
        assert texts == [f"<p>{number}</p>" for number in range(5)]
