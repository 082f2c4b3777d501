"""P4: an S3 that dies, hangs or comes back in the middle costs a clear 503 and nothing else."""

import asyncio
import time
from collections.abc import Callable

import pytest

from mtchat.core.file_cleanup import remove_objects
from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import get_bytes, upload
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
