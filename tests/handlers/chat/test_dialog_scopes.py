"""The tables of contract 3.2 and 3.5, row by row, over REST."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog

Api = Callable[[str], ApiClient]
Levels = dict[str, list[str]]

EVERYONE: Levels = {"scope_level0": [], "scope_level1": [], "scope_level2": []}
NORTH: Levels = {"scope_level0": ["north"]}
SOUTH: Levels = {"scope_level0": ["south"]}
LIST = "/dialogs/by-object/order/o-1/list"


def as_caller(api: Api, user_id: str, header: Levels | None) -> ApiClient:
    """The user with this scope header, or without one."""
    return api(user_id) if header is None else api(user_id).with_scopes(**header)


def ids(items: list[dict[str, Any]]) -> list[str]:
    """The ids of a list."""
    return [item["id"] for item in items]


@pytest.mark.parametrize("level", ["scope_level0", "scope_level1", "scope_level2"])
@pytest.mark.parametrize(
    ("scope", "held", "matches"),
    [
        ([], [], True),
        ([], ["a"], True),
        (["a"], [], False),
        (["a"], ["a"], True),
        (["a", "b"], ["b", "c"], True),
        (["a"], ["A"], False),
        (["a"], ["b"], False),
    ],
)
@pytest.mark.gen_test
async def test_a_level_matches_by_overlap_and_an_empty_one_of_the_dialog_always(
    api: Api, host: ApiClient, level: str, scope: list[str], held: list[str], matches: bool
) -> None:
    """3.5, first table, for each level; the other two levels match."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[{level: scope}])
    answer = await api("vera").with_scopes(**{level: held}).get("/dialogs", type="available")
    assert ids(answer.data) == ([dialog_id] if matches else [])


@pytest.mark.gen_test
async def test_all_three_levels_of_one_scope_must_match(api: Api, host: ApiClient) -> None:
    """3.5: levels of different scopes do not add up."""
    crossed = [
        {"scope_level0": ["north"], "scope_level1": ["sales"]},
        {"scope_level0": ["south"], "scope_level1": ["stock"]},
    ]
    dialog_id = await make_dialog(host, ["anna"], scopes=crossed)
    mixed = api("vera").with_scopes(scope_level0=["north"], scope_level1=["stock"])
    assert (await mixed.get("/dialogs", type="available")).data == []
    whole = api("vera").with_scopes(scope_level0=["south"], scope_level1=["stock"])
    assert ids((await whole.get("/dialogs", type="available")).data) == [dialog_id]


@pytest.mark.parametrize(
    ("scopes", "header", "is_potential", "own_is_listed"),
    [
        ([], NORTH, False, True),
        ([], {}, False, True),
        ([], None, False, True),
        ([EVERYONE], {}, True, True),
        ([EVERYONE], SOUTH, True, True),
        ([NORTH, SOUTH], SOUTH, True, True),
        ([NORTH], SOUTH, False, False),
        ([NORTH], {}, False, False),
        ([NORTH], None, False, True),
    ],
)
@pytest.mark.gen_test
async def test_scopes_open_dialogs_to_newcomers_and_filter_own_ones(
    api: Api,
    host: ApiClient,
    scopes: list[Levels],
    header: Levels | None,
    is_potential: bool,
    own_is_listed: bool,
) -> None:
    """3.5, second table, with its Keep row, in every list and look-up."""
    dialog_id = await make_dialog(host, ["anna"], scopes=scopes, object_id="o-1")
    vera, anna = as_caller(api, "vera", header), as_caller(api, "anna", header)

    found = [dialog_id] if is_potential else []
    if header is not None:
        assert ids((await vera.get("/dialogs", type="available")).data) == found
    assert ids((await vera.get(LIST)).data) == found
    assert ids((await vera.get(LIST, type="available")).data) == found
    by_object = (await vera.get("/dialogs/by-object/order/o-1")).data
    assert (by_object is not None) == is_potential
    assert (await vera.get(f"/dialogs/{dialog_id}")).status == (200 if is_potential else 403)
    assert (await vera.get("/dialogs")).data == []

    listed = [dialog_id] if own_is_listed else []
    assert ids((await anna.get("/dialogs")).data) == listed
    assert ids((await anna.get(LIST)).data) == listed
    assert ids((await anna.get(LIST, type="participating")).data) == listed
    own_object = (await anna.get("/dialogs/by-object/order/o-1")).data
    assert (own_object is not None) == own_is_listed
    assert (await anna.get(f"/dialogs/{dialog_id}")).data["i_am_participant"] is True


@pytest.mark.gen_test
async def test_available_dialogs_need_the_header(api: Api) -> None:
    """5.2."""
    assert (await api("vera").get("/dialogs", type="available")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_own_dialogs_are_not_available(api: Api, host: ApiClient) -> None:
    """5.2, 3.2."""
    await make_dialog(host, ["anna"], scopes=[NORTH])
    assert (await api("anna").with_scopes(**NORTH).get("/dialogs", type="available")).data == []


@pytest.mark.gen_test
async def test_a_dialog_matched_twice_is_listed_once(api: Api, host: ApiClient) -> None:
    """3.5: any one scope is enough."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH, EVERYONE, NORTH | {"scope_level1": ["sales"]}])
    vera = api("vera").with_scopes(scope_level0=["north"], scope_level1=["sales"])
    assert ids((await vera.get("/dialogs", type="available")).data) == [dialog_id]


@pytest.mark.gen_test
async def test_available_dialogs_come_by_newest_activity_in_pages(api: Api, host: ApiClient) -> None:
    """F39, 1.6."""
    made = [await make_dialog(host, ["anna"], scopes=[NORTH]) for _ in range(3)]
    await api("anna").post(f"/dialogs/{made[0]}/messages", {"content": "<p>now</p>"})
    vera = api("vera").with_scopes(**NORTH)
    assert ids((await vera.get("/dialogs", type="available", limit=2)).data) == [made[0], made[2]]
    assert ids((await vera.get("/dialogs", type="available", limit=2, offset=2)).data) == [made[1]]


@pytest.mark.parametrize(
    "path", ["/dialogs", "/dialogs?type=available", LIST, "/dialogs/by-object/order/o-1", "{id}", "{id}/participants"]
)
@pytest.mark.gen_test
async def test_a_header_that_cannot_be_read_is_refused(api: Api, host: ApiClient, path: str) -> None:
    """2.4."""
    dialog_id = await make_dialog(host, ["anna"])
    target = path.replace("{id}", f"/dialogs/{dialog_id}")
    answer = await api("anna").call("GET", target, headers={"X-Scope-Config": "not base64"})
    assert answer.error == (400, "BAD_REQUEST")
