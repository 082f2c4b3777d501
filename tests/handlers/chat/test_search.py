"""Search and the archive filter of lists: F41, F40, contract 5.2 and 5.5."""

from collections.abc import Callable

import pytest

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog

Api = Callable[[str], ApiClient]

NORTH = {"scope_level0": ["north"]}
LIST = "/dialogs/by-object/order/o-1/list"


async def titles(client: ApiClient, path: str = "/dialogs", **query: object) -> set[str]:
    """The titles of a list."""
    return {item["title"] for item in (await client.get(path, **query)).data}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("shipment", {"Shipment 100%"}),
        ("SHIP", {"Shipment 100%"}),
        ("  ship  ", {"Shipment 100%"}),
        ("ment 1", {"Shipment 100%"}),
        ("orrin", {"a_b"}),
        ("ÖRSTED", {"c\\d"}),
        ("%", {"Shipment 100%"}),
        ("_", {"a_b"}),
        ("\\", {"c\\d"}),
        ("a%b", set()),
        ("' OR true --", set()),
        ("Hald", {"Shipment 100%", "a_b", "c\\d"}),
        ("", {"Shipment 100%", "a_b", "c\\d", None}),
        ("   ", {"Shipment 100%", "a_b", "c\\d", None}),
    ],
)
@pytest.mark.gen_test
async def test_search_takes_every_character_for_itself(
    api: Api, host: ApiClient, search: str, found: set[str | None]
) -> None:
    """F41: part of the title or of any participant's company, in any case; blank is no search."""
    await make_dialog(host, ["anna"], companies={"anna": "Hald AB"}, title="Shipment 100%", object_id="o-1")
    await make_dialog(
        host, ["anna", "boris"], companies={"anna": "Hald AB", "boris": "Orrin"}, title="a_b", object_id="o-1"
    )
    await make_dialog(
        host, ["anna", "boris"], companies={"anna": "Hald AB", "boris": "Örsted"}, title="c\\d", object_id="o-1"
    )
    await make_dialog(host, ["anna"], title=None, object_id="o-1")
    assert await titles(api("anna"), search=search) == found
    assert await titles(api("anna"), LIST, search=search) == found


@pytest.mark.gen_test
async def test_search_also_goes_over_available_dialogs(api: Api, host: ApiClient) -> None:
    """5.2."""
    for title in ("gate", "yard"):
        await make_dialog(host, ["anna"], scopes=[NORTH], title=title)
    assert await titles(api("vera").with_scopes(**NORTH), type="available", search="yar") == {"yard"}


@pytest.mark.parametrize("path", ["/dialogs", LIST])
@pytest.mark.gen_test
async def test_a_search_of_two_hundred_characters_is_the_longest(api: Api, path: str) -> None:
    """F41: blanks around it are not counted."""
    assert (await api("anna").get(path, search=f"  {'ü' * 200}  ")).data == []
    assert (await api("anna").get(path, search="x" * 201)).error == (400, "INVALID_INPUT")
    assert (await api("anna").get(path, search="x\0")).error == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("archived", "found"), [("true", {"archived"}), ("false", {"open"}), (None, {"archived", "open"})]
)
@pytest.mark.gen_test
async def test_the_archive_filter_looks_at_the_callers_own_flag(
    api: Api, host: ApiClient, archived: str | None, found: set[str]
) -> None:
    """5.2, 5.5, 3.4."""
    await make_dialog(host, ["anna", "boris"], title="open", object_id="o-1")
    dialog_id = await make_dialog(host, ["anna", "boris"], title="archived", object_id="o-1")
    await api("anna").post(f"/dialogs/{dialog_id}/archive")
    query = {} if archived is None else {"archived": archived}
    assert await titles(api("anna"), **query) == found
    assert await titles(api("anna"), LIST, **query) == found
    assert await titles(api("boris"), archived="true") == set()


@pytest.mark.gen_test
async def test_the_archive_filter_says_nothing_of_dialogs_one_is_not_in(api: Api, host: ApiClient) -> None:
    """5.2, 5.5: ignored for available ones, also beside own ones."""
    await make_dialog(host, ["anna"], scopes=[NORTH], title="mine", object_id="o-1")
    await make_dialog(host, ["boris"], scopes=[NORTH], title="theirs", object_id="o-1")
    anna = api("anna").with_scopes(**NORTH)
    assert await titles(anna, type="available", archived="true") == {"theirs"}
    assert await titles(anna, LIST, type="available", archived="true") == {"theirs"}
    assert await titles(anna, LIST, archived="true") == {"theirs"}
    assert await titles(anna, LIST, archived="false") == {"mine", "theirs"}


@pytest.mark.gen_test
async def test_the_types_of_the_object_list_part_own_dialogs_from_others(api: Api, host: ApiClient) -> None:
    """F40: what one has joined is not available; 5.5: without the header nothing is."""
    await make_dialog(host, ["anna"], scopes=[NORTH], title="mine", object_id="o-1")
    await make_dialog(host, ["boris"], scopes=[NORTH], title="theirs", object_id="o-1")
    await make_dialog(host, ["anna"], scopes=[NORTH], title="elsewhere", object_id="o-2")
    anna = api("anna").with_scopes(**NORTH)
    assert await titles(anna, LIST) == {"mine", "theirs"}
    assert await titles(anna, LIST, type="participating") == {"mine"}
    assert await titles(anna, LIST, type="available") == {"theirs"}
    assert await titles(api("anna"), LIST) == {"mine"}
    assert await titles(api("anna"), LIST, type="available") == set()
    assert (await anna.get(LIST, type="both")).error == (400, "BAD_REQUEST")
