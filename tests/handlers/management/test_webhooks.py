"""The host manages its webhooks: endpoints, secrets, deliveries, replay. F47: dead ones are listed and sent again."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mtchat.core.services import Services
from mtchat.persistence.pool import Connection
from mtchat.persistence.webhooks import BUILTIN_ID
from tests.handlers.management.calls import NOWHERE, WIRE_TIME
from tests.jobs.hooks import BUILTIN, deliveries, listen_to, make_webhook
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_jobs import Jobs
from tests.support.receiver import Hook, Receiver, with_status

Api = Callable[[str], ApiClient]
PUBLIC = "https://host.example/hooks?token=1"


@pytest.fixture
def variables() -> dict[str, str]:
    """Overridden where a test needs other variables."""
    return {}


@pytest.fixture
def environment(receiver: Receiver, variables: dict[str, str]) -> dict[str, str]:
    return {**receiver.environment, **variables}


@pytest.mark.gen_test
async def test_an_endpoint_is_made_listed_changed_and_deleted(host: ApiClient) -> None:
    made = await make_webhook(host, PUBLIC, "message.new", tenants=["north"], description="orders")
    secret, created_at = made.pop("secret"), made["created_at"]
    assert secret.startswith("whsec_")
    assert WIRE_TIME.fullmatch(created_at)
    assert made == {
        "id": made["id"],
        "url": PUBLIC,
        "description": "orders",
        "events": ["message.new"],
        "tenants": ["north"],
        "enabled": True,
        "disabled_by": None,
        "builtin": False,
        "created_at": created_at,
        "previous_secret_until": None,
        "waiting": 0,
    }
    path = f"/webhooks/{made['id']}"
    assert (await host.get(path)).data == made
    assert made in (await host.get("/webhooks")).data
    changed = await host.put(path, {"description": None, "tenants": [], "enabled": False})
    assert changed.data == {**made, "description": None, "tenants": [], "enabled": False, "disabled_by": "host"}
    assert (await host.delete(path)).status == 204
    assert (await host.get(path)).error == (404, "NOT_FOUND")
    assert (await host.delete(path)).status == 204


@pytest.mark.gen_test
async def test_by_default_it_hears_of_the_events_of_the_contract(host: ApiClient) -> None:
    made = await host.post("/webhooks", {"url": PUBLIC})
    assert made.data["events"] == ["message.new", "participant.joined", "participant.left", "notification.pending"]


@pytest.mark.gen_test
async def test_the_secret_is_shown_once(host: ApiClient) -> None:
    made = await make_webhook(host, PUBLIC)
    path = f"/webhooks/{made['id']}"
    for answer in (await host.get(path), await host.get("/webhooks"), await host.put(path, {"enabled": True})):
        assert made["secret"].encode() not in answer.body
        assert b'secret":' not in answer.body
    rotated = await host.post(f"{path}/secret", {"overlap_secs": 3600})
    assert rotated.data["secret"] != made["secret"]
    assert (await host.get(path)).data["previous_secret_until"] == rotated.data["previous_secret_until"]


@pytest.mark.gen_test
async def test_after_a_rotation_without_overlap_the_old_secret_is_gone(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, variables: dict[str, str]
) -> None:
    made = await make_webhook(host, PUBLIC)
    path = f"/webhooks/{made['id']}"
    assert (await host.post(f"{path}/secret", {"overlap_secs": 0})).status == 200
    assert (await host.get(path)).data["previous_secret_until"] is None


@pytest.mark.parametrize("variables", [{"WEBHOOK_ALLOW_PRIVATE": "1"}])
@pytest.mark.gen_test
async def test_the_old_secret_signs_until_the_overlap_ends(
    variables: dict[str, str], api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """By the header of the standard; the original's has room for one signature, of the new secret."""
    made = await make_webhook(host, receiver.url)
    await listen_to(host, "dialog.deleted")
    rotated = (await host.post(f"/webhooks/{made['id']}/secret", {"overlap_secs": 60})).data
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    during = (await receiver.wait_for(1, "message.new"))[0]
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(during.body, during.headers)
    assert during.is_signed_with(rotated["secret"])
    async with services.database.connection() as connection:
        await connection.execute("UPDATE webhook_endpoints SET previous_secret_until = now()")
    await send(api("anna"), dialog_id)
    later = (await receiver.wait_for(2, "message.new"))[1]
    Webhook(rotated["secret"]).verify(later.body, later.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(later.body, later.headers)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 422),
        ({"url": None}, 422),
        ({"url": 5}, 422),
        ({"url": PUBLIC, "events": "message.new"}, 422),
        ({"url": PUBLIC, "tenants": [5]}, 422),
        ({"url": PUBLIC, "events": []}, 400),
        ({"url": PUBLIC, "events": ["message.read"]}, 400),
        ({"url": PUBLIC, "events": ["message.new"] * 50}, 400),
        ({"url": PUBLIC, "tenants": [""]}, 400),
        ({"url": PUBLIC, "tenants": ["x" * 256]}, 400),
        ({"url": PUBLIC, "tenants": ["x"] * 101}, 400),
        ({"url": PUBLIC, "description": "x" * 501}, 400),
        ({"url": ""}, 400),
        ({"url": "host.example"}, 400),
        ({"url": "ftp://host.example/"}, 400),
        ({"url": "https:///hooks"}, 400),
        ({"url": "https://host.example:99999/"}, 400),
        ({"url": "https://[::1"}, 400),
        ({"url": "https://host.example/a b"}, 400),
        ({"url": "https://host.example/\n"}, 400),
        ({"url": "https://anna:secret@host.example/"}, 400),
        ({"url": "https://host.example/" + "x" * 2048}, 400),
        ({"url": "http://127.0.0.1/"}, 400),
        ({"url": "http://localhost:8080/"}, 400),
        ({"url": "http://10.0.0.1/"}, 400),
        ({"url": "http://169.254.169.254/latest/meta-data"}, 400),
        ({"url": "http://[::ffff:127.0.0.1]/"}, 400),
        ({"url": "http://[fd00::1]/"}, 400),
    ],
)
@pytest.mark.gen_test
async def test_a_wrong_field_is_refused(change: dict[str, Any], status: int, host: ApiClient) -> None:
    assert (await host.post("/webhooks", change)).error == (status, "INVALID_INPUT")


