"""P4: an S3 that dies, hangs or comes back in the middle costs a clear 503 and nothing else."""

import asyncio
import time
from collections.abc import Callable

import pytest

from mtchat.core.file_cleanup import remove_objects
from mtchat.core.services import Services
from mtchat.jobs.drawing import Draughtsman
from mtchat.jobs.scanning import Scanner
from mtchat.jobs.thumbnails import look_at_due_files
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import get_bytes, png, put_bytes, upload
from tests.support.fix_storage import MinioServer

pytestmark = pytest.mark.slow

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment(own_minio: MinioServer) -> dict[str, str]:
    return own_minio.new_bucket()


@pytest.mark.gen_test(timeout=60)
async def test_a_storage_that_is_away_is_503_and_the_same_send_works_later(
    api: Api, host: ApiClient, own_minio: MinioServer, services: Services
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    call = f"/dialogs/{dialog_id}/messages"
    shown = await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)])
    body = {"content": "x", "attachments": [await upload(anna, dialog_id)], "client_message_id": "again"}
    own_minio.stop()
    refused = await anna.post(call, body)
    assert refused.error == (503, "SERVICE_UNAVAILABLE")
    assert refused.headers["Retry-After"]
    large = {"dialog_id": dialog_id, "filename": "b.bin", "content_type": "", "size": 20_000_000}
    assert (await anna.post("/upload/multipart", large)).error == (503, "SERVICE_UNAVAILABLE")
    # What needs no storage goes on: messages, pages with their urls, leave to upload, deletes.
    await send(anna, dialog_id)
    page = (await anna.get(call)).data["messages"]
    assert [len(m.get("attachments", [])) for m in page if m["message_type"] == "user"] == [1, 0]
    assert (await anna.delete(f"{call}/{shown['id']}")).status == 204
    assert await remove_objects(services) == 0
    ready = ApiClient(anna.http, anna.base_url)
    ready.root = ""
    answer = await ready.get("/health/ready")
    assert (answer.status, answer.json["details"]["storage"]) == (200, "not answering")
    own_minio.start()
    sent = await anna.post(call, body)
    assert sent.status == 200
    assert (await get_bytes(anna.http, sent.data["attachments"][0]["url"])).code == 200
    async with services.database.connection() as connection:
        await connection.execute("UPDATE storage_deletions SET due_at = now()")
    assert await remove_objects(services) > 0
    stored = [entry async for entry in services.storage.list_objects("dialogs/")]
    assert len(stored) == 1


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_in_parts_goes_on_when_the_storage_is_back(
    api: Api, host: ApiClient, own_minio: MinioServer
) -> None:
    """What had arrived is there; what was lost is sent again with fresh urls."""
    anna = api("anna")
    asked = {"dialog_id": await make_dialog(host), "filename": "b", "content_type": "", "size": 17_000_000}
    begun = (await anna.post("/upload/multipart", asked)).data
    call = f"/upload/multipart/{begun['upload_id']}"
    first, *others = begun["parts"]
    assert (await put_bytes(anna.http, first["upload_url"], bytes(first["size"]))).code == 200
    own_minio.stop()
    for part in others:
        with pytest.raises(ConnectionRefusedError):
            await put_bytes(anna.http, part["upload_url"], bytes(part["size"]))
    assert (await anna.get(call)).error == (503, "SERVICE_UNAVAILABLE")
    assert (await anna.post(f"{call}/complete")).error == (503, "SERVICE_UNAVAILABLE")
    own_minio.start()
    state = (await anna.get(call)).data
    assert [part["is_stored"] for part in state["parts"]] == [True, False, False]
    for part in state["parts"][1:]:
        assert (await put_bytes(anna.http, part["upload_url"], bytes(part["size"]))).code == 200
    assert (await anna.post(f"{call}/complete")).data == {"s3_key": begun["s3_key"], "size": 17_000_000}


@pytest.mark.gen_test(timeout=60)
async def test_a_thumbnail_is_made_when_the_storage_is_back(
    api: Api, host: ApiClient, own_minio: MinioServer, services: Services
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    await send(anna, dialog_id, attachments=[await upload(anna, dialog_id, png(60, 40), "image/png", "a.png")])
    draughtsman, scanner = Draughtsman(), Scanner(services.settings.storage)
    own_minio.stop()
    for _ in range(7):
        assert await look_at_due_files(services, draughtsman, scanner) == 1
        assert await look_at_due_files(services, draughtsman, scanner) == 0
        async with services.database.connection() as connection:
            await connection.execute("UPDATE attachments SET due_at = now()")
    own_minio.start()
    assert await look_at_due_files(services, draughtsman, scanner) == 1
    await draughtsman.close()
    (file,) = (await anna.get(f"/dialogs/{dialog_id}/messages")).data["messages"][-1]["attachments"]
    assert (await get_bytes(anna.http, file["thumbnail_url"])).code == 200


@pytest.mark.gen_test(timeout=90)
async def test_a_storage_that_hangs_slows_nobody_who_sends_no_files(
    api: Api, host: ApiClient, own_minio: MinioServer
) -> None:
    dialog_id = await make_dialog(host)
    anna, boris = api("anna"), api("boris")
    call = f"/dialogs/{dialog_id}/messages"
    files = [await upload(anna, dialog_id) for _ in range(4)]
    own_minio.freeze()
    hanging = [asyncio.create_task(anna.post(call, {"content": "x", "attachments": [file]})) for file in files]
    took = []
    for _ in range(50):
        started = time.monotonic()
        await send(boris, dialog_id)
        took.append(time.monotonic() - started)
    assert not any(task.done() for task in hanging)
    assert sorted(took)[45] < 0.25
    answers = await asyncio.gather(*hanging)
    assert {answer.error for answer in answers} == {(503, "SERVICE_UNAVAILABLE")}
    own_minio.thaw()
    page = (await anna.get(call)).data["messages"]
    assert all("attachments" not in message for message in page)
    assert (await anna.post(call, {"content": "x", "attachments": [files[0]]})).status == 200
