"""Pages of messages: contract 5.13, exact at every boundary (F38)."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mtchat.core.messages import _next_uuid
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send

Api = Callable[[str], ApiClient]


async def filled(api: Api, host: ApiClient, count: int) -> tuple[str, list[str]]:
    """A dialog without a system message in it, and the ids of `count` messages by anna."""
    dialog_id = await make_dialog(host, [])
    for person in ("anna", "boris"):
        await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": person, "display_name": person})
    return dialog_id, [(await send(api("anna"), dialog_id, f"<p>{number}</p>"))["id"] for number in range(count)]


def ids(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [message["id"] for message in page["messages"]]


@pytest.mark.gen_test
async def test_the_newest_page_comes_oldest_first(api: Api, host: ApiClient) -> None:
    dialog_id, sent = await filled(api, host, 5)
    page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", limit=3)).data
    assert ids(page) == sent[2:]
    assert (page["has_more_before"], page["has_more_after"]) == (True, False)


@pytest.mark.parametrize(
    ("query", "shown", "before", "after"),
    [
        ({"limit": 4}, [0, 1, 2, 3], False, False),
        ({"limit": 3}, [1, 2, 3], True, False),
        ({"limit": 2, "before": 2}, [0, 1], False, True),
        ({"limit": 1, "before": 2}, [1], True, True),
        ({"limit": 2, "before": 0}, [], False, True),
        ({"limit": 2, "after": 1}, [2, 3], True, False),
        ({"limit": 1, "after": 1}, [2], True, True),
        ({"limit": 2, "after": 3}, [], True, False),
        ({"limit": 4, "after": 0}, [1, 2, 3], True, False),
        ({"limit": 2, "around": 2}, [1, 2, 3], True, False),
        ({"limit": 3, "around": 0}, [0, 1], False, True),
        ({"limit": 10, "around": 1}, [0, 1, 2, 3], False, False),
        ({"limit": 0}, [], True, False),
        ({"limit": -5}, [], True, False),
        ({"limit": 2, "before": 3, "after": 0, "around": 1}, [0, 1, 2], False, True),
        ({"limit": 2, "before": 3, "after": 0}, [1, 2], True, True),
    ],
)
@pytest.mark.gen_test
async def test_windows_and_flags_are_exact(
    api: Api, host: ApiClient, query: dict[str, int], shown: list[int], before: bool, after: bool
) -> None:
    """F38: of four messages, exactly these, and true flags in both directions."""
    dialog_id, sent = await filled(api, host, 4)
    asked = {name: value if name == "limit" else sent[value] for name, value in query.items()}
    page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", **asked)).data
    assert ids(page) == [sent[number] for number in shown]
    assert (page["has_more_before"], page["has_more_after"]) == (before, after)


@pytest.mark.gen_test
async def test_cursors_need_not_exist(api: Api, host: ApiClient) -> None:
    """F38: unknown ids only compare."""
    dialog_id, sent = await filled(api, host, 3)
    oldest, newest = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
    for query, expected in (
        ({"before": newest}, sent),
        ({"after": oldest}, sent),
        ({"before": oldest}, []),
        ({"after": newest}, []),
        ({"around": str(uuid.uuid4())}, sent[-3:]),
    ):
        page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", **query)).data
        assert set(ids(page)) <= set(sent)
        if "around" not in query:
            assert ids(page) == expected


@pytest.mark.gen_test
async def test_a_page_holds_at_most_a_thousand(api: Api, host: ApiClient) -> None:
    """F38: a larger limit is lowered, not refused."""
    dialog_id, sent = await filled(api, host, 2)
    page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", limit=5_000_000)).data
    assert ids(page) == sent


@pytest.mark.gen_test
async def test_messages_are_for_participants(api: Api, host: ApiClient) -> None:
    dialog_id, _ = await filled(api, host, 1)
    for path in (f"/dialogs/{dialog_id}/messages", f"/dialogs/{uuid.uuid4()}/messages"):
        answer = await api("mallory").get(path)
        assert answer.error == (403, "FORBIDDEN")
        assert answer.json["error"]["message"].startswith("Forbidden")


@pytest.mark.gen_test
async def test_the_first_unread_message_is_one_by_others_after_the_position(api: Api, host: ApiClient) -> None:
    """F34: own and system messages never are."""
    dialog_id, sent = await filled(api, host, 3)
    await api("boris").post(f"/dialogs/{dialog_id}/read", {"last_read_message_id": sent[0]})
    page = (await api("boris").get(f"/dialogs/{dialog_id}/messages")).data
    assert page["first_unread_message_id"] == sent[1]
    own = (await api("anna").get(f"/dialogs/{dialog_id}/messages")).data
    assert "first_unread_message_id" not in own


@pytest.mark.gen_test
async def test_unread_messages_older_than_the_newest_page_still_show_there(api: Api, host: ApiClient) -> None:
    """F34: the page's first id, so that the SDK marks as read on scroll; never with `around`."""
    dialog_id, sent = await filled(api, host, 2)
    await api("boris").post(f"/dialogs/{dialog_id}/leave")
    await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "vera", "display_name": "Vera"})
    await send(api("anna"), dialog_id, "<p>new</p>")
    gone = await send(api("vera"), dialog_id, "<p>mine</p>")
    page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", limit=1)).data
    assert page["first_unread_message_id"] == gone["id"] == ids(page)[0]
    around = (await api("anna").get(f"/dialogs/{dialog_id}/messages", around=sent[0])).data
    assert "first_unread_message_id" not in around


@pytest.mark.parametrize("step", [1, 2, 3, 7])
@pytest.mark.gen_test
async def test_paging_covers_a_dialog_exactly_once_in_both_directions(api: Api, host: ApiClient, step: int) -> None:
    dialog_id, sent = await filled(api, host, 7)
    down: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", limit=step, **cursor)).data
        down = ids(page) + down
        if not page["has_more_before"]:
            break
        cursor = {"before": down[0]}
    up: list[str] = []
    cursor = {"after": "00000000-0000-0000-0000-000000000000"}
    while True:
        page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", limit=step, **cursor)).data
        up += ids(page)
        if not page["has_more_after"]:
            break
        cursor = {"after": up[-1]}
    assert down == up == sent


@given(st.uuids())
@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_next_uuid_is_the_smallest_larger_one(value: uuid.UUID) -> None:
    following = uuid.UUID(_next_uuid(str(value)))
    assert following.int == min(value.int + 1, 2**128 - 1)
