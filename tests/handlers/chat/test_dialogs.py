"""Dialogs over REST: the fields of each variant (contract 5.1), get by id and by object, order and pages of lists."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send

Api = Callable[[str], ApiClient]

DIALOG = {"id", "object_id", "object_type", "title", "object_url", "created_by", "created_at"}
PLACE = {"i_am_participant", "can_join"}
OWN = {"unread_count", "is_archived", "is_pinned", "notifications_enabled", "seq"}
PEOPLE = {"participants_count", "participants"}
NEWEST = {"last_message", "last_message_at"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
NORTH = {"scope_level0": ["north"]}


async def titles(client: ApiClient, path: str = "/dialogs", **query: object) -> list[str]:
    """The titles of a list, in order."""
    return [item["title"] for item in (await client.get(path, **query)).data]


async def only(client: ApiClient, path: str = "/dialogs", **query: object) -> dict[str, Any]:
    """The one item of a list."""
    (item,) = (await client.get(path, **query)).data
    found: dict[str, Any] = item
    return found


@pytest.mark.gen_test
async def test_a_participating_item_has_every_field_with_its_value(api: Api, host: ApiClient) -> None:
    """5.1, list participating."""
    dialog_id = await make_dialog(
        host,
        ["anna", "boris"],
        companies={"anna": "North"},
        object_id="o-1",
        object_url="/o/1",
        meta={"lane": [1, "ü"]},
    )
    message = await send(api("boris"), dialog_id, "<p>Gate 4 &amp; \u00e9</p>")
    item = await only(api("anna"))
    assert set(item) == DIALOG | PLACE | OWN | PEOPLE | NEWEST | {"meta"}
    assert item["id"] == dialog_id
    assert (item["object_id"], item["object_type"], item["object_url"]) == ("o-1", "order", "/o/1")
    assert item["created_by"] == "anna"
    assert item["meta"] == {"lane": [1, "ü"]}
    assert (item["i_am_participant"], item["can_join"]) == (True, False)
    assert (item["unread_count"], item["is_archived"], item["is_pinned"]) == (1, False, False)
    assert item["notifications_enabled"] is True
    assert (item["participants_count"], item["seq"]) == (2, 2)
    assert item["participants"] == [
        {"user_id": "anna", "display_name": "Anna", "company": "North"},
        {"user_id": "boris", "display_name": "Boris"},
    ]
    assert item["last_message_at"] == message["sent_at"]
    assert item["last_message"] == {
        "id": message["id"],
        "content": "<p>Gate 4 &amp; \u00e9</p>",
        "sender_id": "boris",
        "sender_name": "Boris",
        "sent_at": message["sent_at"],
        "message_type": "user",
    }
    assert TIME.fullmatch(item["created_at"])
    assert TIME.fullmatch(item["last_message_at"])


@pytest.mark.gen_test
async def test_absent_values_are_null_or_left_out_as_the_contract_says(api: Api, host: ApiClient) -> None:
    """5.1: title, object_url, created_by are null; meta, messages and people are left out."""
    await make_dialog(host, [], scopes=[NORTH], title=None)
    item = await only(api("vera").with_scopes(**NORTH), type="available")
    assert set(item) == DIALOG | PLACE | {"participants_count"}
    assert (item["title"], item["object_url"], item["created_by"]) == (None, None, None)
    assert item["participants_count"] == 0


@pytest.mark.gen_test
async def test_an_available_item_tells_no_message_and_nobodys_state(api: Api, host: ApiClient) -> None:
    """5.1, list available: P1."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    await send(api("anna"), dialog_id, "<p>secret</p>")
    item = await only(api("vera").with_scopes(**NORTH), type="available")
    assert set(item) == DIALOG | PLACE | PEOPLE | {"last_message_at"}
    assert (item["i_am_participant"], item["can_join"]) == (False, True)
    assert item["participants"] == [{"user_id": "anna", "display_name": "Anna"}]


@pytest.mark.parametrize("path", ["/dialogs/by-object/order/o-9", "/dialogs/by-object/order/o-9/list"])
@pytest.mark.gen_test
async def test_by_object_tells_a_participant_his_own_state_and_a_newcomer_none(
    api: Api, host: ApiClient, path: str
) -> None:
    """5.1, by-object and its list: F30."""
    await make_dialog(host, ["anna"], scopes=[NORTH], object_id="o-9")

    async def item(client: ApiClient) -> dict[str, Any]:
        data = (await client.get(path)).data
        found: dict[str, Any] = data[0] if isinstance(data, list) else data
        return found

    assert set(await item(api("anna"))) == DIALOG | PLACE | OWN | PEOPLE | NEWEST
    seen = await item(api("vera").with_scopes(**NORTH))
    assert set(seen) == DIALOG | PLACE | PEOPLE | {"last_message_at"}
    assert (seen["i_am_participant"], seen["can_join"]) == (False, True)


