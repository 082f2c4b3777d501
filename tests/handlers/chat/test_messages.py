"""Messages over REST: contract 5.13 to 5.17 and what section 11 does right."""

import asyncio
import uuid
from collections.abc import Callable

import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send, unread

Api = Callable[[str], ApiClient]

MESSAGE_FIELDS = {
    "id", "dialog_id", "sender_id", "content", "sent_at", "last_edited_at", "reply_to_id", "message_type",
}  # fmt: skip


async def texts(client: ApiClient, dialog_id: str, **query: object) -> list[str]:
    """The contents of a page, without the system message of the creation."""
    page = (await client.get(f"/dialogs/{dialog_id}/messages", **query)).data
    return [message["content"] for message in page["messages"] if message["message_type"] == "user"]


@pytest.mark.gen_test
async def test_a_sent_message_comes_back_complete_and_on_the_page(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    answer = await api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>Gate 4</p>"})
    assert answer.status == 200
    message = answer.data
    assert set(message) == MESSAGE_FIELDS
    assert message["sender_id"] == "anna"
    assert message["message_type"] == "user"
    assert message["last_edited_at"] is None
    assert uuid.UUID(message["id"]).version == 7
    page = (await api("boris").get(f"/dialogs/{dialog_id}/messages")).data
    assert page["messages"][-1] == message


@pytest.mark.gen_test
async def test_content_is_cleaned_before_it_is_stored(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id, '<a href="javascript:x()">go</a><script>x()</script>')
    assert message["content"] == '<a rel="noopener noreferrer">go</a>'


@pytest.mark.gen_test
async def test_a_send_is_one_statement(api: Api, host: ApiClient, services: Services) -> None:
    """P6, F46: one database statement, whatever the size of the dialog."""
    dialog_id = await make_dialog(host, [f"person-{number}" for number in range(300)])
    before = services.database.statements
    await send(api("person-7"), dialog_id)
    assert services.database.statements - before == 1


@pytest.mark.parametrize(
    "content", ["", "   ", "<p></p>", "<p><br></p>", "<img src=x onerror=1>", "&nbsp;", "<!-- x -->"]
)
@pytest.mark.gen_test
async def test_a_message_without_visible_text_is_refused(api: Api, host: ApiClient, content: str) -> None:
    """F35."""
    dialog_id = await make_dialog(host)
    answer = await api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": content})
    assert answer.error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_the_limit_counts_characters_not_bytes(api: Api, host: ApiClient) -> None:
    """F36: 50,000 Cyrillic letters fit, one more does not."""
    dialog_id = await make_dialog(host)
    fits = await api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "ж" * 50_000})
    over = await api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "ж" * 50_001})
    assert fits.status == 200
    assert over.error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_strangers_and_unknown_dialogs_are_told_so_before_any_rule_of_the_text(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    for content in ("<p>hello</p>", ""):
        stranger = await api("mallory").post(f"/dialogs/{dialog_id}/messages", {"content": content})
        assert stranger.error == (403, "FORBIDDEN")
        nowhere = await api("anna").post(f"/dialogs/{uuid.uuid4()}/messages", {"content": content})
        assert nowhere.error == (404, "DIALOG_NOT_FOUND")


@pytest.mark.gen_test
async def test_a_repeated_send_answers_the_first_message(api: Api, host: ApiClient) -> None:
    """P2, F43: by client_message_id and by Idempotency-Key alike; nobody's unread count rises twice."""
    dialog_id = await make_dialog(host)
    first = await send(api("anna"), dialog_id, "<p>once</p>", client_message_id="k-1")
    again = await send(api("anna"), dialog_id, "<p>other text</p>", client_message_id="k-1")
    by_header = await api("anna").post(
        f"/dialogs/{dialog_id}/messages", {"content": "<p>x</p>"}, headers={"Idempotency-Key": "k-1"}
    )
    assert again == first
    assert by_header.data == first
    assert await unread(api("boris"), dialog_id) == 1


@pytest.mark.gen_test
async def test_eight_repeats_at_once_make_one_message(api: Api, host: ApiClient) -> None:
    """P2, F43."""
    dialog_id = await make_dialog(host)
    sent = await asyncio.gather(*(send(api("anna"), dialog_id, client_message_id="k-2") for _ in range(8)))
    assert len({message["id"] for message in sent}) == 1
    assert await texts(api("boris"), dialog_id) == ["<p>hello</p>"]


@pytest.mark.gen_test
async def test_the_same_key_of_another_sender_or_dialog_is_another_message(api: Api, host: ApiClient) -> None:
    """F43: unique per dialog and sender."""
    here, there = await make_dialog(host), await make_dialog(host)
    sent = [
        await send(api("anna"), here, client_message_id="k"),
        await send(api("boris"), here, client_message_id="k"),
        await send(api("anna"), there, client_message_id="k"),
    ]
    assert len({message["id"] for message in sent}) == 3


@pytest.mark.parametrize("key", ["", "x" * 256])
@pytest.mark.gen_test
async def test_a_client_message_id_has_1_to_255_characters(api: Api, host: ApiClient, key: str) -> None:
    dialog_id = await make_dialog(host)
    answer = await api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>x</p>", "client_message_id": key})
    assert answer.error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_a_reply_names_its_target(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    first = await send(api("anna"), dialog_id)
    reply = await send(api("boris"), dialog_id, reply_to=first["id"])
    assert reply["reply_to_id"] == first["id"]


@pytest.mark.gen_test
async def test_a_reply_to_nothing_of_this_dialog_is_stored_without_a_target(api: Api, host: ApiClient) -> None:
    """F33."""
    here, there = await make_dialog(host), await make_dialog(host)
    foreign = await send(api("anna"), there)
    for target in (foreign["id"], str(uuid.uuid4()), None):
        assert (await send(api("anna"), here, reply_to=target))["reply_to_id"] is None


@pytest.mark.gen_test
@pytest.mark.parametrize(("count", "code"), [(1, "INVALID_INPUT"), (11, "BAD_REQUEST")])
async def test_attachments_must_be_few_and_have_keys_of_ours(api: Api, host: ApiClient, count: int, code: str) -> None:
    """F56: more are in test_files."""
    dialog_id = await make_dialog(host)
    item = {"s3_key": f"dialogs/{dialog_id}/x.pdf", "filename": "x.pdf", "content_type": "application/pdf", "size": 1}
    answer = await api("anna").post(
        f"/dialogs/{dialog_id}/messages", {"content": "<p>x</p>", "attachments": [item] * count}
    )
    assert answer.error == (400, code)


@pytest.mark.gen_test
async def test_sent_at_and_ids_grow_together_under_many_senders(api: Api, host: ApiClient) -> None:
    """F42: 50 senders at once into one dialog: no error, one order."""
    people = [f"person-{number}" for number in range(50)]
    dialog_id = await make_dialog(host, people)
    sent = await asyncio.gather(*(send(api(person), dialog_id, f"<p>{person}</p>") for person in people))
    by_id = sorted(sent, key=lambda message: message["id"])
    by_time = sorted(sent, key=lambda message: message["sent_at"])
    assert by_id == by_time
    assert len({message["sent_at"] for message in sent}) == 50
    page = (await api("person-0").get(f"/dialogs/{dialog_id}/messages", limit=60)).data
    assert [message["id"] for message in page["messages"][1:]] == [message["id"] for message in by_id]
    assert page["seq"] == 51


@pytest.mark.gen_test
async def test_concurrent_senders_leave_no_hole_in_the_sequence(api: Api, host: ApiClient, services: Services) -> None:
    """Design 3: commit order = seq order, dense."""
    dialog_id = await make_dialog(host, [f"person-{number}" for number in range(50)])
    await asyncio.gather(*(send(api(f"person-{number % 50}"), dialog_id) for number in range(150)))
    async with services.database.connection() as connection:
        rows = await (
            await connection.execute(
                "SELECT seq, message_id FROM dialog_events WHERE dialog_id = %s ORDER BY seq", [dialog_id]
            )
        ).fetchall()
    assert [row["seq"] for row in rows] == list(range(1, 152))
    assert [row["message_id"] for row in rows] == sorted(row["message_id"] for row in rows)


@pytest.mark.gen_test
async def test_a_single_message_is_for_participants_only(api: Api, host: ApiClient) -> None:
    """F5."""
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id)
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    assert (await api("boris").get(path)).data == message
    assert (await api("mallory").get(path)).error == (403, "FORBIDDEN")
    assert (await api("boris").get(f"/dialogs/{dialog_id}/messages/{uuid.uuid4()}")).error == (404, "MESSAGE_NOT_FOUND")


@pytest.mark.gen_test
async def test_a_message_is_not_found_under_another_dialog(api: Api, host: ApiClient) -> None:
    here, there = await make_dialog(host), await make_dialog(host)
    message = await send(api("anna"), here)
    answer = await api("anna").get(f"/dialogs/{there}/messages/{message['id']}")
    assert answer.error == (404, "MESSAGE_NOT_FOUND")


@pytest.mark.gen_test
async def test_the_author_edits_and_gets_the_full_message(api: Api, host: ApiClient) -> None:
    """F26."""
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id, "<p>Gate 4</p>")
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    edited = (await api("anna").put(path, {"content": "<p>Gate 5</p>"})).data
    assert edited == message | {"content": "<p>Gate 5</p>", "last_edited_at": edited["last_edited_at"]}
    assert edited["last_edited_at"] > message["sent_at"]
    assert (await api("boris").get(path)).data == edited


