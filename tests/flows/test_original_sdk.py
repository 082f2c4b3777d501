"""P8: the original's SDK, unmodified, finds everything it needs: contract, appendix A, item by item.

`OriginalSdk` builds requests as the SDK's `fetch` does: a JSON content type on all of them, also without a body;
user_id as a form writes it, a blank as `+`; the scope header from `btoa`, so letters such as é are Latin-1 bytes.
"""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import jwt
import orjson
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from tests.support.clients import Answer, ApiClient
from tests.support.factories import make_dialog
from tests.support.fix_sockets import Connect

PAGE = "https://host.example"
SECRET = "the secret of the tests of the original, of more than 32 bytes"
TENANT = {"scope_level0": ["Société Nord"], "scope_level1": [], "scope_level2": ["façade:write"]}
Sdk = Callable[..., "OriginalSdk"]


class OriginalSdk:
    """One configured client of the SDK."""

    def __init__(
        self, http: AsyncHTTPClient, base_url: str, user_id: str, scopes: dict[str, list[str]] | None, token: str | None
    ) -> None:
        self._http = http
        self._base_url = base_url
        self.user_id = user_id
        text = orjson.dumps(scopes or {"scope_level0": [], "scope_level1": [], "scope_level2": []}).decode()
        self.headers = {
            "Content-Type": "application/json",
            "X-Scope-Config": base64.b64encode(text.encode("latin-1")).decode(),
            "Origin": PAGE,
        }
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> Answer:
        """Send one request; items 1 and 4 are looked at in each answer."""
        query = urlencode({**params, "user_id": self.user_id})
        request = HTTPRequest(
            f"{self._base_url}/api/v1{path}?{query}",
            method,
            self.headers,
            None if body is None else orjson.dumps(body),
            allow_nonstandard_methods=True,
        )
        response = await self._http.fetch(request, raise_error=False)
        answer = Answer(response.code, response.headers, response.body)
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", PAGE)
        if answer.status == 204:
            assert answer.body == b""
        else:
            assert answer.headers["Content-Type"] == "application/json"
            assert isinstance(answer.json, dict)
        return answer

    async def get(self, path: str, **params: Any) -> Any:
        """Return what is inside of `data`."""
        return (await self.call("GET", path, **params)).data

    async def send(self, dialog_id: str, content: str, **fields: Any) -> dict[str, Any]:
        """Send as the editor does."""
        answer = await self.call(
            "POST", f"/dialogs/{dialog_id}/messages", {"content": content, "attachments": []} | fields
        )
        message: dict[str, Any] = answer.data
        return message


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


@pytest.fixture
def sdk(http_client: AsyncHTTPClient, base_url: str) -> Sdk:
    """A function: user id, scopes and token -> a client."""

    def configured(user_id: str, scopes: dict[str, list[str]] | None = None, token: str | None = None) -> OriginalSdk:
        return OriginalSdk(http_client, base_url, user_id, scopes, token)

    return configured


async def dialog_of(host: ApiClient, *people: str) -> str:
    """A dialog that everybody's empty scopes match, so that the header hides nothing."""
    return await make_dialog(host, list(people), scopes=[{}])


@pytest.mark.gen_test
async def test_1_and_2_every_answer_is_json_in_its_envelope(sdk: Sdk, host: ApiClient) -> None:
    """All methods of the SDK; `call` checks that each answer has a JSON body, except 204."""
    dialog_id = await dialog_of(host, "anna")
    anna, vera = sdk("anna"), sdk("vera")
    path = f"/dialogs/{dialog_id}"
    joined = await vera.call("POST", f"{path}/join", {"display_name": "Vera", "company": ""})
    assert joined.json == {"status": "joined", "dialog_id": dialog_id}
    message = await anna.send(dialog_id, "<p>one</p>")
    for read in (
        "/dialogs", path, "/dialogs/by-object/order/none", "/dialogs/by-object/order/none/list", f"{path}/participants",
        f"{path}/messages", f"{path}/messages/{message['id']}",
    ):  # fmt: skip
        assert set((await anna.call("GET", read)).json) == {"data"}
    edited = await anna.call("PUT", f"{path}/messages/{message['id']}", {"content": "<p>two</p>"})
    assert set(edited.json) == {"data"}
    bare = {
        "read": await vera.call("POST", f"{path}/read", {"last_read_message_id": message["id"]}),
        "muted": await vera.call("POST", f"{path}/notifications", {"enabled": False}),
    }
    assert bare["read"].json == {"success": True}
    assert bare["muted"].json == {"status": "disabled"}
    assert (await anna.call("DELETE", f"{path}/messages/{message['id']}")).status == 204


