"""F58, P5: what nobody needs goes, whatever dies in between; and `mtchat storage check` finds what is left."""

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mtchat.core import file_cleanup
from mtchat.core.errors import Unavailable
from mtchat.core.file_cleanup import abandon_uploads, compare, remove_objects
from mtchat.core.links import thumbnail_key
from mtchat.core.services import Services
from mtchat.jobs import cleanup
from mtchat.jobs.cleanup import clean_storage
from mtchat.jobs.drawing import Draughtsman
from mtchat.jobs.scanning import Scanner
from mtchat.jobs.thumbnails import look_at_due_files
from mtchat.persistence import storage_deletions
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import PDF, get_bytes, png, presign, put_bytes, upload

Api = Callable[[str], ApiClient]


class Crash(Exception):
    """The process ends here: nothing of the call is run after it."""


@pytest.fixture(autouse=True)
def environment(storage_environment: dict[str, str]) -> dict[str, str]:
    return storage_environment


async def objects(services: Services) -> set[str]:
    """What the storage holds."""
    return {entry.key async for entry in services.storage.list_objects("dialogs/")}


async def pass_time(services: Services, hours: float) -> None:
    """Let all rows be so much older: the clock of the database cannot be moved."""
    async with services.database.connection() as connection:
        for sql in (
            b"UPDATE storage_deletions SET due_at = due_at - %s * interval '1 hour'",
            b"UPDATE uploads SET created_at = created_at - %s * interval '1 hour'",
            b"UPDATE attachments SET due_at = due_at - %s * interval '1 hour'",
        ):
            await connection.execute(sql, [hours])


async def clean(services: Services) -> set[str]:
    """Let a worker do what it does within two days; returns what the storage holds then."""
    for _ in range(4):
        await pass_time(services, 12.5)
        await abandon_uploads(services)
        while await remove_objects(services):
            pass
    return await objects(services)


async def draw_all(services: Services) -> None:
    """Let a worker make all thumbnails."""
    draughtsman = Draughtsman()
    try:
        while await look_at_due_files(services, draughtsman, Scanner(services.settings.storage)):
            pass
    finally:
        await draughtsman.close()


async def sent_picture(client: ApiClient, dialog_id: str) -> dict[str, Any]:
    """Send a picture."""
    named = await upload(client, dialog_id, png(60, 40), "image/png", "a.png")
    return await send(client, dialog_id, "", attachments=[named])


@pytest.mark.gen_test(timeout=30)
async def test_thumbnails_go_with_their_message_and_their_dialog(api: Api, host: ApiClient, services: Services) -> None:
    kept, gone = await make_dialog(host), await make_dialog(host)
    anna = api("anna")
    message = await sent_picture(anna, kept)
    await sent_picture(anna, gone)
    stays = await sent_picture(anna, kept)
    await draw_all(services)
    assert len([key for key in await objects(services) if "/thumbs/" in key]) == 3
    assert (await anna.delete(f"/dialogs/{kept}/messages/{message['id']}")).status == 204
    assert (await host.delete(f"/dialogs/{gone}")).status == 204
    left = await clean(services)
    assert len(left) == 2
    assert thumbnail_key(kept, stays["attachments"][0]["id"]) in left


def crashing(
    target: object, name: str, monkeypatch: pytest.MonkeyPatch, *, after: bool, query: str | None = None
) -> None:
    """Let the process end just before, or just after, a call; of calls that run a named query, that of this one."""
    real: Callable[..., Awaitable[Any]] = getattr(target, name)

    async def crash(*arguments: Any, **named: Any) -> Any:
        if query is not None and arguments[0] != query:
            return await real(*arguments, **named)
        if after:
            await real(*arguments, **named)
        raise Crash

    monkeypatch.setattr(target, name, crash)


# Where a send stands when its process ends: what is called, and whether that was done.
STEPS_OF_A_SEND = [("storage", "inspect", None, False), ("storage", "inspect", None, True),
                   ("storage", "keep", None, False), ("storage", "keep", None, True),
                   ("database", "fetch_all", "send_messages", False), ("database", "fetch_all", "send_messages", True),
                   ("database", "fetch_one", "attach_files", True)]  # fmt: skip


@pytest.mark.usefixtures("_nothing_is_young")
@pytest.mark.parametrize(("owner", "name", "query", "after"), STEPS_OF_A_SEND)
@pytest.mark.gen_test(timeout=30)
async def test_a_send_that_ends_anywhere_leaves_nothing_and_can_be_repeated(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch, owner: str, name: str,
    query: str | None, after: bool,
) -> None:  # fmt: skip
    dialog_id = await make_dialog(host)
    anna = api("anna")
    call = f"/dialogs/{dialog_id}/messages"
    repeated, never = [
        {"content": "x", "attachments": [await upload(anna, dialog_id)], "client_message_id": key} for key in "ab"
    ]
    with monkeypatch.context() as patch:
        crashing(getattr(services, owner), name, patch, after=after, query=query)
        for body in (repeated, never):
            assert (await anna.post(call, body)).status == 500
    assert [m["message_type"] for m in (await anna.get(call)).data["messages"]] == ["system"]
    sent = await anna.post(call, repeated)
    assert len(await clean(services)) == 1
    assert (await get_bytes(anna.http, sent.data["attachments"][0]["url"])).body == PDF
    await assert_agreed(services)


