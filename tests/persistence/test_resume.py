"""What somebody who comes back has missed, asked of PostgreSQL (P1, P3, F24)."""

from collections.abc import Callable

import orjson
import pytest

from mtchat.core.events import LoggedEvent
from mtchat.core.services import Services
from mtchat.persistence.pool import Database
from mtchat.persistence.resume import (
    MAX_MISSED,
    ResumeAsk,
    ResumeState,
    list_memberships_of,
    list_missed_events,
    list_resume_states,
    list_room_states,
)
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fake_realtime import no_files

Api = Callable[[str], ApiClient]


async def state_of(database: Database, user_id: str, **dialogs: int) -> ResumeState:
    """Ask for one person; keyword names are dialog ids with underscores."""
    named = {dialog_id.replace("_", "-"): seq for dialog_id, seq in dialogs.items()}
    (answer,) = await list_resume_states(database, [ResumeAsk(user_id, named)])
    assert isinstance(answer, ResumeState)
    return answer


def events_in(answer: list[LoggedEvent] | Exception) -> list[LoggedEvent]:
    """What one asker got."""
    assert not isinstance(answer, Exception)
    return answer


@pytest.mark.gen_test
async def test_memberships_of_many_people_come_with_one_statement(services: Services, host: ApiClient) -> None:
    first = await make_dialog(host, ["anna", "boris"])
    second = await make_dialog(host, ["anna"])
    before = services.database.statements
    anna, nobody, boris = await list_memberships_of(services.database, ["anna", "nobody", "boris"])
    assert services.database.statements == before + 1
    assert not isinstance(anna, Exception)
    assert {(room.dialog_id, room.last_seq, room.size) for room in anna} == {(first, 1, 2), (second, 1, 1)}
    assert nobody == []
    assert boris == [room for room in anna if room.dialog_id == first]