@pytest.mark.gen_test
async def test_3_a_post_without_a_body_but_with_a_json_content_type_works(sdk: Sdk, host: ApiClient) -> None:
    dialog_id = await dialog_of(host, "anna")
    told = [
        (await sdk("anna").call("POST", f"/dialogs/{dialog_id}/{action}")).json
        for action in ("archive", "unarchive", "pin", "unpin", "leave")
    ]
    assert [answer["status"] for answer in told] == ["archived", "unarchived", "pinned", "unpinned", "left"]


@pytest.mark.gen_test
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_4_a_preflight_allows_what_is_sent_on_every_call(
    http_client: AsyncHTTPClient, base_url: str, method: str
) -> None:
    names = "authorization,content-type,x-scope-config"
    headers = {"Origin": PAGE, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": names}
    answer = await http_client.fetch(HTTPRequest(f"{base_url}/api/v1/dialogs?user_id=anna", "OPTIONS", headers))
    assert answer.code == 200
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", PAGE)
    assert method in re.split(r",\s*", answer.headers["Access-Control-Allow-Methods"])
    allowed = {name.lower() for name in re.split(r",\s*", answer.headers["Access-Control-Allow-Headers"])}
    assert set(names.split(",")) <= allowed


@pytest.mark.gen_test
@pytest.mark.parametrize("environment", [{"JWT_AUTH_ENABLED": "1", "JWT_SECRET": SECRET}], ids=["signed"])
async def test_4_a_token_goes_together_with_user_id_and_scopes(
    environment: dict[str, str], sdk: Sdk, host: ApiClient, connect: Connect
) -> None:
    """Scopes of the header count as long as none are signed; the socket gets the token alone."""
    dialog_id = await make_dialog(host, ["boris"], scopes=[TENANT])
    token = jwt.encode({"sub": "anna berg"}, SECRET, "HS256")
    anna = sdk("anna berg", TENANT, token)
    socket = await connect(token=token)
    await anna.call("POST", f"/dialogs/{dialog_id}/join", {"display_name": "Anna", "company": ""})
    await socket.expect("participant.joined", user_id="anna berg")
    assert [item["id"] for item in await anna.get("/dialogs")] == [dialog_id]


@pytest.mark.gen_test
async def test_4_a_blank_is_a_plus_and_scopes_are_latin_1(sdk: Sdk, host: ApiClient, connect: Connect) -> None:
    """F37: the same person on REST and on the socket; the same scopes as the host's, which came in UTF-8."""
    dialog_id = await make_dialog(host, ["anna é berg"], scopes=[TENANT])
    (item,) = await sdk("anna é berg", TENANT).get("/dialogs")
    assert (item["id"], item["created_by"]) == (dialog_id, "anna é berg")
    (available,) = await sdk("vera", TENANT).get("/dialogs", type="available")
    assert available["can_join"] is True
    socket = await connect("anna é berg")
    await sdk("anna é berg", TENANT).send(dialog_id, "hello")
    await socket.expect("message.new", sender_id="anna é berg")


@pytest.mark.gen_test
async def test_5_every_form_of_a_dialog_says_whether_the_user_is_in_it(sdk: Sdk, host: ApiClient) -> None:
    dialog_id = await make_dialog(host, ["anna"], scopes=[{}], object_id="o-5")
    for user_id, place in (("anna", (True, False)), ("vera", (False, True))):
        client = sdk(user_id)
        kind = "participating" if user_id == "anna" else "available"
        forms = [
            *await client.get("/dialogs", type=kind),
            await client.get(f"/dialogs/{dialog_id}"),
            await client.get("/dialogs/by-object/order/o-5"),
            *await client.get("/dialogs/by-object/order/o-5/list", type=kind),
        ]
        assert [(form["i_am_participant"], form["can_join"]) for form in forms] == [place] * 4


@pytest.mark.gen_test
async def test_6_errors_have_a_message_and_a_refused_list_says_forbidden(sdk: Sdk, host: ApiClient) -> None:
    dialog_id = await make_dialog(host, ["anna"])
    for path in ("messages", "participants"):
        refused = await sdk("vera").call("GET", f"/dialogs/{dialog_id}/{path}")
        assert refused.error == (403, "FORBIDDEN")
        assert "Forbidden" in refused.json["error"]["message"]
    for answer in (
        await sdk("anna").call("GET", "/dialogs/none"),
        await sdk("anna").call("GET", "/nowhere"),
        await sdk("anna").call("POST", f"/dialogs/{dialog_id}/messages", {"content": "", "attachments": []}),
        await sdk("").call("GET", "/dialogs"),
    ):
        assert answer.json["error"]["message"]


@pytest.mark.gen_test
async def test_7_the_first_unread_is_named_whenever_something_is_unread(sdk: Sdk, host: ApiClient) -> None:
    dialog_id = await dialog_of(host, "anna", "boris")
    anna, boris = sdk("anna"), sdk("boris")
    sent = [(await anna.send(dialog_id, f"{number}"))["id"] for number in range(60)]
    page = await boris.get(f"/dialogs/{dialog_id}/messages", limit=50)
    assert page["first_unread_message_id"] == page["messages"][0]["id"]
    await boris.call("POST", f"/dialogs/{dialog_id}/read", {"last_read_message_id": sent[40]})
    page = await boris.get(f"/dialogs/{dialog_id}/messages", limit=50)
    assert page["first_unread_message_id"] == sent[41]
    await boris.call("POST", f"/dialogs/{dialog_id}/read", {"last_read_message_id": sent[-1]})
    assert "first_unread_message_id" not in await boris.get(f"/dialogs/{dialog_id}/messages", limit=50)


@pytest.mark.gen_test
async def test_8_9_and_10_pages_go_back_to_the_start_by_the_ids_it_has(sdk: Sdk, host: ApiClient) -> None:
    """Oldest first; a page below 50 is the last one; the first and last id it has are cursors; times sort as ids do."""
    dialog_id = await dialog_of(host, "anna")
    anna = sdk("anna")
    sent = [(await anna.send(dialog_id, f"{number}"))["id"] for number in range(119)]
    path = f"/dialogs/{dialog_id}/messages"
    shown: list[dict[str, Any]] = []
    sizes: list[int] = []
    while not sizes or sizes[-1] == 50:
        cursor = {"before": shown[0]["id"]} if shown else {}
        page = (await anna.get(path, limit=50, **cursor))["messages"]
        sizes.append(len(page))
        shown = page + shown
    assert sizes == [50, 50, 20]
    assert [message["id"] for message in shown[1:]] == sent
    times = [message["sent_at"] for message in shown]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", time) for time in times)
    assert [datetime.fromisoformat(time) for time in times] == sorted(datetime.fromisoformat(time) for time in times)
    assert len(set(times)) == len(times)
    newer = (await anna.get(path, limit=50, after=shown[99]["id"]))["messages"]
    assert [message["id"] for message in newer] == sent[99:]


@pytest.mark.gen_test
async def test_11_the_socket_says_connected_first_and_nothing_to_subscribe(
    sdk: Sdk, host: ApiClient, connect: Connect
) -> None:
    dialog_id = await dialog_of(host, "anna", "boris")
    socket = await connect("anna", wait=False)
    first = await socket.next()
    assert (first["type"], first["employee_id"]) == ("connected", "anna")
    for kind in ("subscribe", "unsubscribe"):
        socket.send({"type": kind, "dialog_id": dialog_id})
    assert await socket.heard() == []
    message = await sdk("boris").send(dialog_id, "<p>one</p>")
    heard = await socket.expect("message.new")
    flat = {name: heard[name] for name in ("id", "dialog_id", "sender_id", "content", "sent_at", "message_type")}
    assert flat == {name: message[name] for name in flat}
    await sdk("boris").call("PUT", f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": "<p>two</p>"})
    assert (await socket.expect("message.edited"))["content"] == "<p>two</p>"
    emptied = await sdk("boris").call("PUT", f"/dialogs/{dialog_id}/messages/{message['id']}", {"content": "<p></p>"})
    assert emptied.error == (400, "INVALID_INPUT")
    assert await socket.heard() == []


@pytest.mark.gen_test
async def test_12_an_event_comes_once_to_a_socket(sdk: Sdk, host: ApiClient, connect: Connect) -> None:
    """Its unread counters are raised per event. Also for the sender's own, and for a send that is repeated."""
    dialog_id = await dialog_of(host, "anna", "boris")
    sockets = [await connect("anna"), await connect("boris")]
    sent = [
        (await sdk("anna").send(dialog_id, f"{number}", client_message_id=f"{number // 2}"))["id"]
        for number in range(20)
    ]
    assert sent[::2] == sent[1::2]
    for socket in sockets:
        await socket.expect("message.new", id=sent[-1])
        await socket.heard()
        assert [frame["id"] for frame in socket.frames if frame["type"] == "message.new"] == sent[::2]


@pytest.mark.gen_test
async def test_13_own_events_make_it_reload_and_foreign_ones_change_counts_by_one(
    sdk: Sdk, host: ApiClient, connect: Connect
) -> None:
    socket = await connect("anna")
    dialog_id = await dialog_of(host, "anna", "boris")
    assert (await socket.expect("participant.joined"))["user_id"] == "anna"
    count = (await sdk("anna").get(f"/dialogs/{dialog_id}"))["participants_count"]
    await sdk("vera").call("POST", f"/dialogs/{dialog_id}/join", {"display_name": "Vera", "company": ""})
    await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "igor", "display_name": "Igor"})
    await sdk("boris").call("POST", f"/dialogs/{dialog_id}/leave")
    changes = {"participant.joined": 1, "participant.left": -1}
    counted = count + sum(changes.get(frame["type"], 0) for frame in await socket.heard())
    assert counted == (await sdk("anna").get(f"/dialogs/{dialog_id}"))["participants_count"] == 3
    await sdk("anna").call("POST", f"/dialogs/{dialog_id}/leave")
    assert (await socket.expect("participant.left"))["user_id"] == "anna"