@pytest.mark.gen_test
async def test_every_edit_keeps_the_text_before_it(api: Api, host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id, "<p>1</p>")
    for text in ("<p>2</p>", "<p>3</p>"):
        await api("anna").put(f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": text})
    async with services.database.connection() as connection:
        rows = await (await connection.execute("SELECT old_content FROM message_edits ORDER BY edited_at")).fetchall()
    assert [row["old_content"] for row in rows] == ["<p>1</p>", "<p>2</p>"]


@pytest.mark.parametrize("content", ["", "<p></p>", "x" * 50_001])
@pytest.mark.gen_test
async def test_an_edit_obeys_the_rules_of_a_new_message(api: Api, host: ApiClient, content: str) -> None:
    """F35, F36."""
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id)
    answer = await api("anna").put(f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": content})
    assert answer.error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_only_the_author_edits_or_deletes(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id)
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    assert (await api("boris").put(path, {"content": "<p>x</p>"})).error == (403, "NOT_MESSAGE_AUTHOR")
    assert (await api("boris").delete(path)).error == (403, "NOT_MESSAGE_AUTHOR")
    system = (await api("anna").get(f"/dialogs/{dialog_id}/messages")).data["messages"][0]
    answer = await api("anna").delete(f"/dialogs/{dialog_id}/messages/{system['id']}")
    assert answer.error == (403, "NOT_MESSAGE_AUTHOR")


@pytest.mark.gen_test
async def test_whoever_left_no_longer_edits_or_deletes(api: Api, host: ApiClient) -> None:
    """F9."""
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id)
    await host.delete(f"/dialogs/{dialog_id}/participants/anna")
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    assert (await api("anna").put(path, {"content": "<p>x</p>"})).error == (403, "FORBIDDEN")
    assert (await api("anna").delete(path)).error == (403, "FORBIDDEN")