@pytest.mark.gen_test
async def test_rooms_that_are_gone_are_left_out(services: Services, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    found = await list_room_states(services.database, [dialog_id, "01900000-0000-7000-8000-000000000001"])
    assert [(room.dialog_id, room.last_seq, room.size) for room in found] == [(dialog_id, 1, 2)]


@pytest.mark.gen_test
async def test_an_unchanged_dialog_is_neither_behind_nor_to_load(services: Services, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    answer = await state_of(services.database, "anna", **{dialog_id: 1})
    assert (answer.behind, answer.reload, answer.gone) == ({}, [], [])
    assert dialog_id.encode() in answer.state


@pytest.mark.gen_test
async def test_a_changed_dialog_is_behind_by_the_number_of_its_events(
    services: Services, host: ApiClient, api: Api
) -> None:
    dialog_id = await make_dialog(host)
    for _ in range(3):
        await send(api("anna"), dialog_id)
    answer = await state_of(services.database, "boris", **{dialog_id: 2})
    assert answer.behind == {dialog_id: 2}


@pytest.mark.gen_test
async def test_other_peoples_dialogs_and_unknown_ones_are_gone_and_say_nothing(
    services: Services, host: ApiClient
) -> None:
    """P1"""
    foreign = await make_dialog(host, ["boris"])
    unknown = "01900000-0000-7000-8000-000000000001"
    answer = await state_of(services.database, "anna", **{foreign: 0, unknown: 0})
    assert set(answer.gone) == {foreign, unknown}
    assert (answer.state.replace(b" ", b""), answer.behind, answer.reload) == (b"{}", {}, [])


@pytest.mark.gen_test
async def test_who_is_ahead_of_us_loads_again(services: Services, host: ApiClient) -> None:
    """A database restored from a backup knows less than its clients."""
    dialog_id = await make_dialog(host)
    assert (await state_of(services.database, "anna", **{dialog_id: 7})).reload == [dialog_id]


@pytest.mark.gen_test
async def test_who_is_too_far_behind_loads_again(services: Services, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    async with services.database.connection() as connection:
        await connection.execute("UPDATE dialogs SET last_seq = %s WHERE id = %s", [MAX_MISSED + 2, dialog_id])
        await connection.execute(
            "INSERT INTO dialog_events (dialog_id, seq, type, created_at)"
            " SELECT %s, seq, 'dialog.changed', now() FROM generate_series(2, %s) AS seq",
            [dialog_id, MAX_MISSED + 2],
        )
    assert (await state_of(services.database, "anna", **{dialog_id: 1})).reload == [dialog_id]
    assert (await state_of(services.database, "anna", **{dialog_id: 2})).behind == {dialog_id: MAX_MISSED}


@pytest.mark.gen_test
async def test_a_pruned_log_means_loading_again(services: Services, host: ApiClient, api: Api) -> None:
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    await send(api("anna"), dialog_id)
    async with services.database.connection() as connection:
        await connection.execute("DELETE FROM dialog_events WHERE dialog_id = %s AND seq <= 2", [dialog_id])
    assert (await state_of(services.database, "boris", **{dialog_id: 1})).reload == [dialog_id]
    assert (await state_of(services.database, "boris", **{dialog_id: 2})).behind == {dialog_id: 1}


@pytest.mark.gen_test
async def test_many_people_are_answered_by_one_statement(services: Services, host: ApiClient, api: Api) -> None:
    dialog_id = await make_dialog(host, ["anna", "boris"])
    await send(api("anna"), dialog_id)
    before = services.database.statements
    asks = [ResumeAsk(user_id, {dialog_id: 1}) for user_id in ("anna", "vera", "boris")]
    anna, vera, boris = await list_resume_states(services.database, asks)
    assert services.database.statements == before + 1
    assert isinstance(anna, ResumeState)
    assert isinstance(vera, ResumeState)
    assert isinstance(boris, ResumeState)
    assert (anna.behind, vera.gone, boris.behind) == ({dialog_id: 1}, [dialog_id], {dialog_id: 1})


@pytest.mark.gen_test
async def test_a_position_on_a_deleted_message_is_told_as_the_one_before(
    services: Services, host: ApiClient, api: Api
) -> None:
    """F32: one's own and everybody else's."""
    dialog_id = await make_dialog(host, ["anna", "boris", "vera"])
    first, second = [(await send(api("anna"), dialog_id))["id"] for _ in range(2)]
    await api("boris").post(f"/dialogs/{dialog_id}/read", {"last_read_message_id": second})

    async def told(user_id: str) -> tuple[str, dict[str, str]]:
        answer = await state_of(services.database, user_id, **{dialog_id: 0})
        state = orjson.loads(answer.state)[dialog_id]
        return state["last_read_message_id"], state["reads"]

    page = (await api("anna").get(f"/dialogs/{dialog_id}/messages")).data["messages"]
    oldest = page[0]["id"]
    assert await told("boris") == (second, {"anna": second, "vera": oldest})
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{second}")
    assert await told("boris") == (first, {"anna": first, "vera": oldest})
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{first}")
    assert await told("vera") == (oldest, {"anna": oldest, "boris": oldest})


@pytest.mark.gen_test
async def test_missed_events_come_in_order_and_only_of_own_dialogs(
    services: Services, host: ApiClient, api: Api
) -> None:
    """P1"""
    mine, foreign = await make_dialog(host, ["anna", "boris"]), await make_dialog(host, ["boris"])
    for dialog_id in (mine, foreign, mine):
        await send(api("boris"), dialog_id)
    asks = [ResumeAsk("anna", {mine: 1, foreign: 0}), ResumeAsk("boris", {foreign: 1})]
    anna, boris = await list_missed_events(services.database, no_files, asks)
    assert [(event.dialog_id, event.seq) for event in events_in(anna)] == [(mine, 2), (mine, 3)]
    assert [(event.dialog_id, event.seq) for event in events_in(boris)] == [(foreign, 2)]


@pytest.mark.gen_test
async def test_what_several_have_missed_is_read_once_and_each_gets_his_part(
    services: Services, host: ApiClient, api: Api
) -> None:
    """P1, P6: everybody comes back after a restart; vera is no longer in, gleb has seen some of it."""
    dialog_id = await make_dialog(host, ["anna", "boris", "gleb", "vera"])
    for _ in range(3):
        await send(api("anna"), dialog_id)
    assert (await host.delete(f"/dialogs/{dialog_id}/participants/vera")).status == 204
    asks = [
        ResumeAsk(user_id, {dialog_id: seq}) for user_id, seq in (("boris", 1), ("vera", 1), ("anna", 1), ("gleb", 3))
    ]
    boris, vera, anna, gleb = [
        events_in(found) for found in await list_missed_events(services.database, no_files, asks)
    ]
    assert [event.type for event in boris] == ["message.new"] * 3 + ["participant.left"]
    assert all(mine is his for mine, his in zip(anna, boris, strict=True))
    assert [event.seq for event in gleb] == [event.seq for event in boris if event.seq > 3]
    assert vera == []


@pytest.mark.gen_test
async def test_an_edit_and_a_deletion_while_away_are_missed_events_too(
    services: Services, host: ApiClient, api: Api
) -> None:
    dialog_id = await make_dialog(host)
    edited = await send(api("anna"), dialog_id, "first")
    deleted = await send(api("anna"), dialog_id, "second")
    await api("anna").put(f"/dialogs/{dialog_id}/messages/{edited['id']}", {"content": "changed"})
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{deleted['id']}")
    (found,) = await list_missed_events(services.database, no_files, [ResumeAsk("boris", {dialog_id: 1})])
    assert [(event.seq, event.type, event.fields.get("content")) for event in events_in(found)] == [
        (2, "message.new", "changed"),
        (3, "message.deleted", None),
        (4, "message.edited", "changed"),
        (5, "message.deleted", None),
    ]
