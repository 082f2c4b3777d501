"""Who may find and join a dialog, replaced as a whole: contract 4.8."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from mtchat.core.services import Services
from tests.handlers.management.calls import NOWHERE, SCOPE_FIELDS, WIRE_TIME, details, scope
from tests.handlers.management.conftest import RecordingPublisher
from tests.support.clients import Answer, ApiClient
from tests.support.factories import make_dialog

Api = Callable[[str], ApiClient]


async def replace(host: ApiClient, dialog_id: str, scopes: list[Any]) -> Answer:
    return await host.put(f"/dialogs/{dialog_id}/access-scopes", {"access_scopes": scopes})


@pytest.mark.gen_test
async def test_scopes_come_back_in_request_order_with_new_ids(host: ApiClient) -> None:
    dialog_id = await make_dialog(host, scopes=[scope(["north"])])
    (old,) = (await details(host, dialog_id))["access_scopes"]
    given = [scope(["south", "a"]), scope(["north"], scope_level1=["sales"]), scope(scope_level2=["orders:read"])]
    answer = await replace(host, dialog_id, given)
    assert answer.status == 200
    assert [{level: stored[level] for level in scope()} for stored in answer.data] == given
    for stored in answer.data:
        assert set(stored) == SCOPE_FIELDS
        assert stored["dialog_id"] == dialog_id
        assert uuid.UUID(stored["id"]).version == 7
        assert WIRE_TIME.fullmatch(stored["created_at"])
    ids = [stored["id"] for stored in answer.data]
    assert len({*ids, old["id"]}) == 4
    assert ids == sorted(ids)
    assert (await details(host, dialog_id))["access_scopes"] == answer.data


@pytest.mark.gen_test
async def test_levels_left_out_are_empty_and_an_empty_list_removes_all(host: ApiClient) -> None:
    dialog_id = await make_dialog(host, scopes=[scope(["north"])])
    (stored,) = (await replace(host, dialog_id, [{"scope_level0": ["orrin"]}])).data
    assert (stored["scope_level1"], stored["scope_level2"]) == ([], [])
    assert (await replace(host, dialog_id, [])).data == []
    assert (await details(host, dialog_id))["access_scopes"] == []


@pytest.mark.gen_test
async def test_whoever_is_in_stays_in_and_nobody_is_told(
    api: Api, host: ApiClient, publisher: RecordingPublisher
) -> None:
    """Contract 3.2: membership survives scope changes."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[scope(["north"])])
    publisher.told.clear()
    await replace(host, dialog_id, [scope(["south"])])
    assert publisher.told == []
    assert (await api("anna").get(f"/dialogs/{dialog_id}")).data["i_am_participant"] is True
    assert (await api("vera").with_scopes(scope_level0=["south"]).get(f"/dialogs/{dialog_id}")).data["can_join"] is True
    refused = await api("vera").with_scopes(scope_level0=["north"]).get(f"/dialogs/{dialog_id}")
    assert refused.error == (403, "SCOPE_MISMATCH")


@pytest.mark.gen_test(timeout=20)
async def test_of_racing_replacements_one_is_left_whole(host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    sets = [[scope([f"tenant-{number}"]), scope([f"other-{number}"])] for number in range(10)]
    answers = await asyncio.gather(*(replace(host, dialog_id, scopes) for scopes in sets))
    assert {answer.status for answer in answers} == {200}
    assert (await details(host, dialog_id))["access_scopes"] in [answer.data for answer in answers]


@pytest.mark.gen_test
async def test_a_replacement_is_two_statements(host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host)
    before = services.database.statements
    await replace(host, dialog_id, [scope([f"tenant-{number}"]) for number in range(100)])
    assert services.database.statements - before == 2


@pytest.mark.gen_test
async def test_an_unknown_dialog_is_a_404_before_any_limit(host: ApiClient) -> None:
    """Contract 1.4: existence before field limits."""
    assert (await replace(host, NOWHERE, [])).error == (404, "NOT_FOUND")
    assert (await replace(host, NOWHERE, [scope(["x" * 256])])).error == (404, "NOT_FOUND")
    assert (await replace(host, "order-1", [])).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_limits_are_a_400_and_change_nothing(host: ApiClient) -> None:
    """F37"""
    dialog_id = await make_dialog(host, scopes=[scope(["north"])])
    before = await details(host, dialog_id)
    for scopes in ([scope(["x" * 256])], [scope(["a\0b"])], [scope(["a"] * 201)], [scope()] * 101):
        assert (await replace(host, dialog_id, scopes)).error == (400, "INVALID_INPUT")
    assert await details(host, dialog_id) == before


@pytest.mark.gen_test
async def test_a_body_of_the_wrong_shape_is_a_422(host: ApiClient) -> None:
    given: list[Any] = [None, {}, [None], ["north"], [{"scope_level0": None}], [{"scope_level0": [None]}]]
    for body in ({}, *({"access_scopes": scopes} for scopes in given)):
        assert (await host.put(f"/dialogs/{NOWHERE}/access-scopes", body)).error == (422, "INVALID_INPUT"), body


@pytest.mark.gen_test
async def test_unknown_fields_are_ignored(host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    (stored,) = (await replace(host, dialog_id, [{"scope_level0": ["north"], "scope_level3": ["x"]}])).data
    assert set(stored) == SCOPE_FIELDS