@pytest.mark.gen_test
async def test_a_deleted_message_is_gone_with_its_history_and_replies_lose_it(
    api: Api, host: ApiClient, services: Services
) -> None:
    dialog_id = await make_dialog(host)
    message = await send(api("anna"), dialog_id, "<p>secret</p>")
    path = f"/dialogs/{dialog_id}/messages/{message['id']}"
    await api("anna").put(path, {"content": "<p>changed</p>"})
    reply = await send(api("boris"), dialog_id, reply_to=message["id"])
    answer = await api("anna").delete(path)
    assert (answer.status, answer.body) == (204, b"")
    assert (await api("anna").delete(path)).error == (404, "MESSAGE_NOT_FOUND")
    kept = (await api("anna").get(f"/dialogs/{dialog_id}/messages/{reply['id']}")).data
    assert kept["reply_to_id"] is None
    async with services.database.connection() as connection:
        row = await (await connection.execute("SELECT count(*) AS kept FROM message_edits")).fetchone()
    assert row == {"kept": 0}


@pytest.mark.gen_test
async def test_deleting_the_last_message_brings_the_one_before_into_the_list(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    first = await send(api("anna"), dialog_id, "<p>first</p>")
    last = await send(api("anna"), dialog_id, "<p>last</p>")
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{last['id']}")
    shown = (await api("boris").get("/dialogs")).data[0]
    assert shown["last_message"]["id"] == first["id"]
    assert shown["last_message_at"] == first["sent_at"]


@pytest.mark.gen_test
async def test_a_new_message_unarchives_for_everybody(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    for person in ("anna", "boris"):
        await api(person).post(f"/dialogs/{dialog_id}/archive")
    await send(api("anna"), dialog_id)
    for person in ("anna", "boris"):
        assert (await api(person).get("/dialogs", archived="false")).data[0]["id"] == dialog_id