@pytest.mark.usefixtures("_nothing_is_young")
@pytest.mark.parametrize(("name", "after"), [("begin_parts", False), ("begin_parts", True)])
@pytest.mark.gen_test(timeout=20)
async def test_an_upload_in_parts_that_never_began_goes(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    dialog_id = await make_dialog(host)
    asked = {"dialog_id": dialog_id, "filename": "b", "content_type": "", "size": 17_000_000}
    begun: list[tuple[str, str]] = []
    begin = services.storage.begin_parts

    async def begin_and_crash(key: str, content_type: str) -> str:
        if after:
            begun.append((key, await begin(key, content_type)))
        raise Crash

    monkeypatch.setattr(services.storage, "begin_parts", begin_and_crash)
    assert (await api("anna").post("/upload/multipart", asked)).status == 500
    await clean(services)
    for key, parts_id in begun:
        assert await services.storage.list_parts(key, parts_id) is None
    await assert_agreed(services)


@pytest.mark.usefixtures("_nothing_is_young")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.gen_test(timeout=30)
async def test_parts_become_one_object_even_if_the_first_try_ends_in_the_middle(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    asked = {"dialog_id": dialog_id, "filename": "b", "content_type": "", "size": 17_000_000}
    begun = (await anna.post("/upload/multipart", asked)).data
    for part in begun["parts"]:
        assert (await put_bytes(anna.http, part["upload_url"], bytes(part["size"]))).code == 200
    call = f"/upload/multipart/{begun['upload_id']}"
    with monkeypatch.context() as patch:
        crashing(services.storage, "finish_parts", patch, after=after)
        assert (await anna.post(f"{call}/complete")).status == 500
    state = (await anna.get(call)).data
    assert all(part["is_stored"] for part in state["parts"])
    assert (await anna.post(f"{call}/complete")).data == {"s3_key": begun["s3_key"], "size": 17_000_000}
    await send(anna, dialog_id, "", attachments=[asked | {"s3_key": begun["s3_key"]}])
    assert len(await clean(services)) == 1
    await assert_agreed(services)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.gen_test(timeout=20)
async def test_a_removal_that_ends_in_the_middle_is_done_again(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    message = await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)])
    assert (await anna.delete(f"/dialogs/{dialog_id}/messages/{message['id']}")).status == 204
    with monkeypatch.context() as patch:
        crashing(services.storage, "delete", patch, after=after)
        with pytest.raises(Crash):
            await remove_objects(services)
    assert await clean(services) == set()
    assert await storage_deletions.claim_deletions(services.database, 10) == []


@pytest.mark.gen_test(timeout=20)
async def test_a_storage_that_is_away_keeps_removals_for_later(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P4: one that fails holds back no other."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    message = await send(anna, dialog_id, attachments=[await upload(anna, dialog_id), await upload(anna, dialog_id)])
    assert (await anna.delete(f"/dialogs/{dialog_id}/messages/{message['id']}")).status == 204
    delete, refused = services.storage.delete, list[str]()

    async def refusing_the_first(key: str) -> None:
        if not refused:
            refused.append(key)
            raise Unavailable("away")
        await delete(key)

    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "delete", refusing_the_first)
        assert await remove_objects(services) >= 1
    assert refused[0] in await objects(services)
    assert await clean(services) == set()


@pytest.mark.gen_test(timeout=20)
async def test_what_arrives_for_an_upload_that_was_given_up_goes_too(
    api: Api, host: ApiClient, services: Services
) -> None:
    """S3 takes it as long as the url is good; on disk nobody does."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    upload_id = leave["s3_key"].rpartition("/")[2].partition(".")[0]
    assert (await anna.delete(f"/upload/multipart/{upload_id}")).status == 204
    while await remove_objects(services):
        pass
    late = await put_bytes(anna.http, leave["upload_url"], PDF, "application/pdf")
    assert late.code == (404 if services.storage.keeps_first_write else 200)
    assert await clean(services) == set()


@pytest.mark.gen_test(timeout=20)
async def test_the_loop_of_a_worker_cleans_and_outlives_errors(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "_SWEEP_SECS", 0.01)
    failures: list[Exception] = [ValueError("a bug"), Unavailable("away")]
    removed = asyncio.Event()

    async def failing_at_first(services: Services) -> int:
        if failures:
            raise failures.pop()
        count = await remove_objects(services)
        if count:
            removed.set()
        return count

    monkeypatch.setattr(cleanup, "remove_objects", failing_at_first)
    dialog_id = await make_dialog(host)
    anna = api("anna")
    message = await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)])
    assert (await anna.delete(f"/dialogs/{dialog_id}/messages/{message['id']}")).status == 204
    task = asyncio.create_task(clean_storage(services))
    await asyncio.wait_for(removed.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert failures == []


async def assert_agreed(services: Services) -> None:
    """Storage and database say the same, however old everything is."""
    found = await compare(services, fix=False)
    assert (found.strays, found.missing, found.thumbnails) == ([], [], [])
    assert found.objects == len(await objects(services))


@pytest.fixture
def _nothing_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there for a second may be a stray."""
    monkeypatch.setattr(file_cleanup, "STRAY_AGE_SECS", -5.0)


