"""A chat from its creation to its end, as two people, a third and the host live it; another tenant sees nothing of it.

P1: a stranger's socket is open all the time and stays silent, his lists stay empty. P8: every call is one that the
original's SDK or a host written for it makes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from tests.support.clients import Answer, ApiClient
from tests.support.fix_sockets import Connect
from tests.support.sockets import Frame, SocketClient

Api = Callable[[str], ApiClient]

DISPATCH = {"scope_level0": ["north"], "scope_level1": ["dispatch"]}
SOUTH = {"scope_level0": ["south"], "scope_level1": ["dispatch"]}
# As it stands on a command line, blanks and all.
CREATE = b"""{
  "object_id": "SHP-2071", "object_type": "shipment", "title": "Shipment 2071",
  "object_url": "https://host.example/s/2071",
  "participants": [
    {"user_id": "anna", "display_name": "Anna Berg", "company": "North AB", "email": "anna@north.example"},
    {"user_id": "boris", "display_name": "Boris", "phone": "+47 000"}
  ],
  "access_scopes": [{"scope_level0": ["north"], "scope_level1": ["dispatch", "sales"]}],
  "meta": {"lane": "north", "stops": [1, 2]}
}"""
CURL = {"User-Agent": "curl/8.5.0", "Accept": "*/*"}


@dataclass
class Story:
    """Who takes part, and the dialog they talk in."""

    host: ApiClient
    anna: ApiClient
    boris: ApiClient
    vera: ApiClient
    grace: ApiClient
    hears: dict[str, SocketClient]
    dialog_id: str = ""
    messages: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/dialogs/{self.dialog_id}"

    async def say(self, client: ApiClient, name: str, content: str, reply_to: str | None = None) -> dict[str, Any]:
        """Send as the SDK does; the message is known by this name afterwards."""
        body: dict[str, Any] = {"content": content, "attachments": []}
        if reply_to is not None:
            body["reply_to"] = reply_to
        answer = await client.post(f"{self.path}/messages", body)
        assert answer.status == 200, answer.body
        message: dict[str, Any] = answer.data
        self.messages[name] = message["id"]
        return message

    async def item(self, client: ApiClient) -> dict[str, Any]:
        """The dialog as it stands in this person's list."""
        (found,) = (await client.get("/dialogs", archived="false")).data
        item: dict[str, Any] = found
        return item

    async def both_hear(self, kind: str, **fields: Any) -> Frame:
        """Wait for one event on both sockets; it is the same one."""
        first = await self.hears["anna"].expect(kind, **fields)
        assert await self.hears["boris"].expect(kind, **fields) == first
        return first

    async def nobody_hears_more(self) -> None:
        """What was waited for was all there was."""
        for name, socket in self.hears.items():
            assert [frame for frame in await socket.heard() if frame["type"] != "presence.update"] == [], name

    async def grace_sees_nothing(self) -> None:
        """P1: neither in lists, nor by id, nor by object, nor on her socket, whatever scopes of hers she shows."""
        for client in (self.grace, self.grace.with_scopes(**SOUTH), self.grace.with_scopes()):
            assert (await client.get("/dialogs")).data == []
            assert (await client.get("/dialogs/by-object/shipment/SHP-2071")).data is None
            assert (await client.get("/dialogs/by-object/shipment/SHP-2071/list")).data == []
            assert (await client.get(self.path)).error == (403, "SCOPE_MISMATCH")
            assert (await client.get(f"{self.path}/messages")).error == (403, "FORBIDDEN")
            assert (await client.get(f"{self.path}/participants")).error == (403, "FORBIDDEN")
        assert (await self.grace.with_scopes(**SOUTH).get("/dialogs", type="available")).data == []
        assert [frame["type"] for frame in self.hears["grace"].frames] == ["connected", *self.pongs("grace")]

    def pongs(self, name: str) -> list[str]:
        """The answers to the pings of `heard`."""
        return [frame["type"] for frame in self.hears[name].frames if frame["type"] == "pong"]


