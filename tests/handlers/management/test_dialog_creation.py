"""Dialogs made by the host: contract 4.2."""

import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mtchat.core.services import Services
from tests.handlers.management.calls import (
    ANNA,
    BORIS,
    DIALOG_FIELDS,
    NOWHERE,
    WIRE_TIME,
    body,
    create,
    details,
    scope,
)
from tests.handlers.management.conftest import RecordingPublisher
from tests.support.clients import ApiClient

Api = Callable[[str], ApiClient]


@pytest.mark.gen_test
async def test_a_created_dialog_is_answered_with_200_and_exactly_its_own_fields(host: ApiClient) -> None:
    answer = await create(
        host, title="Order 1", object_url="/orders/1", participants=[ANNA, BORIS], access_scopes=[scope(["north"])],
        meta={"lane": "north"},
    )  # fmt: skip
    assert answer.status == 200
    dialog = answer.data
    assert set(dialog) == DIALOG_FIELDS | {"meta"}
    assert uuid.UUID(dialog["id"]).version == 7
    assert WIRE_TIME.fullmatch(dialog["created_at"])
    assert {
        name: dialog[name] for name in ("object_id", "object_type", "title", "object_url", "created_by", "meta")
    } == {
        "object_id": "order-1",
        "object_type": "order",
        "title": "Order 1",
        "object_url": "/orders/1",
        "created_by": "anna",
        "meta": {"lane": "north"},
    }


@pytest.mark.gen_test
async def test_optional_fields_may_be_left_out_or_null(host: ApiClient) -> None:
    left_out = (await create(host)).data
    nulls = (await create(host, title=None, object_url=None, meta=None)).data
    assert set(left_out) == set(nulls) == DIALOG_FIELDS
    assert left_out["title"] is left_out["object_url"] is left_out["created_by"] is None


@pytest.mark.gen_test
async def test_unknown_fields_are_ignored(host: ApiClient) -> None:
    answer = await create(host, tenant_uid="north", participants=[{**ANNA, "role": "buyer"}])
    assert answer.status == 200
    assert "tenant_uid" not in answer.data


@pytest.mark.gen_test
async def test_creating_twice_makes_two_dialogs(host: ApiClient) -> None:
    assert (await create(host)).data["id"] != (await create(host)).data["id"]


@pytest.mark.gen_test
async def test_meta_is_any_json_and_comes_back_unchanged(host: ApiClient) -> None:
    for meta in (
        {}, [], "", 0, False, "text", 1.5, [None, {"a": None}], {"ключ": "знач 😀", "": [1, -0.25, True]},
        {"big": 9007199254740993, "exact": 18446744073709551615},
    ):  # fmt: skip
        dialog = (await create(host, meta=meta)).data
        assert dialog["meta"] == meta
        assert (await details(host, dialog["id"]))["meta"] == meta


@pytest.mark.gen_test
async def test_meta_that_grows_when_written_out_is_refused(host: ApiClient) -> None:
    """F37: 10,000 times 1e300 would be three megabytes in every answer; the e in a string is no number."""
    assert (await create(host, meta=[1e300] * 10_000)).error == (400, "INVALID_INPUT")
    assert (await create(host, meta="1e300 " * 10_000)).status == 200


@pytest.mark.gen_test
async def test_deep_meta_is_stored_or_refused(host: ApiClient) -> None:
    """F37: never a 500, and what was stored can be read."""
    for depth in (100, 127, 128, 129, 1_000, 100_000):
        nested = b"[" * depth + b"]" * depth
        answer = await host.call(
            "POST", "/dialogs", raw=b'{"object_id":"o","object_type":"t","participants":[],"meta":' + nested + b"}"
        )
        assert answer.status in ((200,) if depth <= 100 else (200, 400)), depth
        if answer.status == 200:
            assert (await host.get(f"/dialogs/{answer.data['id']}")).status == 200


@pytest.mark.gen_test
async def test_a_megabyte_of_meta_fits(host: ApiClient) -> None:
    assert len((await create(host, meta={"blob": "x" * 1_000_000})).data["meta"]["blob"]) == 1_000_000


@pytest.mark.gen_test
async def test_the_first_system_message_names_the_people_in_order(api: Api, host: ApiClient) -> None:
    """Contract 3.6: `company` is left out when there is none."""
    dialog_id = (await create(host, participants=[ANNA, BORIS])).data["id"]
    (message,) = (await api("boris").get(f"/dialogs/{dialog_id}/messages")).data["messages"]
    assert message["message_type"] == "system"
    assert message["sender_id"] is None
    assert orjson.loads(message["content"]) == {
        "event": "chat_created",
        "participants": [{"name": "Anna", "company": "North"}, {"name": "Boris"}],
    }


