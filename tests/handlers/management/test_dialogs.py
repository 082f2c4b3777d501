"""Dialogs read whole and deleted by the host: contract 4.4 and 4.5."""

import asyncio
import uuid
from collections.abc import Callable

import pytest

from mtchat.core.services import Services
from tests.handlers.management.calls import (
    ANNA,
    BORIS,
    NOWHERE,
    PARTICIPANT_FIELDS,
    SCOPE_FIELDS,
    WIRE_TIME,
    create,
    details,
    scope,
)
from tests.handlers.management.conftest import RecordingPublisher
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send

Api = Callable[[str], ApiClient]


@pytest.mark.gen_test
async def test_details_have_every_field_of_people_and_scopes(host: ApiClient) -> None:
    scopes = [scope(["south"]), scope(["north"], scope_level2=["orders:write", "b", "a"])]
    dialog = (await create(host, participants=[ANNA, BORIS], access_scopes=scopes, meta={"n": 1})).data
    found = await details(host, dialog["id"])
    assert {name: found[name] for name in dialog} == dialog
    assert set(found) == set(dialog) | {"participants", "access_scopes"}
    people = found["participants"]
    assert [person["user_id"] for person in people] == ["anna", "boris"]
    for person in people:
        assert set(person) == PARTICIPANT_FIELDS
        assert person["dialog_id"] == dialog["id"]
        assert person["joined_as"] == "participant"
        assert person["notifications_enabled"] is True
        assert person["is_archived"] is person["is_pinned"] is False
        assert person["email"] is person["phone"] is None
        assert WIRE_TIME.fullmatch(person["joined_at"])
    assert people[0]["joined_at"] == people[1]["joined_at"]
    assert [person["company"] for person in people] == ["North", None]
    for stored, given in zip(found["access_scopes"], scopes, strict=True):
        assert set(stored) == SCOPE_FIELDS
        assert {level: stored[level] for level in given} == given
        assert stored["dialog_id"] == dialog["id"]
        assert uuid.UUID(stored["id"]).version == 7
        assert WIRE_TIME.fullmatch(stored["created_at"])


@pytest.mark.gen_test
async def test_details_show_the_true_state_of_everybody(api: Api, host: ApiClient) -> None:
    """F10: what is hidden from other people is shown to the host."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    message = await send(api("anna"), dialog_id)
    await api("boris").post(f"/dialogs/{dialog_id}/pin")
    await api("boris").post(f"/dialogs/{dialog_id}/archive")
    await api("boris").post(f"/dialogs/{dialog_id}/notifications", {"enabled": False})
    anna, boris = (await details(host, dialog_id))["participants"]
    assert (anna["unread_count"], anna["last_read_message_id"]) == (0, message["id"])
    assert (boris["unread_count"], boris["is_pinned"], boris["is_archived"], boris["notifications_enabled"]) == (
        1, True, True, False,
    )  # fmt: skip


@pytest.mark.gen_test
async def test_people_are_listed_by_the_time_they_came(host: ApiClient) -> None:
    dialog_id = await make_dialog(host, ["vera", "anna"])
    await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "aaron", "display_name": "Aaron"})
    assert [person["user_id"] for person in (await details(host, dialog_id))["participants"]] == [
        "anna",
        "vera",
        "aaron",
    ]


@pytest.mark.gen_test
async def test_details_are_one_statement(host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host, [f"user-{number}" for number in range(50)], scopes=[scope(["north"])])
    before = services.database.statements
    await details(host, dialog_id)
    assert services.database.statements - before == 1


@pytest.mark.gen_test
async def test_an_unknown_dialog_is_a_404_and_no_uuid_a_400(host: ApiClient) -> None:
    assert (await host.get(f"/dialogs/{NOWHERE}")).error == (404, "NOT_FOUND")
    assert (await host.get("/dialogs/order-1")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_an_id_may_be_written_without_hyphens(host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    assert (await details(host, dialog_id.replace("-", "").upper()))["id"] == dialog_id


@pytest.mark.gen_test
async def test_deleting_answers_204_whether_the_dialog_exists_or_not(
    api: Api, host: ApiClient, publisher: RecordingPublisher
) -> None:
    """Contract 4.5 (keep), F28: the people are told, once."""
    dialog_id = await make_dialog(host, ["boris", "anna"])
    await send(api("anna"), dialog_id)
    publisher.told.clear()
    for _ in range(2):
        answer = await host.delete(f"/dialogs/{dialog_id}")
        assert (answer.status, answer.body) == (204, b"")
    assert publisher.told == [("deleted", dialog_id, ["anna", "boris"])]
    assert (await host.get(f"/dialogs/{dialog_id}")).error == (404, "NOT_FOUND")
    assert (await api("anna").get(f"/dialogs/{dialog_id}")).error == (404, "DIALOG_NOT_FOUND")


@pytest.mark.gen_test
async def test_deleting_takes_all_rows_but_the_log(api: Api, host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host, scopes=[scope(["north"])])
    message = await send(api("anna"), dialog_id)
    await api("anna").put(f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": "<p>other</p>"})
    gone = await send(api("anna"), dialog_id)
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{gone['id']}")
    kept = await make_dialog(host, scopes=[scope(["north"])])
    await host.delete(f"/dialogs/{dialog_id}")
    async with services.database.connection() as connection:
        for table in ("participants", "access_scopes", "messages", "message_edits", "deleted_messages"):
            rows = await (await connection.execute(f"SELECT DISTINCT dialog_id FROM {table}".encode())).fetchall()  # noqa: S608
            assert {row["dialog_id"] for row in rows} <= {kept}, table


@pytest.mark.gen_test
async def test_a_long_dialog_is_deleted_piece_by_piece(
    api: Api, host: ApiClient, publisher: RecordingPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement grows with the number of messages; the people are told once, before the first piece goes."""
    monkeypatch.setattr("mtchat.core.dialogs._MESSAGES_PER_STATEMENT", 3)
    dialog_id = await make_dialog(host)
    for _ in range(10):
        await send(api("anna"), dialog_id)
    publisher.told.clear()
    assert (await host.delete(f"/dialogs/{dialog_id}")).status == 204
    assert publisher.told == [("deleted", dialog_id, ["anna", "boris"])]
    assert (await host.get(f"/dialogs/{dialog_id}")).error == (404, "NOT_FOUND")


@pytest.mark.gen_test(timeout=20)
async def test_deleting_while_people_write_and_come_ends_clean(
    api: Api, host: ApiClient, publisher: RecordingPublisher, services: Services
) -> None:
    """Nobody gets a 500, and everybody who was let in is told that he is out."""
    dialog_id = await make_dialog(host, ["anna"])
    answers = await asyncio.gather(
        *(api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>x</p>"}) for _ in range(8)),
        *(
            host.post(f"/dialogs/{dialog_id}/participants", {"user_id": f"user-{number}", "display_name": "User"})
            for number in range(8)
        ),
        host.delete(f"/dialogs/{dialog_id}"),
    )
    assert {answer.status for answer in answers} <= {200, 201, 204, 403, 404}
    joined = {user_id for kind, _, user_id in publisher.told if kind == "participant.joined"}
    (told,) = [people for kind, _, people in publisher.told if kind == "deleted"]
    assert set(told) == joined | {"anna"}
    assert (await host.get(f"/dialogs/{dialog_id}")).status == 404