@pytest.fixture
def story(api: Api, host: ApiClient) -> Story:
    anna, boris, vera, grace = (api(name) for name in ("anna", "boris", "vera", "grace"))
    return Story(host, anna, boris, vera.with_scopes(**DISPATCH), grace, {})


@pytest.mark.gen_test(timeout=60)
async def test_a_chat_from_its_creation_to_its_end(story: Story, connect: Connect) -> None:
    story.hears = {name: await connect(name) for name in ("anna", "boris", "grace")}
    for chapter in (
        the_host_makes_a_chat,
        two_people_talk,
        a_third_finds_and_joins,
        there_are_replies,
        one_is_edited,
        one_is_deleted,
        the_third_leaves,
        one_puts_it_away_and_it_comes_back,
        the_host_removes_one,
        the_host_deletes_it,
    ):
        await chapter(story)
        await story.nobody_hears_more()
        if chapter is not the_host_deletes_it:
            await story.grace_sees_nothing()


async def the_host_makes_a_chat(story: Story) -> None:
    looked_for = (
        b'{"object_id":"SHP-2071","object_type":"shipment","access_scopes":[{"scope_level1":["sales","dispatch"],'
    )
    looked_for += b'"scope_level0":["north"]}]}'
    assert (await story.host.call("POST", "/dialogs/search", raw=looked_for, headers=CURL)).data is None
    made = (await story.host.call("POST", "/dialogs", raw=CREATE, headers=CURL)).data
    story.dialog_id = made["id"]
    assert (made["created_by"], made["meta"]) == ("anna", {"lane": "north", "stops": [1, 2]})
    assert (await story.host.call("POST", "/dialogs/search", raw=looked_for, headers=CURL)).data == made
    for name in ("anna", "boris"):
        joined = await story.hears[name].expect("participant.joined")
        assert (joined["dialog_id"], joined["user_id"]) == (story.dialog_id, name)
    item = await story.item(story.anna)
    assert {name: item[name] for name in made} == made
    assert (item["participants_count"], item["unread_count"], item["i_am_participant"]) == (2, 0, True)
    assert orjson.loads(item["last_message"]["content"]) == {
        "event": "chat_created",
        "participants": [{"name": "Anna Berg", "company": "North AB"}, {"name": "Boris"}],
    }


async def two_people_talk(story: Story) -> None:
    sent = await story.say(story.anna, "hello", "<p>Gate <b>4</b>?</p>")
    heard = await story.both_hear("message.new", id=sent["id"])
    assert (heard["content"], heard["sender_id"], heard["payload"]["message"]) == (sent["content"], "anna", sent)
    assert [(await story.item(client))["unread_count"] for client in (story.anna, story.boris)] == [0, 1]
    page = (await story.boris.get(f"{story.path}/messages")).data
    assert [message["message_type"] for message in page["messages"]] == ["system", "user"]
    assert (page["first_unread_message_id"], page["has_more_before"], page["has_more_after"]) == (
        sent["id"],
        False,
        False,
    )
    read = await story.boris.post(f"{story.path}/read", {"last_read_message_id": sent["id"]})
    assert (read.status, read.json) == (200, {"success": True})
    await story.both_hear("message.read", user_id="boris", last_read_message_id=sent["id"])
    answer = await story.say(story.boris, "answer", "Yes & no")
    assert answer["content"] == "Yes &amp; no"
    await story.both_hear("message.new", id=answer["id"], sender_id="boris")
    item = await story.item(story.anna)
    assert (item["unread_count"], item["last_message"]["sender_name"]) == (1, "Boris")
    assert item["last_message_at"] == answer["sent_at"]