@pytest.mark.gen_test
async def test_14_the_place_for_an_upload_is_an_absolute_url(sdk: Sdk, host: ApiClient) -> None:
    dialog_id = await dialog_of(host, "anna")
    file = {"dialog_id": dialog_id, "filename": "cmr.pdf", "content_type": "application/pdf", "size": 20_480}
    for content_type in ("application/pdf", ""):
        place = (await sdk("anna").call("POST", "/upload/presign", file | {"content_type": content_type})).data
        assert re.match(r"https?://[^/]+/", place["upload_url"])
        assert place["s3_key"].startswith(f"dialogs/{dialog_id}/")
        assert place["expires_in"] > 0
    refused = await sdk("anna").call("POST", "/upload/presign", file | {"content_type": "application/x-sh"})
    assert refused.error == (400, "UNSUPPORTED_FILE_TYPE")


@pytest.mark.gen_test
async def test_15_the_fifty_it_loads_are_the_pinned_and_the_active_ones(sdk: Sdk, host: ApiClient) -> None:
    """F39: it never sends a limit; what it would put on top is among what it gets, in the order it makes of it."""
    made = [await dialog_of(host, "anna") for _ in range(55)]
    anna = sdk("anna")
    await anna.call("POST", f"/dialogs/{made[0]}/pin")
    await anna.send(made[1], "news")
    items = await anna.get("/dialogs", archived="false")
    assert len(items) == 50
    assert [item["id"] for item in items[:3]] == [made[0], made[1], made[-1]]
    again = sorted(items, key=lambda item: (item["is_pinned"], item.get("last_message_at") or item["created_at"]))
    assert items == again[::-1]


