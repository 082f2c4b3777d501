"""Dialogs found by their exact set of scopes: contract 4.3 and F44."""

from typing import Any

import pytest

from mtchat.core.services import Services
from tests.handlers.management.calls import ANNA, create, scope
from tests.support.clients import ApiClient


async def find(host: ApiClient, scopes: list[Any] | None = None, **fields: Any) -> Any:
    asked = {"object_id": "order-1", "object_type": "order", **fields}
    answer = await host.post("/dialogs/search", asked if scopes is None else {**asked, "access_scopes": scopes})
    assert answer.status == 200
    return answer.data


# stored, asked for, found
SCOPE_SETS: list[tuple[list[Any], list[Any] | None, bool]] = [
    ([], [], True),
    ([], None, True),
    ([scope(["north"])], [scope(["north"])], True),
    ([scope(["north"])], [{"scope_level0": ["north"]}], True),
    ([scope(["north", "south"])], [scope(["south", "north", "south"])], True),
    ([scope(["south", "north", "south"])], [scope(["north", "south"])], True),
    ([scope(["north"]), scope(["south"])], [scope(["south"]), scope(["north"])], True),
    ([scope(["north"]), scope(["north"])], [scope(["north"])], True),
    ([scope(["north"])], [scope(["north"]), scope(["north", "north"])], True),
    ([scope(["a", "a", "b"]), scope(["c"])], [scope(["c"]), scope(["b", "a"]), scope(["a", "b"])], True),
    ([scope()], [scope()], True),
    ([scope()], [], False),
    ([], [scope()], False),
    ([scope(["north"])], [], False),
    ([scope(["north"])], [scope(["North"])], False),
    ([scope(["north"])], [scope(["north", "south"])], False),
    ([scope(["north", "south"])], [scope(["north"])], False),
    ([scope(["north"])], [scope(scope_level1=["north"])], False),
    ([scope(["north"]), scope(["south"])], [scope(["north"])], False),
    ([scope(["north"])], [scope(["north"]), scope(["south"])], False),
    ([scope(["north"]), scope(["north"])], [scope(["north"]), scope(["south"])], False),
    ([scope(["north", "south"])], [scope(["north"]), scope(["south"])], False),
    ([scope(["a"], scope_level1=["b"])], [scope(["a"], scope_level2=["b"])], False),
]


@pytest.mark.gen_test
async def test_scopes_are_compared_as_true_sets(host: ApiClient) -> None:
    """F44: order and repetition do not count, of values and of whole scopes, on both sides."""
    for number, (stored, asked, found) in enumerate(SCOPE_SETS):
        object_id = f"object-{number}"
        dialog = (await create(host, object_id=object_id, access_scopes=stored)).data
        assert await find(host, asked, object_id=object_id) == (dialog if found else None), (stored, asked)


@pytest.mark.gen_test
async def test_the_newest_dialog_that_fits_is_found_by_one_statement(host: ApiClient, services: Services) -> None:
    """F44"""
    for scopes in ([scope(["north"])], [scope(["north"])], [scope(["south"])], []):
        await create(host, access_scopes=scopes)
    newest = (await create(host, access_scopes=[scope(["north"])], participants=[ANNA], meta={"n": 1})).data
    await create(host, access_scopes=[scope(["north"])], object_id="order-2")
    await create(host, access_scopes=[scope(["north"])], object_type="offer")
    before = services.database.statements
    assert await find(host, [scope(["north"])]) == newest
    assert services.database.statements - before == 1


@pytest.mark.gen_test
async def test_a_search_that_makes_no_sense_is_refused(host: ApiClient) -> None:
    """F37"""
    cases: list[tuple[dict[str, Any], int]] = [
        ({"object_type": "order"}, 422),
        ({"object_id": "order-1"}, 422),
        ({"object_id": "order-1", "object_type": "order", "access_scopes": None}, 422),
        ({"object_id": "", "object_type": "order"}, 400),
        ({"object_id": "x" * 256, "object_type": "order"}, 400),
        ({"object_id": "order-1", "object_type": "x" * 101}, 400),
        ({"object_id": "order-1", "object_type": "order", "access_scopes": [scope(["x" * 256])]}, 400),
        ({"object_id": "order\0", "object_type": "order"}, 400),
    ]
    for given, status in cases:
        assert (await host.post("/dialogs/search", given)).error == (status, "INVALID_INPUT"), given