async def a_third_finds_and_joins(story: Story) -> None:
    (found,) = (await story.vera.get("/dialogs", type="available")).data
    assert (found["id"], found["can_join"], found["participants_count"]) == (story.dialog_id, True, 2)
    assert {"last_message", "unread_count", "is_pinned"} & set(found) == set()
    looked_at = (await story.vera.get(story.path)).data
    assert (looked_at["i_am_participant"], looked_at["can_join"], "participants" in looked_at) == (False, True, False)
    people = (await story.vera.get(f"{story.path}/participants")).data
    assert [(one["user_id"], one["email"], one["phone"], one["last_read_message_id"]) for one in people] == [
        ("anna", None, None, None),
        ("boris", None, None, None),
    ]
    joined = await story.vera.post(f"{story.path}/join", {"display_name": "Vera", "company": ""})
    assert (joined.status, joined.json) == (200, {"status": "joined", "dialog_id": story.dialog_id})
    said = await story.both_hear("message.new", message_type="system")
    assert orjson.loads(said["content"]) == {"event": "participant_joined", "name": "Vera", "company": ""}
    assert (await story.both_hear("participant.joined", user_id="vera"))["seq"] == said["seq"] + 1
    # The history counts, what the system said does not.
    assert (await story.item(story.vera))["unread_count"] == 2
    assert (await story.vera.get("/dialogs", type="available")).data == []
    people = (await story.vera.get(f"{story.path}/participants")).data
    assert [(one["joined_as"], one["email"]) for one in people] == [
        ("participant", "anna@north.example"),
        ("participant", None),
        ("joined", None),
    ]


async def there_are_replies(story: Story) -> None:
    reply = await story.say(story.vera, "reply", "<p>Gate 5</p>", reply_to=story.messages["hello"])
    assert reply["reply_to_id"] == story.messages["hello"]
    heard = await story.both_hear("message.new", id=reply["id"])
    assert heard["payload"]["message"]["reply_to_id"] == story.messages["hello"]
    quoted = (await story.boris.get(f"{story.path}/messages/{reply['reply_to_id']}")).data
    assert quoted["content"] == "<p>Gate <b>4</b>?</p>"
    unread = [(await story.item(client))["unread_count"] for client in (story.anna, story.boris, story.vera)]
    assert unread == [2, 1, 0]


async def one_is_edited(story: Story) -> None:
    path = f"{story.path}/messages/{story.messages['reply']}"
    edited = await story.vera.put(path, {"content": '<p onclick="x()">Gate 6</p><script>x()</script>'})
    assert (edited.data["content"], edited.data["reply_to_id"]) == ("<p>Gate 6</p>", story.messages["hello"])
    heard = await story.both_hear("message.edited", id=story.messages["reply"], content="<p>Gate 6</p>")
    assert heard["last_edited_at"] == edited.data["last_edited_at"]
    assert (await story.anna.put(path, {"content": "mine"})).error == (403, "NOT_MESSAGE_AUTHOR")
    assert (await story.grace.put(path, {"content": "mine"})).error == (403, "FORBIDDEN")
    assert (await story.item(story.anna))["last_message"]["content"] == "<p>Gate 6</p>"


async def one_is_deleted(story: Story) -> None:
    gone = await story.anna.delete(f"{story.path}/messages/{story.messages['hello']}")
    assert (gone.status, gone.body) == (204, b"")
    await story.both_hear("message.deleted", id=story.messages["hello"])
    assert (await story.boris.get(f"{story.path}/messages/{story.messages['hello']}")).error == (
        404,
        "MESSAGE_NOT_FOUND",
    )
    reply = (await story.boris.get(f"{story.path}/messages/{story.messages['reply']}")).data
    assert reply["reply_to_id"] is None
    # Boris had read it: his position falls back to what came before it, and his count stays.
    people = (await story.anna.get(f"{story.path}/participants")).data
    positions = {one["user_id"]: one["last_read_message_id"] for one in people}
    assert positions["boris"] == story.messages["answer"]
    unread = [(await story.item(client))["unread_count"] for client in (story.anna, story.boris, story.vera)]
    assert unread == [2, 1, 0]