@pytest.mark.usefixtures("_nothing_is_young")
@pytest.mark.gen_test(timeout=30)
async def test_a_comparison_finds_strays_lost_files_and_lost_thumbnails(
    api: Api, host: ApiClient, services: Services, tmp_path: Path
) -> None:
    dialogs = [await make_dialog(host) for _ in range(3)]
    anna = api("anna")
    pictures = [await sent_picture(anna, dialog_id) for dialog_id in dialogs]
    waiting = await upload(anna, dialogs[0])
    await draw_all(services)
    await clean_but_uploads(services)
    await assert_agreed(services)
    before = await objects(services)
    assert waiting["s3_key"] in before
    stray_file, stray_thumbnail = (
        f"dialogs/{dialogs[1]}/{uuid.uuid4()}.pdf",
        thumbnail_key(dialogs[2], str(uuid.uuid4())),
    )
    nowhere = f"dialogs/{uuid.uuid4()}/files/{uuid.uuid4()}.bin"
    source = tmp_path / "source"
    source.write_bytes(b"xyz")
    for key in (stray_file, stray_thumbnail, nowhere):
        await services.storage.put(key, source, "image/webp")
    lost_thumbnail = thumbnail_key(dialogs[0], pictures[0]["attachments"][0]["id"])
    await services.storage.delete(lost_thumbnail)
    (lost,) = [key for key in before if key.startswith(f"dialogs/{dialogs[2]}/") and "/thumbs/" not in key]
    await services.storage.delete(lost)
    found = await compare(services, fix=True)
    assert {entry.key for entry in found.strays} == {stray_file, stray_thumbnail, nowhere}
    assert [file.key for file in found.missing] == [lost]
    assert [file.id for file in found.thumbnails] == [pictures[0]["attachments"][0]["id"]]
    await draw_all(services)
    await clean_but_uploads(services)
    assert await objects(services) == before - {lost}
    again = await compare(services, fix=False)
    assert (again.strays, again.thumbnails, [file.key for file in again.missing]) == ([], [], [lost])


async def clean_but_uploads(services: Services) -> None:
    """Let a worker remove what is queued."""
    async with services.database.connection() as connection:
        await connection.execute("UPDATE storage_deletions SET due_at = now()")
    while await remove_objects(services):
        pass


@pytest.mark.gen_test(timeout=20)
async def test_what_is_young_is_no_stray(services: Services, tmp_path: Path) -> None:
    """A send may be under way at this moment."""
    source = tmp_path / "source"
    source.write_bytes(b"xyz")
    await services.storage.put(f"dialogs/{uuid.uuid4()}/{uuid.uuid4()}.pdf", source, "application/pdf")
    assert (await compare(services, fix=True)).strays == []
    assert len(await objects(services)) == 1


@pytest.mark.usefixtures("_nothing_is_young")
@pytest.mark.gen_test(timeout=30)
async def test_a_comparison_reads_both_sides_in_pages(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A difference at the border of a page is found as any other."""
    monkeypatch.setattr(file_cleanup, "_KEYS_AT_ONCE", 2)
    anna = api("anna")
    for _ in range(3):
        dialog_id = await make_dialog(host)
        for _ in range(3):
            await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)])
    await clean_but_uploads(services)
    await assert_agreed(services)
    lost = sorted(await objects(services))[2::3]
    for key in lost:
        await services.storage.delete(key)
    assert [file.key for file in (await compare(services, fix=False)).missing] == lost


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_the_command_reports_and_mends(
    api: Api, host: ApiClient, services: Services, database_url: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """`mtchat storage check [--fix]`: for people, with a status for scripts."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    message = await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)])
    await clean_but_uploads(services)

    async def run(*options: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mtchat", "storage", "check", *options,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url, "LOG_LEVEL": "error",
                 "STORAGE_DIR": str(tmp_path / "files"), **environment},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()

    status, output = await run()
    assert (status, output.splitlines()[0]) == (0, "objects: 1")
    stray = f"dialogs/{dialog_id}/{uuid.uuid4()}.pdf"
    source = tmp_path / "source"
    source.write_bytes(b"xyz")
    await services.storage.put(stray, source, "application/pdf")
    if services.storage.keeps_first_write:
        # Only there can a test make an object old.
        old = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
        os.utime(tmp_path / "files" / "objects" / stray, (old, old))
        status, output = await run()
        assert status == 1
        assert "strays, which nobody needs: 1 (3 bytes)" in output
        assert stray in output
        status, output = await run("--fix")
        assert status == 0
        assert "to be removed by a worker" in output
        await clean_but_uploads(services)
        assert stray not in await objects(services)
    for key in await objects(services):
        await services.storage.delete(key)
    status, output = await run("--fix")
    assert status == 1
    assert "missing files of messages: 1" in output
    assert message["id"] in output
