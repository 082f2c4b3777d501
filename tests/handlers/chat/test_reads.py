"""Read positions and unread counts: contract 3.7, 3.8, 5.11 and F31 to F34."""

import asyncio
import uuid
from collections.abc import Callable

import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send, unread

Api = Callable[[str], ApiClient]


async def read(client: ApiClient, dialog_id: str, message_id: str) -> None:
    answer = await client.post(f"/dialogs/{dialog_id}/read", {"last_read_message_id": message_id})
    assert (answer.status, answer.json) == (200, {"success": True})


async def position(client: ApiClient, dialog_id: str, user_id: str) -> str | None:
    people = (await client.get(f"/dialogs/{dialog_id}/participants")).data
    found: str | None = next(person["last_read_message_id"] for person in people if person["user_id"] == user_id)
    return found


@pytest.mark.gen_test
async def test_reading_up_to_a_message_leaves_what_came_after_unread(api: Api, host: ApiClient) -> None:
    """F31: the count is what is after the position, not zero."""
    dialog_id = await make_dialog(host)
    sent = [await send(api("anna"), dialog_id) for _ in range(3)]
    await read(api("boris"), dialog_id, sent[0]["id"])
    assert await unread(api("boris"), dialog_id) == 2


@pytest.mark.gen_test
async def test_the_position_never_moves_back(api: Api, host: ApiClient) -> None:
    """F31: overlapping reads arrive in any order."""
    dialog_id = await make_dialog(host)
    sent = [await send(api("anna"), dialog_id) for _ in range(3)]
    await asyncio.gather(*(read(api("boris"), dialog_id, message["id"]) for message in reversed(sent)))
    await read(api("boris"), dialog_id, sent[0]["id"])
    assert await unread(api("boris"), dialog_id) == 0
    assert await position(api("boris"), dialog_id, "boris") == sent[2]["id"]


@pytest.mark.gen_test
async def test_only_a_message_of_the_dialog_can_be_read(api: Api, host: ApiClient) -> None:
    """F31."""
    here, there = await make_dialog(host), await make_dialog(host)
    foreign = await send(api("anna"), there)
    await send(api("anna"), here)
    for message_id in (foreign["id"], str(uuid.uuid4())):
        answer = await api("boris").post(f"/dialogs/{here}/read", {"last_read_message_id": message_id})
        assert answer.error == (404, "MESSAGE_NOT_FOUND")
    assert await unread(api("boris"), here) == 1


@pytest.mark.gen_test
async def test_reading_needs_a_dialog_and_membership(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id)
    body = {"last_read_message_id": message["id"]}
    assert (await api("mallory").post(f"/dialogs/{dialog_id}/read", body)).error == (403, "FORBIDDEN")
    assert (await api("anna").post(f"/dialogs/{uuid.uuid4()}/read", body)).error == (404, "NOT_FOUND")


@pytest.mark.gen_test
async def test_a_hundred_reads_at_once_are_few_statements(api: Api, host: ApiClient, services: Services) -> None:
    """Design 3: reads are batched like sends and write no log row."""
    people = [f"person-{number}" for number in range(100)]
    dialog_id = await make_dialog(host, people)
    message = await send(api("person-0"), dialog_id)
    before = services.database.statements
    await asyncio.gather(*(read(api(person), dialog_id, message["id"]) for person in people))
    assert services.database.statements - before < 100
    async with services.database.connection() as connection:
        row = await (await connection.execute("SELECT last_seq FROM dialogs WHERE id = %s", [dialog_id])).fetchone()
    assert row == {"last_seq": 2}


@pytest.mark.gen_test
async def test_sending_moves_the_senders_own_position_to_the_end(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    for _ in range(2):
        await send(api("anna"), dialog_id)
    own = await send(api("boris"), dialog_id)
    assert await unread(api("boris"), dialog_id) == 0
    assert await position(api("anna"), dialog_id, "boris") == own["id"]


@pytest.mark.gen_test
async def test_deleting_an_unread_message_lowers_the_count_of_others(api: Api, host: ApiClient) -> None:
    """F32."""
    dialog_id = await make_dialog(host, ["anna", "boris", "vera"])
    sent = [await send(api("anna"), dialog_id) for _ in range(3)]
    await read(api("vera"), dialog_id, sent[1]["id"])
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{sent[1]['id']}")
    assert await unread(api("boris"), dialog_id) == 2
    assert await unread(api("vera"), dialog_id) == 1
    assert await unread(api("anna"), dialog_id) == 0


@pytest.mark.gen_test
async def test_a_position_on_a_deleted_message_shows_the_one_before(api: Api, host: ApiClient) -> None:
    """F32: the divider stays, the position does not go back."""
    dialog_id = await make_dialog(host)
    sent = [await send(api("anna"), dialog_id) for _ in range(3)]
    await read(api("boris"), dialog_id, sent[1]["id"])
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{sent[1]['id']}")
    assert await position(api("anna"), dialog_id, "boris") == sent[0]["id"]
    await read(api("boris"), dialog_id, sent[0]["id"])
    assert await unread(api("boris"), dialog_id) == 1


@pytest.mark.gen_test
async def test_people_added_by_the_host_start_at_the_newest_message(api: Api, host: ApiClient) -> None:
    """F34."""
    dialog_id = await make_dialog(host)
    newest = await send(api("anna"), dialog_id)
    await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "vera", "display_name": "Vera"})
    assert await unread(api("vera"), dialog_id) == 0
    assert await position(api("vera"), dialog_id, "vera") == newest["id"]


@pytest.mark.gen_test
async def test_joiners_have_the_history_before_them_but_not_their_own_messages(api: Api, host: ApiClient) -> None:
    """F34: system messages do not count; somebody who comes back has no unread messages of his own."""
    dialog_id = await make_dialog(host, scopes=[{}])
    for _ in range(2):
        await send(api("anna"), dialog_id)
    own = await send(api("boris"), dialog_id)
    await api("boris").post(f"/dialogs/{dialog_id}/leave")
    profile = {"display_name": "Boris", "company": ""}
    assert (await api("boris").with_scopes().post(f"/dialogs/{dialog_id}/join", profile)).status == 200
    assert await unread(api("boris"), dialog_id) == 2
    await api("boris").delete(f"/dialogs/{dialog_id}/messages/{own['id']}")
    assert await unread(api("boris"), dialog_id) == 2
