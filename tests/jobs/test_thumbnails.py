"""F57, P1, P4: workers look at new files; open chats are told, later reads show it, hostile files harm nobody."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from mtchat.core.file_work import LEASE_SECS
from mtchat.core.services import Services
from mtchat.jobs import thumbnails
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.drawing import Draughtsman, Drawing
from mtchat.jobs.embedded import EmbeddedWorker
from mtchat.jobs.scanning import Scanner
from mtchat.jobs.thumbnails import look_at_due_files, look_at_files
from mtchat.persistence.attachments import claim_due_files
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import PDF, get_bytes, png, presign, put_bytes, upload
from tests.support.fix_jobs import StraightBell
from tests.support.fix_sockets import Connect
from tests.support.hostile import ENDLESS, FILES, SVG, page, picture, stream

Api = Callable[[str], ApiClient]
PAGE = page(stream(b"1 0 0 rg 0 0 100 100 re f"))


@pytest.fixture(autouse=True)
def environment(storage_environment: dict[str, str]) -> dict[str, str]:
    return storage_environment


@pytest.fixture
def draughtsman(io_loop: IOLoop) -> Iterator[Draughtsman]:
    """One who is less patient than a worker's."""
    made = Draughtsman(drawing_secs=3.0)
    yield made
    io_loop.run_sync(made.close)


async def look_at_all(services: Services, draughtsman: Draughtsman) -> int:
    """Work on whatever is due; returns how many files that was."""
    count = 0
    while number := await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)):
        count += number
    return count


async def sent_file(client: ApiClient, dialog_id: str, body: bytes, content_type: str, name: str) -> dict[str, Any]:
    """Send a message with this file and return it."""
    return await send(client, dialog_id, "", attachments=[await upload(client, dialog_id, body, content_type, name)])


@pytest.mark.gen_test(timeout=20)
async def test_open_chats_are_told_of_a_thumbnail_and_nobody_else_is(
    api: Api, host: ApiClient, connect: Connect, services: Services, draughtsman: Draughtsman
) -> None:
    dialog_id, other = await make_dialog(host), await make_dialog(host, ["vera", "boris"])
    anna, boris, vera = [await connect(name) for name in ("anna", "boris", "vera")]
    original = picture("JPEG", (1600, 800))
    message = await sent_file(api("anna"), dialog_id, original, "image/jpeg", "a.jpg")
    (before,) = message["attachments"]
    assert {"width", "height", "thumbnail_url"}.isdisjoint(before)
    assert await look_at_all(services, draughtsman) == 1
    for socket in (anna, boris):
        told = await socket.expect("attachment.updated", message_id=message["id"])
        assert set(told) == {"type", "seq", "dialog_id", "message_id", "attachment"}
        assert told["dialog_id"] == dialog_id
        shown = told["attachment"]
        assert (shown["id"], shown["width"], shown["height"]) == (before["id"], 1600, 800)
        answer = await get_bytes(api("anna").http, shown["thumbnail_url"])
        assert (answer.code, answer.headers["Content-Type"]) == (200, "image/webp")
        assert len(answer.body) < len(original) / 4
    # Who is elsewhere hears of what happens there, and nothing of this.
    await send(api("boris"), other)
    await vera.expect("message.new", dialog_id=other)
    assert "attachment.updated" not in vera.kinds


