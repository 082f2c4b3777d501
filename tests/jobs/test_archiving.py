"""F45 and contract 10.6: silent dialogs are archived for those for whom nothing has happened."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mtchat.config.cron import parse_cron
from mtchat.core.archiving import archive_idle_dialogs, next_run
from mtchat.core.services import Services
from mtchat.persistence.archiving import sole_archiver
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send

Api = Callable[[str], ApiClient]
FOUR_DAYS = 4 * 86_400


async def _age(services: Services, dialog_id: str, secs: int = FOUR_DAYS) -> None:
    """Make everything that has happened in a dialog older."""
    async with services.database.connection() as connection:
        span = {"id": dialog_id, "secs": secs}
        await connection.execute(
            "UPDATE dialogs SET created_at = created_at - %(secs)s * interval '1 second',"
            " last_message_at = last_message_at - %(secs)s * interval '1 second' WHERE id = %(id)s",
            span,
        )
        await connection.execute(
            "UPDATE participants SET joined_at = joined_at - %(secs)s * interval '1 second',"
            " unarchived_at = unarchived_at - %(secs)s * interval '1 second' WHERE dialog_id = %(id)s",
            span,
        )


async def _archived(api: Api, dialog_id: str, *people: str) -> dict[str, bool]:
    return {user_id: (await api(user_id).get(f"/dialogs/{dialog_id}")).data["is_archived"] for user_id in people}


@pytest.mark.gen_test
async def test_a_silent_dialog_is_archived_for_everybody_and_each_is_told(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        type(services.publisher), "publish_to_user", lambda _, user_id, frame: told.append((user_id, frame))
    )
    silent, lively = await make_dialog(host), await make_dialog(host)
    for dialog_id in (silent, lively):
        await send(api("anna"), dialog_id)
        await _age(services, dialog_id)
    await send(api("anna"), lively)
    assert await archive_idle_dialogs(services) == 2
    assert await _archived(api, silent, "anna", "boris") == {"anna": True, "boris": True}
    assert await _archived(api, lively, "anna", "boris") == {"anna": False, "boris": False}
    frame = {"type": "dialog.archived", "dialog_id": silent}
    assert sorted(told, key=lambda entry: entry[0]) == [("anna", frame), ("boris", frame)]
    assert await archive_idle_dialogs(services) == 0


@pytest.mark.gen_test
async def test_a_new_dialog_without_messages_is_left_alone(host: ApiClient, services: Services) -> None:
    """F45: the original archived it within five minutes."""
    empty = await make_dialog(host, [])
    await host.post(f"/dialogs/{empty}/participants", {"user_id": "vera", "display_name": "Vera"})
    assert await archive_idle_dialogs(services) == 0
    await _age(services, empty)
    assert await archive_idle_dialogs(services) == 1


@pytest.mark.parametrize("what", ["pinned", "unarchived", "joined"])
@pytest.mark.gen_test
async def test_it_stays_for_whoever_has(what: str, api: Api, host: ApiClient, services: Services) -> None:
    """F45: pinned it, taken it out of the archive, or come in lately. The others' go."""
    dialog_id = await make_dialog(host, ["anna", "boris", "vera"])
    vera = api("vera")
    if what == "pinned":
        await vera.post(f"/dialogs/{dialog_id}/pin")
        await _age(services, dialog_id)
    elif what == "unarchived":
        await vera.post(f"/dialogs/{dialog_id}/archive")
        await _age(services, dialog_id)
        await vera.post(f"/dialogs/{dialog_id}/unarchive")
    else:
        await host.delete(f"/dialogs/{dialog_id}/participants/vera")
        await _age(services, dialog_id)
        await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "vera", "display_name": "Vera"})
    assert await archive_idle_dialogs(services) == 2
    archived = await _archived(api, dialog_id, "anna", "boris", "vera")
    assert archived == {"anna": True, "boris": True, "vera": False}
    await _age(services, dialog_id)
    assert await archive_idle_dialogs(services) == (0 if what == "pinned" else 1)


@pytest.mark.gen_test
async def test_one_process_at_a_time_archives(host: ApiClient, services: Services) -> None:
    await _age(services, await make_dialog(host))
    async with sole_archiver(services.database) as is_mine:
        assert is_mine
        assert await archive_idle_dialogs(services) == 0
    assert await archive_idle_dialogs(services) == 2


@pytest.mark.gen_test
async def test_many_dialogs_go_slice_by_slice(
    host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtchat.core.archiving._PEOPLE_PER_SLICE", 3)
    for _ in range(7):
        await _age(services, await make_dialog(host))
    assert await archive_idle_dialogs(services) == 14


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("0 */5 * * * *", "2031-04-05T09:03:10", "2031-04-05T09:05:00"),
        ("0 */5 * * * *", "2031-04-05T09:05:00", "2031-04-05T09:10:00"),
        ("30 59 23 * * *", "2031-04-05T23:59:30", "2031-04-06T23:59:30"),
        ("* * * * * *", "2031-12-31T23:59:59.5", "2032-01-01T00:00:00"),
        ("0 0 3 * * sun", "2031-04-05T09:00:00", "2031-04-06T03:00:00"),
        ("0 0 0 1 * mon", "2031-04-05T09:00:00", "2031-04-07T00:00:00"),
        ("0 0 0 29 feb ?", "2031-04-05T09:00:00", "2032-02-29T00:00:00"),
        ("0 0 0 1 1 * 2040", "2031-04-05T09:00:00", "2040-01-01T00:00:00"),
        ("0 0 0 30 2 ?", "2031-04-05T09:00:00", None),
        ("0 0 0 1 1 * 2030", "2031-04-05T09:00:00", None),
    ],
)
def test_the_next_time_of_a_schedule(schedule: str, after: str, expected: str | None) -> None:
    found = next_run(parse_cron(schedule), datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == (None if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC))