@pytest.mark.gen_test
async def test_a_name_with_markup_is_inert_in_the_system_message(api: Api, host: ApiClient) -> None:
    """The SDK's sidebar puts the newest message's content into innerHTML."""
    name = "<img src=x onerror=alert(1)> & co"
    dialog_id = (await create(host, participants=[{**ANNA, "display_name": name}])).data["id"]
    (message,) = (await api("anna").get(f"/dialogs/{dialog_id}/messages")).data["messages"]
    assert "<" not in message["content"]
    assert orjson.loads(message["content"])["participants"][0]["name"] == name


@pytest.mark.gen_test
async def test_everybody_is_positioned_at_the_first_message(api: Api, host: ApiClient) -> None:
    """F34: nothing is unread, and the divider does not show the history as new."""
    dialog_id = (await create(host, participants=[ANNA, BORIS])).data["id"]
    page = (await api("boris").get(f"/dialogs/{dialog_id}/messages")).data
    assert "first_unread_message_id" not in page
    for person in (await details(host, dialog_id))["participants"]:
        assert person["unread_count"] == 0
        assert person["last_read_message_id"] == page["messages"][0]["id"]


@pytest.mark.gen_test
async def test_a_dialog_without_people_has_no_message(host: ApiClient, services: Services) -> None:
    dialog_id = (await create(host)).data["id"]
    assert (await details(host, dialog_id))["participants"] == []
    async with services.database.connection() as connection:
        rows = await (await connection.execute("SELECT FROM messages")).fetchall()
    assert rows == []


@pytest.mark.gen_test
async def test_creation_lets_the_people_in_and_tells_each_of_himself(
    host: ApiClient, publisher: RecordingPublisher
) -> None:
    """F28: one announcement of the whole dialog instead of one per pair of people; `chat_created` is not pushed."""
    dialog_id = (await create(host, participants=[BORIS, ANNA])).data["id"]
    assert publisher.told == [("created", dialog_id, ["boris", "anna"])]
    assert publisher.seqs == [1]


@pytest.mark.gen_test
async def test_creation_is_one_statement_whatever_the_number_of_people(host: ApiClient, services: Services) -> None:
    people = [{"user_id": f"user-{number}", "display_name": f"User {number}"} for number in range(300)]
    before = services.database.statements
    answer = await create(host, participants=people, access_scopes=[scope(["north"]), scope(["south"])])
    assert services.database.statements - before == 1
    assert len((await details(host, answer.data["id"]))["participants"]) == 300


@pytest.mark.gen_test(timeout=20)
async def test_five_thousand_people_fit_and_one_more_is_refused(api: Api, host: ApiClient) -> None:
    people = [{"user_id": f"user-{number}", "display_name": "Имя " * 40} for number in range(5_001)]
    dialog_id = (await create(host, participants=people[:5_000])).data["id"]
    (message,) = (await api("user-4999").get(f"/dialogs/{dialog_id}/messages")).data["messages"]
    assert len(message["content"]) <= 50_000
    assert len(orjson.loads(message["content"])["participants"]) > 200
    assert (await create(host, participants=people)).error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_limits_count_characters_and_hold_exactly(host: ApiClient) -> None:
    """F36: code points, not bytes."""
    longest = {
        "user_id": "ж" * 255, "display_name": "ж" * 200, "company": "ж" * 200, "email": "ж" * 254, "phone": "9" * 50,
    }  # fmt: skip
    answer = await create(
        host, object_id="ж" * 255, object_type="ж" * 100, title="😀" * 500, object_url="/" + "ж" * 4_095,
        participants=[longest], access_scopes=[scope(["ж" * 255] * 200), *[scope()] * 99],
    )  # fmt: skip
    assert answer.status == 200
    assert answer.data["title"] == "😀" * 500


def _person(**fields: Any) -> list[dict[str, Any]]:
    return [{**ANNA, **fields}]