@pytest.mark.gen_test(timeout=20)
async def test_later_reads_show_a_thumbnail_and_who_comes_back_is_told(
    api: Api, host: ApiClient, connect: Connect, services: Services, draughtsman: Draughtsman
) -> None:
    """P3, F26: page, one message, edit, fresh links, resume."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    message = await sent_file(anna, dialog_id, PAGE, "application/pdf", "a.pdf")
    await look_at_all(services, draughtsman)
    call = f"/dialogs/{dialog_id}/messages"
    page_ = (await anna.get(call)).data
    one = (await anna.get(f"{call}/{message['id']}")).data
    edited = (await anna.put(f"{call}/{message['id']}", {"content": "<p>see</p>"})).data
    for seen in (page_["messages"][-1], one, edited):
        (file,) = seen["attachments"]
        assert (file["width"], file["height"]) == (200, 100)
        assert (await get_bytes(anna.http, file["thumbnail_url"])).code == 200
    fresh = (await api("boris").get(f"/attachments/{message['attachments'][0]['id']}/url")).data
    assert (await get_bytes(anna.http, fresh["thumbnail_url"])).code == 200
    boris = await connect("boris")
    boris.send({"type": "resume", "dialogs": {dialog_id: page_["seq"] - 1}})
    told = await boris.expect("attachment.updated", message_id=message["id"])
    assert told["seq"] == page_["seq"]
    assert told["attachment"]["width"] == 200


@pytest.mark.gen_test(timeout=20)
async def test_a_file_without_a_picture_needs_no_worker(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman
) -> None:
    dialog_id = await make_dialog(host)
    await sent_file(api("anna"), dialog_id, b"a,b", "text/csv", "a.csv")
    await sent_file(api("anna"), dialog_id, SVG, "image/svg+xml", "a.svg")
    assert await look_at_all(services, draughtsman) == 0


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_hostile_files_stay_as_they_are_and_the_worker_goes_on(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman
) -> None:
    """Each is refused when it is sent, because it is not what it says; or it is kept, byte for byte."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    refused, kept = set(), {}
    for name, (content_type, make) in FILES.items():
        if name == ENDLESS:
            continue
        body = make()
        named = await upload(anna, dialog_id, body, content_type, "a file")
        answer = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "", "attachments": [named]})
        if answer.status == 400:
            assert answer.error == (400, "INVALID_INPUT")
            refused.add(name)
        else:
            kept[answer.data["attachments"][0]["id"]] = hashlib.sha256(body).digest()
    assert refused == {name for name in FILES if " that says it is a" in name and not name.startswith("noise")}
    assert await look_at_all(services, draughtsman) == len(kept)
    messages = (await anna.get(f"/dialogs/{dialog_id}/messages", limit=100)).data["messages"]
    shown = {file["id"]: file for message in messages for file in message.get("attachments", [])}
    assert set(shown) == set(kept)
    for file_id, digest in kept.items():
        found = await get_bytes(anna.http, shown[file_id]["url"])
        assert hashlib.sha256(found.body).digest() == digest
    assert any("thumbnail_url" in file for file in shown.values())
    assert any("thumbnail_url" not in file for file in shown.values())


@pytest.mark.gen_test(timeout=20)
async def test_a_message_that_is_deleted_while_its_picture_is_drawn_leaves_nothing(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    message = await sent_file(anna, dialog_id, png(60, 40), "image/png", "a.png")
    draw = draughtsman.draw

    async def draw_slowly(source: Path, target: Path, content_type: str) -> Drawing:
        assert (await anna.delete(f"/dialogs/{dialog_id}/messages/{message['id']}")).status == 204
        return await draw(source, target, content_type)

    monkeypatch.setattr(draughtsman, "draw", draw_slowly)
    assert await look_at_all(services, draughtsman) == 1
    stored = {entry.key async for entry in services.storage.list_objects("dialogs/")}
    queued = await services.database.fetch_all("claim_deletions", {"most": 10})
    # The thumbnail that nobody speaks of any more is to go with the rest.
    assert {key for key in stored if "/thumbs/" in key} <= {row["key"] for row in queued}


@pytest.mark.gen_test(timeout=20)
async def test_a_worker_that_ends_in_the_middle_leaves_its_file_to_another(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman
) -> None:
    """P5: what it took on is due again when its lease ends."""
    dialog_id = await make_dialog(host)
    await sent_file(api("anna"), dialog_id, png(60, 40), "image/png", "a.png")
    assert len(await claim_due_files(services.database, 2, LEASE_SECS)) == 1
    assert await look_at_all(services, draughtsman) == 0
    await pass_time(services, LEASE_SECS)
    assert await look_at_all(services, draughtsman) == 1
    (file,) = (await api("anna").get(f"/dialogs/{dialog_id}/messages")).data["messages"][-1]["attachments"]
    assert file["width"] == 60


@pytest.mark.gen_test(timeout=20)
async def test_a_file_that_ends_worker_after_worker_is_left_alone_in_the_end(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman
) -> None:
    dialog_id = await make_dialog(host)
    await sent_file(api("anna"), dialog_id, png(60, 40), "image/png", "a.png")
    for _ in range(5):
        assert len(await claim_due_files(services.database, 2, LEASE_SECS)) == 1
        await pass_time(services, LEASE_SECS)
    assert await look_at_all(services, draughtsman) == 1
    (file,) = (await api("anna").get(f"/dialogs/{dialog_id}/messages")).data["messages"][-1]["attachments"]
    assert "thumbnail_url" not in file
    assert (await get_bytes(api("anna").http, file["url"])).body == png(60, 40)
    await pass_time(services, 1e6)
    assert await look_at_all(services, draughtsman) == 0


@pytest.mark.gen_test(timeout=20)
async def test_a_file_that_is_lost_is_looked_for_and_then_given_up(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman
) -> None:
    dialog_id = await make_dialog(host)
    await sent_file(api("anna"), dialog_id, png(60, 40), "image/png", "a.png")
    async for entry in services.storage.list_objects("dialogs/"):
        await services.storage.delete(entry.key)
    looked = 0
    while await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)):
        looked += 1
        await pass_time(services, 1e6)
    assert looked == 6