async def the_third_leaves(story: Story) -> None:
    left = await story.vera.post(f"{story.path}/leave")
    assert (left.status, left.json) == (200, {"status": "left"})
    said = await story.both_hear("message.new", message_type="system")
    assert orjson.loads(said["content"]) == {"event": "participant_left", "name": "Vera"}
    await story.both_hear("participant.left", user_id="vera")
    assert (await story.vera.get(f"{story.path}/messages")).error == (403, "FORBIDDEN")
    assert (await story.vera.put(f"{story.path}/messages/{story.messages['reply']}", {"content": "x"})).error == (
        403,
        "FORBIDDEN",
    )
    assert (await story.vera.post(f"{story.path}/leave")).error == (403, "NOT_PARTICIPANT")
    assert (await story.item(story.anna))["participants_count"] == 2


async def one_puts_it_away_and_it_comes_back(story: Story) -> None:
    assert (await story.boris.post(f"{story.path}/pin")).json == {"status": "pinned"}
    updated = await story.hears["boris"].expect("dialog.updated", dialog_id=story.dialog_id)
    assert (updated["is_pinned"], updated["notifications_enabled"]) == (True, True)
    assert (await story.boris.post(f"{story.path}/archive")).json == {"status": "archived"}
    await story.hears["boris"].expect("dialog.archived", dialog_id=story.dialog_id)
    assert (await story.boris.get("/dialogs", archived="false")).data == []
    (put_away,) = (await story.boris.get("/dialogs", archived="true")).data
    assert (put_away["is_archived"], put_away["is_pinned"]) == (True, True)
    await story.nobody_hears_more()
    await story.say(story.anna, "news", "<p>Delayed</p>")
    heard = [await story.hears["boris"].next() for _ in range(2)]
    assert [frame["type"] for frame in heard] == ["dialog.unarchived", "message.new"]
    await story.hears["anna"].expect("message.new", id=story.messages["news"])
    item = await story.item(story.boris)
    assert (item["unread_count"], item["is_archived"], item["is_pinned"]) == (2, False, True)


async def the_host_removes_one(story: Story) -> None:
    path = f"/dialogs/{story.dialog_id}/participants/boris"
    for _ in range(2):
        removed = await story.host.call("DELETE", path, headers=CURL)
        assert (removed.status, removed.body) == (204, b"")
    await story.both_hear("participant.left", user_id="boris")
    for answer in await everything_in_it(story.boris, story.path):
        assert answer.status == 403, answer.body
    assert (await story.boris.get("/dialogs")).data == []
    await story.say(story.anna, "alone", "<p>Anybody?</p>")
    await story.hears["anna"].expect("message.new", id=story.messages["alone"])


async def the_host_deletes_it(story: Story) -> None:
    for _ in range(2):
        assert (await story.host.call("DELETE", f"/dialogs/{story.dialog_id}", headers=CURL)).status == 204
    left = await story.hears["anna"].expect("participant.left")
    assert (left["dialog_id"], left["user_id"]) == (story.dialog_id, "anna")
    assert (await story.anna.get("/dialogs")).data == []
    assert (await story.anna.get(story.path)).error == (404, "DIALOG_NOT_FOUND")
    assert (await story.host.get(f"/dialogs/{story.dialog_id}")).error == (404, "NOT_FOUND")
    for answer in await everything_in_it(story.anna, story.path):
        assert answer.status in (403, 404), answer.body


async def everything_in_it(client: ApiClient, path: str) -> list[Answer]:
    """Every call that needs membership, as somebody who has none."""
    message = f"{path}/messages/00000000-0000-7000-8000-000000000000"
    return [
        await client.get(path),
        await client.get(f"{path}/messages"),
        await client.get(f"{path}/participants"),
        await client.get(message),
        await client.put(message, {"content": "x"}),
        await client.delete(message),
        await client.post(f"{path}/messages", {"content": "x"}),
        await client.post(f"{path}/read", {"last_read_message_id": message[-36:]}),
        *[await client.post(f"{path}/{action}") for action in ("leave", "archive", "unarchive", "pin", "unpin")],
        await client.post(f"{path}/notifications", {"enabled": False}),
    ]
