"""Contract 7.2 and 7.3: which change is told under which name, and with which fields exactly."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from mtchat.core.schemas.webhooks import EVENTS
from mtchat.core.services import Services
from mtchat.jobs.drawing import Draughtsman
from mtchat.jobs.scanning import Scanner
from mtchat.jobs.thumbnails import look_at_due_files
from mtchat.persistence.attachments import Findings, claim_due_files, finish_file
from tests.jobs.hooks import BUILTIN, deliveries, listen_to, make_webhook
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import png, upload
from tests.support.fix_jobs import Jobs
from tests.support.receiver import Receiver, in_turn, with_status

Api = Callable[[str], ApiClient]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
OPEN_TO_ALL: list[dict[str, list[str]]] = [{"scope_level0": [], "scope_level1": [], "scope_level2": []}]
PROFILE = {"display_name": "Vera", "company": "South"}


@pytest.fixture
def environment(receiver: Receiver, disk_environment: dict[str, str]) -> dict[str, str]:
    return {**receiver.environment, **disk_environment, "WEBHOOK_ALLOW_PRIVATE": "1", "NOTIFICATION_DELAY_SECS": "60"}


def _masked(payload: Any) -> Any:
    """The payload with `TIME` in place of every time of the right form."""
    if isinstance(payload, dict):
        return {name: _masked(value) for name, value in payload.items()}
    return "TIME" if isinstance(payload, str) and TIME.fullmatch(payload) else payload


@pytest.mark.gen_test
async def test_the_envelope_and_a_message(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    dialog_id = await make_dialog(host, object_id="SHP-2071", object_type="shipment")
    first = await send(api("anna"), dialog_id, "<p>Gate 4</p>")
    reply = await send(api("boris"), dialog_id, "<p>Thanks</p>", reply_to=first["id"])
    plain, answer = await receiver.wait_for(2)
    assert set(plain.json) == {"id", "type", "timestamp", "payload"}
    assert uuid.UUID(plain.id).version == 7
    assert TIME.fullmatch(plain.json["timestamp"])
    of_dialog = {"dialog_id": dialog_id, "object_id": "SHP-2071", "object_type": "shipment"}
    assert plain.payload == {
        **of_dialog,
        "message": {
            "id": first["id"],
            "sender_id": "anna",
            "content": "<p>Gate 4</p>",
            "created_at": first["sent_at"],
            "message_type": "user",
        },
    }
    assert answer.payload["message"]["reply_to"] == first["id"]
    assert answer.payload["message"]["id"] == reply["id"]


@pytest.mark.gen_test
async def test_joining_and_leaving_by_oneself(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    """Their system messages are no webhooks."""
    dialog_id = await make_dialog(host, scopes=OPEN_TO_ALL, object_id="SHP-1", object_type="shipment")
    vera = api("vera").with_scopes()
    assert (await vera.post(f"/dialogs/{dialog_id}/join", PROFILE)).status == 200
    assert (await api("vera").post(f"/dialogs/{dialog_id}/leave")).status == 200
    joined, left = await receiver.wait_for(2)
    of_dialog = {"dialog_id": dialog_id, "object_id": "SHP-1", "object_type": "shipment", "user_id": "vera"}
    assert (joined.event, joined.json["type"]) == ("participant.joined", "participant_joined")
    assert _masked(joined.payload) == {**of_dialog, "joined_as": "joined", "joined_at": "TIME"}
    assert (left.event, left.json["type"]) == ("participant.left", "participant_left")
    assert _masked(left.payload) == {**of_dialog, "left_at": "TIME"}


@pytest.mark.gen_test
async def test_what_the_host_does_itself_it_is_not_told(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """Contract 7.3: neither creating, adding, removing nor deleting; nor edits and deletions of messages."""
    dialog_id = await make_dialog(host)
    assert (await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "vera", **PROFILE})).status == 201
    assert (await host.delete(f"/dialogs/{dialog_id}/participants/vera")).status == 204
    message = await send(api("anna"), dialog_id)
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    assert (await api("anna").put(path, {"content": "<p>b</p>"})).status == 200
    assert (await api("anna").delete(path)).status in (200, 204)
    await host.delete(f"/dialogs/{dialog_id}")
    assert [row["event"] for row in await deliveries(host)] == ["message.new"]


@pytest.mark.gen_test
async def test_the_optional_events(api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver) -> None:
    """F53: off by default."""
    await listen_to(host, *EVENTS)
    dialog_id = await make_dialog(host, object_id="SHP-1", object_type="shipment", title="Shipment 1")
    message = await send(api("anna"), dialog_id, "<p>a</p>")
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    await api("anna").put(path, {"content": "<p>b</p>"})
    await api("anna").delete(path)
    await host.delete(f"/dialogs/{dialog_id}")
    created, _, edited, deleted, gone = await receiver.wait_for(5)
    of_dialog = {"dialog_id": dialog_id, "object_id": "SHP-1", "object_type": "shipment"}
    of_whole = {**of_dialog, "title": "Shipment 1", "created_by": "anna", "created_at": "TIME"}
    assert (created.json["type"], _masked(created.payload)) == ("dialog_created", of_whole)
    assert edited.event == "message.edited"
    assert _masked(edited.payload["message"]) == {
        "id": message["id"],
        "sender_id": "anna",
        "content": "<p>b</p>",
        "created_at": "TIME",
        "message_type": "user",
        "edited_at": "TIME",
    }
    assert deleted.event == "message.deleted"
    assert _masked(deleted.payload) == {**of_dialog, "message": {"id": message["id"]}, "deleted_at": "TIME"}
    assert (gone.event, _masked(gone.payload)) == ("dialog.deleted", {**of_whole, "deleted_at": "TIME"})


async def _look_at_files(services: Services) -> None:
    draughtsman = Draughtsman()
    try:
        while await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)):
            pass
    finally:
        await draughtsman.close()


@pytest.mark.gen_test(timeout=20)
async def test_a_file_that_is_ready(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """F53, F57: its size in pixels is known and its thumbnail is drawn."""
    await listen_to(host, "attachment.ready")
    dialog_id = await make_dialog(host, object_id="SHP-1", object_type="shipment")
    picture = await upload(api("anna"), dialog_id, png(40, 30), "image/png", "gate.png")
    message = await send(api("anna"), dialog_id, "", attachments=[picture])
    await _look_at_files(services)
    (hook,) = await receiver.wait_for(1)
    assert (hook.event, hook.json["type"]) == ("attachment.ready", "attachment_ready")
    assert hook.payload == {
        "dialog_id": dialog_id,
        "object_id": "SHP-1",
        "object_type": "shipment",
        "message_id": message["id"],
        "attachment": {
            "id": message["attachments"][0]["id"],
            "filename": "gate.png",
            "content_type": "image/png",
            "size": picture["size"],
            "width": 40,
            "height": 30,
            "thumbnail_type": hook.payload["attachment"]["thumbnail_type"],
            "state": "ready",
        },
    }


@pytest.mark.gen_test
async def test_an_infected_file_is_not_called_ready(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    await listen_to(host, "attachment.ready", "message.edited")
    dialog_id = await make_dialog(host)
    picture = await upload(api("anna"), dialog_id, png(), "image/png", "gate.png")
    message = await send(api("anna"), dialog_id, "<p>a</p>", attachments=[picture])
    (file,) = await claim_due_files(services.database, 1, 60.0)
    await finish_file(services.database, services.links.attachments, file, Findings("infected"))
    await api("anna").put(f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": "<p>b</p>"})
    await receiver.wait_for(1)
    assert [row["event"] for row in await deliveries(host)] == ["message.edited"]


@pytest.mark.gen_test
async def test_an_endpoint_of_a_tenant_hears_only_of_dialogs_that_name_it(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver, other_receiver: Receiver
) -> None:
    """P1: a dialog open to everybody belongs to no tenant."""

    def scopes(*level0: str) -> list[dict[str, list[str]]]:
        return [{"scope_level0": list(level0), "scope_level1": [], "scope_level2": []}]

    made = await make_webhook(
        host, other_receiver.url, "message.new", "dialog.created", "dialog.deleted", tenants=["north"]
    )
    of_north = await make_dialog(host, scopes=scopes("south", "north"))
    strangers = [await make_dialog(host, scopes=scopes("south")), await make_dialog(host, scopes=OPEN_TO_ALL)]
    for dialog_id in (*strangers, await make_dialog(host), of_north):
        await send(api("anna"), dialog_id)
    for dialog_id in (*strangers, of_north):
        await host.delete(f"/dialogs/{dialog_id}")
    await other_receiver.wait_for(3)
    found = await deliveries(host, f"/webhooks/{made['id']}")
    assert [(row["event"], row["dialog_id"]) for row in found] == [
        ("dialog.deleted", of_north),
        ("message.new", of_north),
        ("dialog.created", of_north),
    ]


@pytest.mark.gen_test
async def test_a_repeated_send_makes_no_second_webhook(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """P2."""
    dialog_id = await make_dialog(host)
    for _ in range(3):
        await send(api("anna"), dialog_id, client_message_id="once")
    await receiver.wait_for(1)
    assert len(await deliveries(host)) == 1


@pytest.mark.gen_test
async def test_the_text_of_a_deleted_message_goes_from_what_was_delivered(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id, "<p>a secret</p>")
    await jobs.settled(1)
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{message['id']}")
    (delivery,) = await deliveries(host)
    path = f"{BUILTIN}/deliveries/{delivery['id']}"
    assert (await host.get(path)).data["body"] is None
    assert (await host.post(f"{path}/replay")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_what_waits_goes_out_as_it_was_although_the_dialog_is_gone(
    api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    """P5: an acknowledged message is told of."""
    receiver.answer = in_turn(with_status(500), with_status(200))
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id, "<p>kept</p>")
    await jobs.tried(1)
    await host.delete(f"/dialogs/{dialog_id}")
    await jobs.pass_time(2)
    _, again = await receiver.wait_for(2)
    assert again.text == "<p>kept</p>"


@pytest.mark.parametrize("enabled", [False, True])
@pytest.mark.gen_test
async def test_without_an_endpoint_nothing_is_written(
    enabled: bool, api: Api, host: ApiClient, jobs: Jobs, receiver: Receiver
) -> None:
    await host.put(BUILTIN, {"enabled": enabled})
    await send(api("anna"), await make_dialog(host))
    assert len(await jobs.rows("SELECT FROM notifications")) == int(enabled)
    assert len(await deliveries(host)) == int(enabled)