@pytest.mark.gen_test
async def test_16_a_join_without_contacts_is_enough(sdk: Sdk, host: ApiClient) -> None:
    dialog_id = await dialog_of(host, "anna")
    joined = await sdk("vera").call("POST", f"/dialogs/{dialog_id}/join", {"display_name": "Vera", "company": "Orrin"})
    assert joined.status == 200
    people = await sdk("vera").get(f"/dialogs/{dialog_id}/participants")
    assert [(one["user_id"], one["email"], one["phone"]) for one in people[1:]] == [("vera", None, None)]


@pytest.mark.gen_test
async def test_17_a_reply_names_an_id_or_nothing_and_attachments_are_a_list(sdk: Sdk, host: ApiClient) -> None:
    """A target that was just deleted costs the reader nothing he wrote (F33)."""
    dialog_id = await dialog_of(host, "anna")
    anna = sdk("anna")
    first = await anna.send(dialog_id, "<p>one</p>")
    assert (first["reply_to_id"], "attachments" in first) == (None, False)
    reply = await anna.send(dialog_id, "<p>two</p>", reply_to=first["id"])
    assert reply["reply_to_id"] == first["id"]
    await anna.call("DELETE", f"/dialogs/{dialog_id}/messages/{first['id']}")
    late = await anna.send(dialog_id, "<p>three</p>", reply_to=first["id"])
    assert late["reply_to_id"] is None
