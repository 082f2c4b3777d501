"""The participant list over REST: contract 5.12, F10, 3.2."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send

Api = Callable[[str], ApiClient]

FIELDS = {
    "dialog_id", "user_id", "joined_at", "joined_as", "notifications_enabled", "last_read_message_id", "unread_count",
    "display_name", "company", "email", "phone", "is_archived", "is_pinned", "is_online",
}  # fmt: skip
NORTH = {"scope_level0": ["north"]}
ANNA = {"user_id": "anna", "display_name": "Anna", "company": "North", "email": "anna@north.example", "phone": "+47 1"}
BORIS = {"user_id": "boris", "display_name": "Boris", "email": "boris@north.example"}


async def roster(client: ApiClient, dialog_id: str) -> dict[str, dict[str, Any]]:
    """The participants by user id, in order."""
    return {entry["user_id"]: entry for entry in (await client.get(f"/dialogs/{dialog_id}/participants")).data}


async def anna_and_boris(host: ApiClient) -> str:
    """A dialog of two people with contacts."""
    return await make_dialog(host, scopes=[NORTH], participants=[ANNA, BORIS])


@pytest.mark.gen_test
async def test_every_field_is_there_and_nullable_ones_are_null(api: Api, host: ApiClient) -> None:
    """5.12, 4.1."""
    dialog_id = await anna_and_boris(host)
    entries = await roster(api("anna"), dialog_id)
    assert list(entries) == ["anna", "boris"]
    assert all(set(entry) == FIELDS for entry in entries.values())
    assert {name: entries["anna"][name] for name in ANNA} == ANNA
    boris = entries["boris"]
    assert (boris["company"], boris["phone"], boris["email"]) == (None, None, "boris@north.example")
    assert (boris["dialog_id"], boris["joined_as"], boris["is_online"]) == (dialog_id, "participant", False)


@pytest.mark.gen_test
async def test_what_each_keeps_for_himself_is_true_in_his_own_entry_alone(api: Api, host: ApiClient) -> None:
    """F10."""
    dialog_id = await anna_and_boris(host)
    await send(api("boris"), dialog_id)
    for action in ("archive", "pin"):
        await api("anna").post(f"/dialogs/{dialog_id}/{action}")
    await api("anna").post(f"/dialogs/{dialog_id}/notifications", {"enabled": False})

    def state(entry: dict[str, Any]) -> tuple[object, ...]:
        return entry["unread_count"], entry["is_archived"], entry["is_pinned"], entry["notifications_enabled"]

    assert state((await roster(api("anna"), dialog_id))["anna"]) == (1, True, True, False)
    assert state((await roster(api("boris"), dialog_id))["anna"]) == (0, False, False, True)
    told = (await host.get(f"/dialogs/{dialog_id}")).data["participants"][0]
    assert state(told) == (1, True, True, False)


@pytest.mark.gen_test
async def test_participants_see_read_positions_which_fall_back_when_a_message_goes(api: Api, host: ApiClient) -> None:
    """F10, F32."""
    dialog_id = await anna_and_boris(host)
    first = await send(api("boris"), dialog_id)
    second = await send(api("boris"), dialog_id)
    await api("anna").post(f"/dialogs/{dialog_id}/read", {"last_read_message_id": second["id"]})
    assert (await roster(api("boris"), dialog_id))["anna"]["last_read_message_id"] == second["id"]
    await api("boris").delete(f"/dialogs/{dialog_id}/messages/{second['id']}")
    assert (await roster(api("boris"), dialog_id))["anna"]["last_read_message_id"] == first["id"]


@pytest.mark.gen_test
async def test_a_potential_participant_sees_no_contacts_and_no_read_positions(api: Api, host: ApiClient) -> None:
    """3.2, F10: the fields stay."""
    dialog_id = await anna_and_boris(host)
    await send(api("anna"), dialog_id)
    entries = await roster(api("vera").with_scopes(**NORTH), dialog_id)
    assert list(entries) == ["anna", "boris"]
    anna = entries["anna"]
    assert set(anna) == FIELDS
    assert (anna["email"], anna["phone"], anna["last_read_message_id"]) == (None, None, None)
    assert (anna["display_name"], anna["company"]) == ("Anna", "North")


@pytest.mark.gen_test
async def test_a_dialog_without_people_has_an_empty_list(api: Api, host: ApiClient) -> None:
    """5.12."""
    dialog_id = await make_dialog(host, [], scopes=[NORTH])
    assert (await api("vera").with_scopes(**NORTH).get(f"/dialogs/{dialog_id}/participants")).data == []


@pytest.mark.gen_test
async def test_others_are_refused_with_a_text_that_starts_with_forbidden(api: Api, host: ApiClient) -> None:
    """5.12, A.6: also for a dialog that does not exist."""
    dialog_id = await anna_and_boris(host)
    south = api("vera").with_scopes(scope_level0=["south"])
    for client, target in ((api("vera"), dialog_id), (south, dialog_id), (api("anna"), str(uuid.uuid4()))):
        answer = await client.get(f"/dialogs/{target}/participants")
        assert answer.error == (403, "FORBIDDEN")
        assert answer.json["error"]["message"].startswith("Forbidden")


@pytest.mark.gen_test
async def test_scopes_sent_along_hide_nothing_from_a_participant(api: Api, host: ApiClient) -> None:
    """3.5: only lists are filtered."""
    dialog_id = await anna_and_boris(host)
    entries = await roster(api("anna").with_scopes(scope_level0=["south"]), dialog_id)
    assert entries["boris"]["email"] == "boris@north.example"


@pytest.mark.gen_test
async def test_the_list_is_one_statement_whatever_its_length(api: Api, host: ApiClient, services: Services) -> None:
    """P6."""
    dialog_id = await make_dialog(host, [f"person-{number}" for number in range(200)])
    before = services.database.statements
    assert len(await roster(api("person-7"), dialog_id)) == 200
    assert services.database.statements - before == 1
