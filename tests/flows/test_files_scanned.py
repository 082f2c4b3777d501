"""Malware: until somebody has looked, a file is held back; an infected one is removed, and shown as such (P1)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from mtchat.core.file_cleanup import remove_objects
from mtchat.core.services import Services
from mtchat.jobs.drawing import Draughtsman
from mtchat.jobs.scanning import Scanner
from mtchat.jobs.thumbnails import look_at_due_files
from tests.support.clamd import MALWARE, write_scanner
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import get_bytes, png, upload
from tests.support.fix_sockets import Connect

Api = Callable[[str], ApiClient]
CLEAN = png(60, 40)


@pytest.fixture
def environment(storage_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return storage_environment | {"SCAN_COMMAND": f"'{write_scanner(tmp_path)}' --quiet"}


@pytest.fixture
def draughtsman(io_loop: IOLoop) -> Iterator[Draughtsman]:
    made = Draughtsman()
    yield made
    io_loop.run_sync(made.close)


async def sent_file(client: ApiClient, dialog_id: str, body: bytes, content_type: str) -> dict[str, Any]:
    """Send a file and return its attachment."""
    named = await upload(client, dialog_id, body, content_type, "a file")
    attachment: dict[str, Any] = (await send(client, dialog_id, "", attachments=[named]))["attachments"][0]
    return attachment


async def shown(client: ApiClient, dialog_id: str) -> list[dict[str, Any]]:
    """The attachments of a dialog as a page has them."""
    page = (await client.get(f"/dialogs/{dialog_id}/messages")).data["messages"]
    return [file for message in page for file in message.get("attachments", [])]


@pytest.mark.gen_test(timeout=20)
async def test_a_file_is_held_back_until_it_is_found_clean(
    api: Api, host: ApiClient, connect: Connect, services: Services, draughtsman: Draughtsman
) -> None:
    dialog_id = await make_dialog(host)
    anna, boris = api("anna"), await connect("boris")
    sent = await sent_file(anna, dialog_id, CLEAN, "image/png")
    live = (await boris.expect("message.new"))["payload"]["message"]["attachments"][0]
    for seen in (sent, live, *await shown(anna, dialog_id)):
        assert (seen["state"], seen["url"]) == ("scanning", "")
        assert "thumbnail_url" not in seen
    held = (await anna.get(f"/attachments/{sent['id']}/url")).data
    assert (held["url"], held["thumbnail_url"]) == ("", None)
    assert await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)) == 1
    # First that it may be opened, then how it looks.
    first = (await boris.expect("attachment.updated"))["attachment"]
    assert "state" not in first
    assert (await get_bytes(anna.http, first["url"])).body == CLEAN
    second = (await boris.expect("attachment.updated"))["attachment"]
    assert (second["width"], second["height"]) == (60, 40)
    (file,) = await shown(anna, dialog_id)
    assert "state" not in file
    assert (await get_bytes(anna.http, file["thumbnail_url"])).code == 200


@pytest.mark.gen_test(timeout=20)
async def test_an_infected_file_is_removed_and_shown_as_such(
    api: Api, host: ApiClient, connect: Connect, services: Services, draughtsman: Draughtsman
) -> None:
    dialog_id = await make_dialog(host)
    anna, boris = api("anna"), await connect("boris")
    sent = await sent_file(anna, dialog_id, MALWARE, "text/plain")
    assert await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)) == 1
    told = (await boris.expect("attachment.updated"))["attachment"]
    for seen in (told, *await shown(anna, dialog_id)):
        assert (seen["id"], seen["state"], seen["url"]) == (sent["id"], "infected", "")
    assert (await anna.get(f"/attachments/{sent['id']}/url")).data["url"] == ""
    async with services.database.connection() as connection:
        await connection.execute("UPDATE storage_deletions SET due_at = now()")
    while await remove_objects(services):
        pass
    assert [entry async for entry in services.storage.list_objects("dialogs/")] == []
    assert await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)) == 0


@pytest.mark.gen_test(timeout=20)
async def test_while_nobody_can_scan_files_wait_and_are_found_clean_later(
    api: Api, host: ApiClient, services: Services, draughtsman: Draughtsman, tmp_path: Path
) -> None:
    """However long that takes; then they get their thumbnails too."""
    dialog_id = await make_dialog(host)
    await sent_file(api("anna"), dialog_id, CLEAN, "image/png")
    (tmp_path / "broken").touch()
    scanner = Scanner(services.settings.storage)
    for _ in range(8):
        assert await look_at_due_files(services, draughtsman, scanner) == 1
        assert await look_at_due_files(services, draughtsman, scanner) == 0
        async with services.database.connection() as connection:
            await connection.execute("UPDATE attachments SET due_at = now()")
    (file,) = await shown(api("anna"), dialog_id)
    assert file["state"] == "scanning"
    (tmp_path / "broken").unlink()
    assert await look_at_due_files(services, draughtsman, scanner) == 1
    (file,) = await shown(api("anna"), dialog_id)
    assert "state" not in file
    assert "thumbnail_url" in file