BROKEN_LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"object_id": ""}, "object_id"),
    ({"object_id": "x" * 256}, "object_id"),
    ({"object_id": "a\0b"}, "object_id"),
    ({"object_type": ""}, "object_type"),
    ({"object_type": "x" * 101}, "object_type"),
    ({"title": "ж" * 501}, "title"),
    ({"title": "a\0b"}, "title"),
    ({"object_url": "/" + "x" * 4_096}, "object_url"),
    ({"participants": _person(user_id="")}, "participants[0].user_id"),
    ({"participants": _person(user_id="x" * 256)}, "participants[0].user_id"),
    ({"participants": _person(user_id="a\0b")}, "participants[0].user_id"),
    ({"participants": _person(display_name="")}, "participants[0].display_name"),
    ({"participants": _person(display_name=" \t\u3000")}, "participants[0].display_name"),
    ({"participants": _person(display_name="ж" * 201)}, "participants[0].display_name"),
    ({"participants": _person(company="ж" * 201)}, "participants[0].company"),
    ({"participants": _person(email="ж" * 255)}, "participants[0].email"),
    ({"participants": _person(phone="9" * 51)}, "participants[0].phone"),
    ({"participants": [ANNA, BORIS, {**ANNA, "display_name": "Other"}]}, "'anna'"),
    ({"access_scopes": [{}, {"scope_level1": ["a", "x" * 256]}]}, "access_scopes[1].scope_level1[1]"),
    ({"access_scopes": [{"scope_level1": ["a\0b"]}]}, "access_scopes[0].scope_level1[0]"),
    ({"access_scopes": [{"scope_level2": ["a"] * 201}]}, "scope_level2"),
    ({"access_scopes": [{}] * 101}, "access_scopes"),
    ({"meta": {"a\0b": 1}}, "meta"),
    ({"meta": ["a\0b"]}, "meta"),
]


@pytest.mark.gen_test
async def test_a_field_that_breaks_a_limit_is_a_400_that_names_it(host: ApiClient) -> None:
    """F37: before the database, never a 500."""
    for fields, named in BROKEN_LIMITS:
        answer = await create(host, **fields)
        assert answer.error == (400, "INVALID_INPUT"), fields
        assert named in answer.json["error"]["message"]


@pytest.mark.gen_test
async def test_an_object_url_is_http_https_or_relative(host: ApiClient) -> None:
    """F14: the SDK puts it into an href. The whole table is in tests/core/test_fields.py."""
    for url in ("https://host.example/orders/1?a=b:c#d", "/orders/1", "?order=1", ""):
        assert (await create(host, object_url=url)).data["object_url"] == url
    for url in (
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "\tdata:text/html,x",
        "\\\\host.example",
        "ftp://host.example",
    ):
        answer = await create(host, object_url=url)
        assert answer.error == (400, "INVALID_INPUT")
        assert "object_url" in answer.json["error"]["message"]


WRONG_SHAPES: list[Any] = [
    {"object_type": "order", "participants": []},
    {"object_id": "order-1", "participants": []},
    {"object_id": "order-1", "object_type": "order"},
    {"object_id": 1, "object_type": "order", "participants": []},
    {"object_id": None, "object_type": "order", "participants": []},
    body(title=5),
    body(participants=None),
    body(participants={}),
    body(participants=["anna"]),
    body(participants=[None]),
    body(participants=[{"user_id": "anna"}]),
    body(participants=[{"display_name": "Anna"}]),
    body(participants=[{"user_id": 1, "display_name": "Anna"}]),
    body(participants=[{"user_id": "anna", "display_name": None}]),
    body(access_scopes=None),
    body(access_scopes=[[]]),
    body(access_scopes=[{"scope_level0": None}]),
    body(access_scopes=[{"scope_level0": "north"}]),
    body(access_scopes=[{"scope_level0": [1]}]),
    [],
    "text",
    None,
]


@pytest.mark.gen_test
async def test_a_body_of_the_wrong_shape_is_a_422(host: ApiClient) -> None:
    for given in WRONG_SHAPES:
        answer = await host.call("POST", "/dialogs", raw=orjson.dumps(given))
        assert answer.error == (422, "INVALID_INPUT"), given


@pytest.mark.gen_test
async def test_a_body_that_is_not_json_is_a_400_and_another_content_type_a_415(host: ApiClient) -> None:
    assert (await host.call("POST", "/dialogs", raw=b"{")).error == (400, "BAD_REQUEST")
    answer = await host.call("POST", "/dialogs", raw=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.error == (415, "BAD_REQUEST")


ADDRESSES = [
    ("POST", "/dialogs"),
    ("POST", "/dialogs/search"),
    ("GET", f"/dialogs/{NOWHERE}"),
    ("DELETE", f"/dialogs/{NOWHERE}"),
    ("POST", f"/dialogs/{NOWHERE}/participants"),
    ("DELETE", f"/dialogs/{NOWHERE}/participants/anna"),
    ("PUT", f"/dialogs/{NOWHERE}/access-scopes"),
]


@pytest.mark.gen_test
async def test_every_address_needs_the_admin_token(host: ApiClient) -> None:
    """F13, contract 2.6: nothing is 401, something wrong is 403, both before the body is looked at."""
    stranger = ApiClient(host.http, host.base_url, admin_token="guessed")
    for method, path in ADDRESSES:
        assert (await stranger.call(method, path, raw=b"{")).error == (403, "FORBIDDEN")
    stranger.token = None
    for method, path in ADDRESSES:
        assert (await stranger.call(method, path, raw=b"{")).error == (401, "UNAUTHORIZED")