@pytest.mark.gen_test
async def test_get_tells_a_participant_everything_and_a_newcomer_the_dialog_alone(api: Api, host: ApiClient) -> None:
    """5.1 and 3.2, get by id: F30."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    own = (await api("anna").get(f"/dialogs/{dialog_id}")).data
    assert set(own) == DIALOG | PLACE | OWN | PEOPLE | NEWEST
    seen = (await api("vera").with_scopes(**NORTH).get(f"/dialogs/{dialog_id}")).data
    assert set(seen) == DIALOG | PLACE
    assert (seen["i_am_participant"], seen["can_join"]) == (False, True)


@pytest.mark.gen_test
async def test_get_is_refused_to_strangers_and_for_what_is_not_there(api: Api, host: ApiClient) -> None:
    """5.3, 3.2: without the header nobody is a potential participant."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    assert (await api("vera").get(f"/dialogs/{dialog_id}")).error == (403, "SCOPE_MISMATCH")
    south = api("vera").with_scopes(scope_level0=["south"])
    assert (await south.get(f"/dialogs/{dialog_id}")).error == (403, "SCOPE_MISMATCH")
    assert (await api("anna").get(f"/dialogs/{uuid.uuid4()}")).error == (404, "DIALOG_NOT_FOUND")
    assert (await api("anna").get("/dialogs/7")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_by_object_gives_the_latest_made_dialog_the_caller_may_see_or_null(api: Api, host: ApiClient) -> None:
    """5.4: newest by creation, whatever was active or pinned later; never 403 or 404."""
    first = await make_dialog(host, ["anna"], object_id="o/1 ü")
    second = await make_dialog(host, ["anna"], object_id="o/1 ü")
    await make_dialog(host, ["boris"], object_id="o/1 ü", scopes=[NORTH])
    await send(api("anna"), first)
    await api("anna").post(f"/dialogs/{first}/pin")
    path = "/dialogs/by-object/order/o%2F1%20%C3%BC"
    assert (await api("anna").get(path)).data["id"] == second
    assert (await api("vera").with_scopes(**NORTH).get(path)).data["can_join"] is True
    answer = await api("vera").get(path)
    assert (answer.status, answer.json) == (200, {"data": None})


@pytest.mark.gen_test
async def test_an_object_named_by_an_id_that_is_too_long_is_refused(api: Api) -> None:
    """F37."""
    assert (await api("anna").get(f"/dialogs/by-object/order/{'x' * 256}")).error == (400, "INVALID_INPUT")
    assert (await api("anna").get(f"/dialogs/by-object/{'x' * 101}/o/list")).error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_pinned_come_first_then_newest_activity(api: Api, host: ApiClient) -> None:
    """F39, in both lists; a dialog without messages counts from its creation."""
    by_title = {
        title: await make_dialog(host, ["anna"], title=title, object_id="o-1")
        for title in ("old", "quiet", "pin", "new")
    }
    await send(api("anna"), by_title["old"])
    await api("anna").post(f"/dialogs/{by_title['pin']}/pin")
    await api("anna").post(f"/dialogs/{by_title['quiet']}/pin")
    expected = ["pin", "quiet", "old", "new"]
    assert await titles(api("anna")) == expected
    assert await titles(api("anna"), "/dialogs/by-object/order/o-1/list") == expected


@pytest.mark.gen_test
async def test_a_page_begins_where_the_one_before_ended(api: Api, host: ApiClient) -> None:
    """1.6, F38."""
    for number in range(5):
        await make_dialog(host, ["anna"], title=f"{number}")
    anna = api("anna")
    assert await titles(anna, limit=2) == ["4", "3"]
    assert await titles(anna, limit=2, offset=2) == ["2", "1"]
    assert await titles(anna, limit=2, offset=4) == ["0"]
    assert await titles(anna, offset=5) == []


@pytest.mark.parametrize(
    ("query", "count"), [({}, 50), ({"limit": 101}, 100), ({"limit": 0}, 0), ({"limit": -1}, 0), ({"offset": -7}, 50)]
)
@pytest.mark.gen_test
async def test_limit_and_offset_outside_their_bounds_are_moved_to_them(
    api: Api, services: Services, query: dict[str, int], count: int
) -> None:
    """F38."""
    async with services.database.connection() as connection:
        await connection.execute(
            "INSERT INTO dialogs (id, object_id, object_type, created_at, clock_at, participants_count)"
            " SELECT uuid7_at(now()), n, 'order', now(), now(), 1 FROM generate_series(1, 110) AS n"
        )
        await connection.execute(
            "INSERT INTO participants (dialog_id, user_id, joined_at) SELECT id, 'anna', now() FROM dialogs"
        )
    assert len((await api("anna").get("/dialogs", **query)).data) == count


@pytest.mark.parametrize(
    "query",
    [
        {"type": "all"},
        {"type": ""},
        {"archived": "1"},
        {"archived": "True"},
        {"limit": "x"},
        {"limit": "1.5"},
        {"offset": "9" * 30},
    ],
)
@pytest.mark.gen_test
async def test_query_values_of_the_wrong_kind_are_refused(api: Api, query: dict[str, str]) -> None:
    """1.4, 5.2."""
    assert (await api("anna").get("/dialogs", **query)).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_last_message_is_the_newest_that_still_exists(api: Api, host: ApiClient) -> None:
    """5.1: system messages count and have no sender; a sender who left has no name."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    first = (await only(api("anna")))["last_message"]
    assert (first["message_type"], "sender_id" in first, "sender_name" in first) == ("system", False, False)
    kept = await send(api("boris"), dialog_id, "<p>kept</p>")
    gone = await send(api("anna"), dialog_id, "<p>gone</p>")
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{gone['id']}")
    await host.delete(f"/dialogs/{dialog_id}/participants/boris")
    newest = (await only(api("anna")))["last_message"]
    assert (newest["id"], newest["sender_id"]) == (kept["id"], "boris")
    assert "sender_name" not in newest


@pytest.mark.parametrize("path", ["/dialogs", "/dialogs?archived=false", "/dialogs/by-object/order/o-1/list", "{id}"])
@pytest.mark.gen_test
async def test_a_list_and_a_look_up_are_one_statement(api: Api, host: ApiClient, services: Services, path: str) -> None:
    """F44, P6: whatever the number of dialogs."""
    for _ in range(3):
        dialog_id = await make_dialog(host, ["anna", "boris"], object_id="o-1")
    before = services.database.statements
    answer = await api("anna").get(path.replace("{id}", f"/dialogs/{dialog_id}"))
    assert answer.status == 200
    assert services.database.statements - before == 1