async def pass_time(services: Services, secs: float) -> None:
    """Move what waits so many seconds nearer."""
    async with services.database.connection() as connection:
        await connection.execute("UPDATE attachments SET due_at = due_at - %s * interval '1 second'", [secs])


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """The loop of a worker, beside the server."""
    bridge = Bridge()
    before, services.jobs = services.jobs, StraightBell(services, bridge)
    task = asyncio.create_task(look_at_files(services, bridge))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        services.jobs = before


@pytest.mark.gen_test(timeout=20)
async def test_a_send_rings_for_the_worker(
    api: Api, host: ApiClient, connect: Connect, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "SWEEP_SECS", 60.0)
    dialog_id = await make_dialog(host)
    boris = await connect("boris")
    async with working(services):
        for name in ("a.png", "b.png"):
            message = await sent_file(api("anna"), dialog_id, png(60, 40), "image/png", name)
            await boris.expect("attachment.updated", message_id=message["id"])


@pytest.mark.gen_test(timeout=20)
async def test_an_error_of_ours_ends_no_loop(
    api: Api, host: ApiClient, connect: Connect, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "SWEEP_SECS", 0.01)
    failures = [ValueError("a bug"), ValueError("another")]

    async def failing_at_first(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return await claim_due_files(*arguments)

    monkeypatch.setattr(thumbnails, "claim_due_files", failing_at_first)
    dialog_id = await make_dialog(host)
    boris = await connect("boris")
    async with working(services):
        message = await sent_file(api("anna"), dialog_id, png(60, 40), "image/png", "a.png")
        await boris.expect("attachment.updated", message_id=message["id"])


@pytest.mark.gen_test(timeout=30)
async def test_the_worker_inside_a_server_draws_from_its_own_thread(
    api: Api, host: ApiClient, connect: Connect, services: Services
) -> None:
    """P7: one process is a whole installation."""
    dialog_id = await make_dialog(host)
    boris = await connect("boris")
    embedded = EmbeddedWorker(services)
    embedded.start()
    try:
        message = await sent_file(api("anna"), dialog_id, png(60, 40), "image/png", "a.png")
        told = await boris.expect("attachment.updated", message_id=message["id"])
    finally:
        await embedded.stop()
    assert (await get_bytes(api("anna").http, told["attachment"]["thumbnail_url"])).code == 200


@pytest.mark.gen_test
async def test_nobody_can_upload_a_thumbnail(api: Api, host: ApiClient, services: Services) -> None:
    """The place of thumbnails is no place an upload can have."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    forged = leave["upload_url"].replace(f"{dialog_id}/", f"{dialog_id}/thumbs/", 1)
    assert (await put_bytes(anna.http, forged, PDF, "application/pdf")).code in (400, 403, 404, 405)
    item = {
        "s3_key": f"dialogs/{dialog_id}/thumbs/{leave['s3_key'][45:81]}",
        "filename": "a",
        "content_type": "",
        "size": 9,
    }
    refused = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "x", "attachments": [item]})
    assert refused.error == (400, "INVALID_INPUT")