@pytest.mark.parametrize("variables", [{"WEBHOOK_ALLOW_PRIVATE": "1"}])
@pytest.mark.gen_test
async def test_the_operator_may_allow_private_addresses(variables: dict[str, str], host: ApiClient) -> None:
    assert (await host.post("/webhooks", {"url": "http://127.0.0.1:9/"})).status == 201


@pytest.mark.parametrize("url", ["http://inside.example:{port}/", "http://2130706433:{port}/", "http://0x7f.1:{port}/"])
@pytest.mark.gen_test
async def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_connected_to(
    url: str,
    api: Api,
    host: ApiClient,
    jobs: Jobs,
    receiver: Receiver,
    other_receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Checked after resolution, on the address itself: a name may change its mind."""
    resolve = socket.getaddrinfo

    def resolve_inside(name: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if name == "inside.example" else name, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_inside)
    await listen_to(host, "dialog.created")
    made = await make_webhook(host, url.format(port=other_receiver.port))
    await send(api("anna"), await make_dialog(host))
    await receiver.wait_for(1)
    async with jobs.deliverer.written:
        while not (attempts := (await deliveries(host, f"/webhooks/{made['id']}"))[0]["attempts"]):
            await jobs.deliverer.written.wait()
    assert "private address" in attempts[0]["error"]
    assert other_receiver.connections == 0


@pytest.mark.gen_test
async def test_there_are_at_most_a_hundred(host: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtchat.core.webhooks.MAX_ENDPOINTS", 2)
    await make_webhook(host, PUBLIC)
    assert (await host.post("/webhooks", {"url": PUBLIC})).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_the_builtin_endpoint_is_listed_and_keeps_its_url_and_secret(host: ApiClient, receiver: Receiver) -> None:
    shown = (await host.get(BUILTIN)).data
    assert (shown["id"], shown["builtin"], shown["enabled"]) == (BUILTIN_ID, True, True)
    assert shown["url"] == receiver.url
    assert (await host.put(BUILTIN, {"url": PUBLIC})).error == (400, "BAD_REQUEST")
    assert (await host.post(f"{BUILTIN}/secret", {})).error == (400, "BAD_REQUEST")
    assert (await host.delete(BUILTIN)).error == (400, "BAD_REQUEST")
    changed = await host.put(BUILTIN, {"events": ["message.new", "message.edited"], "tenants": ["north"]})
    assert (changed.data["events"], changed.data["tenants"]) == (["message.new", "message.edited"], ["north"])


@pytest.mark.parametrize("variables", [{"WEBHOOK_URL": ""}, {"WEBHOOK_SECRET": ""}])
@pytest.mark.gen_test
async def test_empty_variables_switch_the_builtin_endpoint_off(
    variables: dict[str, str], api: Api, host: ApiClient, services: Services
) -> None:
    """F48."""
    shown = (await host.get(BUILTIN)).data
    assert (shown["enabled"], shown["disabled_by"]) == (False, "settings")
    assert (await host.put(BUILTIN, {"enabled": True})).error == (400, "BAD_REQUEST")
    await send(api("anna"), await make_dialog(host))
    assert await deliveries(host) == []


@pytest.mark.gen_test
async def test_a_builtin_endpoint_that_the_host_switched_off_stays_off_at_a_restart(
    host: ApiClient, services: Services
) -> None:
    await host.put(BUILTIN, {"enabled": False})
    await services.jobs.start()
    assert (await host.get(BUILTIN)).data["disabled_by"] == "host"
    await services.jobs.close()


@pytest.mark.gen_test
async def test_one_that_was_gone_is_told_again_after_a_restart(host: ApiClient, services: Services) -> None:
    async with services.database.connection() as connection:
        await connection.execute("UPDATE webhook_endpoints SET disabled_by = 'gone'")
    assert (await host.get(BUILTIN)).data["disabled_by"] == "gone"
    await services.jobs.start()
    assert (await host.get(BUILTIN)).data["enabled"]
    await services.jobs.close()


@pytest.mark.gen_test
async def test_a_test_event_is_sent_whatever_the_endpoint_listens_to(
    host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    await listen_to(host, "dialog.created")
    answer = await host.post(f"{BUILTIN}/test")
    assert (answer.status, answer.data["event"]) == (202, "webhook.test")
    (hook,) = await receiver.wait_for(1)
    assert (hook.event, hook.json["type"], hook.id) == ("webhook.test", "webhook_test", answer.data["id"])
    assert hook.payload == {"endpoint_id": BUILTIN_ID}
    await jobs.settled(1)
    shown = (await host.get(f"{BUILTIN}/deliveries/{hook.id}")).data
    assert (shown["state"], shown["dialog_id"], shown["body"]) == ("delivered", None, hook.body.decode())


@pytest.mark.gen_test
async def test_a_disabled_endpoint_cannot_be_tested(host: ApiClient) -> None:
    await host.put(BUILTIN, {"enabled": False})
    assert (await host.post(f"{BUILTIN}/test")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_a_delivery_tells_its_tries(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    """Status, duration and the first thousand characters of the answer."""
    receiver.answer = with_status(422, b"y" * 3_000)
    await listen_to(host, "message.new")
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    await jobs.settled(1, "failed")
    (shown,) = await deliveries(host, state="failed")
    (attempt,) = shown.pop("attempts")
    created_at = shown.pop("created_at")
    assert WIRE_TIME.fullmatch(created_at)
    assert shown == {
        "id": receiver.hooks[0].id,
        "webhook_id": BUILTIN_ID,
        "dialog_id": dialog_id,
        "recipient_id": None,
        "event": "message.new",
        "state": "failed",
        "next_attempt_at": None,
    }
    assert WIRE_TIME.fullmatch(attempt.pop("at"))
    assert 0 <= attempt.pop("duration_ms") < 5_000
    assert attempt == {"status": 422, "error": None, "answer": "y" * 1_000}


@pytest.mark.gen_test
async def test_deliveries_are_searched_by_dialog_object_event_state_and_time(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    await listen_to(host, "message.new", "dialog.created")
    first = await make_dialog(host, object_id="o-1", object_type="order")
    second = await make_dialog(host, object_id="o-2", object_type="order")
    for dialog_id in (first, second, first):
        await send(api("anna"), dialog_id)
    await jobs.settled(5)

    async def found(**query: Any) -> list[tuple[str, str]]:
        return [(row["dialog_id"], row["event"]) for row in await deliveries(host, **query)]

    new, created = "message.new", "dialog.created"
    all_of_them = [(first, new), (second, new), (first, new), (second, created), (first, created)]
    assert await found() == all_of_them
    assert await found(dialog_id=second) == [(second, new), (second, created)]
    assert await found(object_type="order", object_id="o-1", event=new) == [(first, new)] * 2
    assert await found(object_type="order", object_id="o-1", dialog_id=second) == []
    assert await found(state="failed") == await found(state="waiting") == []
    assert await found(state="delivered", dialog_id=first, event=created) == [(first, created)]
    assert await found(limit=2) == all_of_them[:2]
    page = await deliveries(host, limit=2)
    assert await found(before=page[-1]["id"]) == all_of_them[2:]
    middle = page[-1]["created_at"]
    later, earlier = await found(since=middle), await found(until=middle)
    assert later + earlier == all_of_them
    assert await found(since="2100-01-01T00:00:00Z") == await found(until="1970-01-01T00:00:00Z") == []


@pytest.mark.gen_test
async def test_pages_of_failures_have_no_holes_whatever_order_they_failed_in(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    await listen_to(host, "message.new")
    patient, other = await make_dialog(host), await make_dialog(host)

    async def refuse_patiently(hook: Hook, writer: asyncio.StreamWriter) -> None:
        is_first = len([one for one in receiver.hooks if one.id == hook.id]) == 1
        await with_status(500 if is_first and hook.payload["dialog_id"] == patient else 400)(hook, writer)

    receiver.answer = refuse_patiently
    await send(api("anna"), patient)
    await jobs.tried(1)
    for _ in range(2):
        await send(api("anna"), other)
    await jobs.settled(2, "failed")
    await jobs.pass_time(2)
    await jobs.settled(3, "failed")
    first = await deliveries(host, state="failed", limit=1)
    rest = await deliveries(host, state="failed", before=first[0]["id"])
    assert [row["dialog_id"] for row in first + rest] == [other, other, patient]


@pytest.mark.parametrize(
    "query",
    [
        {"dialog_id": "x"}, {"event": "message.read"}, {"state": "dead"}, {"since": "yesterday"},
        {"since": "2031-04-05T09:00:00"}, {"limit": "many"}, {"object_id": "o-1"}, {"object_type": "order"},
        {"before": "1"},
    ],
)  # fmt: skip
@pytest.mark.gen_test
async def test_a_search_that_makes_no_sense_is_refused(query: dict[str, str], host: ApiClient) -> None:
    assert (await host.get(f"{BUILTIN}/deliveries", **query)).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_failures_of_some_time_are_replayed_together(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """Oldest first, with the same ids."""
    receiver.answer = with_status(400)
    await listen_to(host, "message.new")
    dialogs = [await make_dialog(host), await make_dialog(host)]
    for number in range(6):
        await send(api("anna"), dialogs[number % 2], f"<p>{number}</p>")
    failed = await jobs.settled(6, "failed")
    receiver.answer = with_status(200)
    shown = await deliveries(host)
    answer = await host.post(f"{BUILTIN}/replay", {"since": shown[-2]["created_at"], "dialog_id": dialogs[1]})
    assert (answer.status, answer.data) == (202, {"replayed": 3, "next_since": None})
    hooks = (await receiver.wait_for(9))[6:]
    assert [hook.text for hook in hooks] == ["<p>1</p>", "<p>3</p>", "<p>5</p>"]
    assert {hook.id for hook in hooks} <= {row["id"] for row in failed}
    await jobs.settled(3)
    answer = await host.post(f"{BUILTIN}/replay", {"since": "2000-01-01T00:00:00Z", "states": ["failed", "delivered"]})
    assert answer.data["replayed"] == 6
    await receiver.wait_for(15)


async def _somebody_waits_for(connection: Connection) -> None:
    """Until another session waits for a lock of ours: the database has no event for that."""
    waits = b"SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while await (await connection.execute(waits)).fetchone() is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@pytest.mark.gen_test
async def test_a_message_deleted_while_it_is_replayed_leaves_its_dialog_going_on(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """There is no text to send any more: the delivery stays as it was, and those after it go out."""
    await listen_to(host, "message.new")
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    (delivered,) = await jobs.settled(1)
    async with services.database.transaction() as connection:
        await connection.execute("UPDATE webhook_deliveries SET body = NULL")
        replaying = asyncio.create_task(host.post(f"{BUILTIN}/deliveries/{delivered['id']}/replay"))
        await _somebody_waits_for(connection)
    assert (await replaying).status == 202
    await send(api("anna"), dialog_id, "<p>next</p>")
    assert [hook.text for hook in await receiver.wait_for(2)] == ["<p>hello</p>", "<p>next</p>"]
    assert {row["state"] for row in await jobs.settled(2)} == {"delivered"}


@pytest.mark.gen_test
async def test_a_message_is_deleted_while_its_lane_is_replayed_without_a_deadlock(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """Both lock the lane first, and then its deliveries."""
    await listen_to(host, "message.new", "message.deleted")
    dialog_id, anna = await make_dialog(host), api("anna")
    message = await send(anna, dialog_id)
    await jobs.settled(1)
    async with services.database.transaction() as connection:
        await connection.execute("SELECT FROM webhook_lanes FOR UPDATE")
        deleting = asyncio.create_task(anna.delete(f"/dialogs/{dialog_id}/messages/{message['id']}"))
        await _somebody_waits_for(connection)
        await connection.execute("UPDATE webhook_deliveries SET no = no")
    assert (await deleting).status in (200, 204)


@pytest.mark.gen_test
async def test_a_large_replay_tells_where_to_go_on(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtchat.core.webhooks.MAX_REPLAYED", 2)
    monkeypatch.setattr("mtchat.core.webhooks._REPLAYED_PER_STATEMENT", 2)
    await listen_to(host, "message.new")
    for _ in range(3):
        await send(api("anna"), await make_dialog(host))
    await jobs.settled(3)
    states = ["delivered"]
    first = (await host.post(f"{BUILTIN}/replay", {"since": "2000-01-01T00:00:00Z", "states": states})).data
    assert first["replayed"] == 2
    assert first["next_since"] is not None
    await jobs.settled(3)
    second = (await host.post(f"{BUILTIN}/replay", {"since": first["next_since"], "states": states})).data
    assert second == {"replayed": 1, "next_since": None}


@pytest.mark.gen_test
async def test_one_that_waits_is_not_queued_twice(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    receiver.answer = with_status(500)
    await listen_to(host, "message.new")
    await send(api("anna"), await make_dialog(host))
    await jobs.tried(1)
    (shown,) = await deliveries(host)
    assert WIRE_TIME.fullmatch(shown["next_attempt_at"])
    assert await deliveries(host, state="waiting") == [shown]
    assert await deliveries(host, state="waiting", event="dialog.created") == []
    again = await host.post(f"{BUILTIN}/deliveries/{shown['id']}/replay")
    assert (again.status, again.data["state"]) == (202, "waiting")
    assert (await host.get(BUILTIN)).data["waiting"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("PUT", ""), ("POST", "/secret"), ("POST", "/test"), ("POST", "/replay"), ("GET", "/deliveries"),
        ("GET", f"/deliveries/{NOWHERE}"), ("POST", f"/deliveries/{NOWHERE}/replay"),
    ],
)  # fmt: skip
@pytest.mark.gen_test
async def test_what_is_not_there_is_404_and_no_id_is_400(method: str, path: str, host: ApiClient) -> None:
    body = {"since": "2031-04-05T09:00:00Z"} if method != "GET" else None
    assert (await host.call(method, f"/webhooks/{NOWHERE}{path}", body=body)).error == (404, "NOT_FOUND")
    assert (await host.call(method, f"/webhooks/x{path}", body=body)).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_a_delivery_of_another_endpoint_is_not_shown(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    made = await make_webhook(host, PUBLIC, "dialog.deleted")
    await send(api("anna"), await make_dialog(host))
    (hook, *_) = await receiver.wait_for(1)
    assert (await host.get(f"/webhooks/{made['id']}/deliveries/{hook.id}")).error == (404, "NOT_FOUND")


@pytest.mark.gen_test
async def test_a_chat_user_has_no_business_here(api: Api) -> None:
    assert (await api("anna").get("/management/webhooks")).error == (401, "UNAUTHORIZED")
