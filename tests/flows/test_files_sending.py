"""Files with messages, on both kinds of storage: leave, upload, send, show, delete (contract 8, F6, F7, F26, F56)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mtchat.core.file_cleanup import abandon_uploads, remove_objects
from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import PDF, get_bytes, png, presign, put_bytes, upload
from tests.support.fix_sockets import Connect

Api = Callable[[str], ApiClient]


@pytest.fixture(autouse=True)
def environment(storage_environment: dict[str, str]) -> dict[str, str]:
    return storage_environment


async def objects(services: Services) -> set[str]:
    """What the storage holds."""
    return {entry.key async for entry in services.storage.list_objects("dialogs/")}


async def cleaned(services: Services) -> set[str]:
    """What the storage holds once all that is to go is gone, however late it was to be."""
    async with services.database.connection() as connection:
        await connection.execute("UPDATE storage_deletions SET due_at = now()")
    while await remove_objects(services):
        pass
    return await objects(services)


def without_urls(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it is apart from its urls, which are new each time."""
    attachments = [{k: v for k, v in file.items() if k != "url"} for file in message["attachments"]]
    return message | {"attachments": attachments}


@pytest.mark.gen_test(timeout=20)
async def test_the_same_full_message_everywhere_each_with_urls_that_open(
    api: Api, host: ApiClient, connect: Connect
) -> None:
    """F25, F26: answer of the send, page, one message, edit, live frames, resume."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    boris = await connect("boris")
    plain = await send(anna, dialog_id)
    files = [await upload(anna, dialog_id), await upload(anna, dialog_id, png(), "image/png", "größe 1.png")]
    sent = await send(anna, dialog_id, "<p></p>", attachments=files)
    live = (await boris.expect("message.new", id=sent["id"]))["payload"]["message"]
    call = f"/dialogs/{dialog_id}/messages"
    page = (await anna.get(call)).data["messages"]
    one = (await api("boris").get(f"{call}/{sent['id']}")).data
    edited = (await anna.put(f"{call}/{sent['id']}", {"content": "<p></p>"})).data
    shown = (await boris.expect("message.edited", id=sent["id"]))["payload"]["message"]
    boris.send({"type": "resume", "dialogs": {dialog_id: 1}})
    replayed = (await boris.expect("message.new", id=sent["id"]))["payload"]["message"]
    assert [message for message in page if message["id"] == plain["id"]] == [plain]
    assert "attachments" not in plain
    for seen in (live, page[-1], one, edited, shown, replayed):
        expected = without_urls(sent) | {name: seen[name] for name in ("content", "last_edited_at")}
        assert without_urls(seen) == expected
        for file, body in zip(seen["attachments"], (PDF, png()), strict=True):
            answer = await get_bytes(anna.http, file["url"])
            assert (answer.code, answer.body) == (200, body)
    first, second = sent["attachments"]
    assert set(first) == {"id", "filename", "content_type", "size", "url"}
    assert (first["filename"], first["size"]) == ("a.pdf", len(PDF))
    answer = await get_bytes(anna.http, second["url"])
    assert answer.headers["Content-Type"] == "image/png"
    disposition = "inline; filename=\"gr__e 1.png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%201.png"
    assert answer.headers["Content-Disposition"] == disposition


@pytest.mark.gen_test
async def test_what_a_browser_could_run_is_only_ever_downloaded(api: Api, host: ApiClient) -> None:
    """F16."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    for content_type, served in (("image/svg+xml", "image/svg+xml"), ("text/html", "text/plain")):
        file = await upload(anna, dialog_id, b"<svg onload='x()'/>", content_type, "x.svg")
        (attachment,) = (await send(anna, dialog_id, attachments=[file]))["attachments"]
        assert attachment["content_type"] == content_type
        answer = await get_bytes(anna.http, attachment["url"])
        assert answer.headers["Content-Type"].partition(";")[0] == served
        assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.gen_test
async def test_a_message_is_one_statement_with_files_three(api: Api, host: ApiClient, services: Services) -> None:
    """P6: its uploads are looked up, the message is stored, they are claimed, however many they are."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    files = [await upload(anna, dialog_id) for _ in range(3)]
    before = services.database.statements
    await send(anna, dialog_id)
    assert services.database.statements - before == 1
    await send(anna, dialog_id, attachments=files)
    assert services.database.statements - before == 4


@pytest.mark.gen_test
async def test_two_messages_that_claim_one_upload(api: Api, host: ApiClient, services: Services) -> None:
    """F37, F56: one wins, the other is told, nothing is half attached."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    shared, own = await upload(anna, dialog_id), await upload(anna, dialog_id)
    call = f"/dialogs/{dialog_id}/messages"
    answers = await asyncio.gather(
        *(anna.post(call, {"content": f"{n}", "attachments": [shared, own]}) for n in range(6))
    )
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400, 400, 400]
    assert {answer.error for answer in answers if answer.status == 400} == {(400, "INVALID_INPUT")}
    page = (await anna.get(call)).data["messages"]
    assert [len(message.get("attachments", [])) for message in page if message["message_type"] == "user"] == [2]
    assert (await anna.post(call, {"content": "x", "attachments": [own]})).error == (400, "INVALID_INPUT")
    assert len(await cleaned(services)) == 2


@pytest.mark.gen_test
async def test_a_repeated_send_answers_the_first_message_with_its_files(api: Api, host: ApiClient) -> None:
    """F43."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    body = {"content": "x", "attachments": [await upload(anna, dialog_id)], "client_message_id": "once"}
    answers = [await anna.post(f"/dialogs/{dialog_id}/messages", body) for _ in range(3)]
    answers += await asyncio.gather(*(anna.post(f"/dialogs/{dialog_id}/messages", body) for _ in range(4)))
    assert [answer.status for answer in answers] == [200] * 7
    assert len({str(without_urls(answer.data)) for answer in answers}) == 1


@pytest.mark.gen_test
async def test_whoever_is_not_in_the_dialog_may_do_nothing_with_its_files(api: Api, host: ApiClient) -> None:
    """F6, F7, P1: strangers and people who were in it."""
    dialog_id = await make_dialog(host, ["anna", "boris", "dora"])
    anna = api("anna")
    (attachment,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]
    left_over = await upload(api("dora"), dialog_id)
    assert (await host.delete(f"/dialogs/{dialog_id}/participants/dora")).status == 204
    asked = {"dialog_id": dialog_id, "filename": "a.pdf", "content_type": "application/pdf", "size": 1}
    for outsider in (api("vera"), api("dora")):
        assert (await outsider.post("/upload/presign", asked)).error == (403, "FORBIDDEN")
        large = asked | {"size": 20_000_000}
        assert (await outsider.post("/upload/multipart", large)).error == (403, "FORBIDDEN")
        assert (await outsider.get(f"/attachments/{attachment['id']}/url")).error == (404, "ATTACHMENT_NOT_FOUND")
        body = {"content": "x", "attachments": [left_over]}
        assert (await outsider.post(f"/dialogs/{dialog_id}/messages", body)).error == (403, "FORBIDDEN")
    fresh = (await api("boris").get(f"/attachments/{attachment['id']}/url")).data
    assert (fresh["thumbnail_url"], fresh["expires_in"]) == (None, 3600)
    assert (await get_bytes(anna.http, fresh["url"])).body == PDF


@pytest.mark.gen_test
async def test_leave_is_refused_in_the_order_of_the_contract(api: Api, host: ApiClient) -> None:
    """8.2: type, size, dialog; then membership, then the name. F55: expires_in is the setting's."""
    anna = api("anna")
    dialog_id = await make_dialog(host)
    nowhere = "01900000-0000-7000-8000-000000000099"
    asked = {"dialog_id": nowhere, "filename": "n" * 300, "content_type": "application/x-msdownload", "size": 0}
    assert (await anna.post("/upload/presign", asked)).error == (400, "UNSUPPORTED_FILE_TYPE")
    asked["content_type"] = "image/png"
    assert (await anna.post("/upload/presign", asked)).error == (400, "FILE_TOO_LARGE")
    assert (await anna.post("/upload/presign", asked | {"size": 104_857_601})).error == (400, "FILE_TOO_LARGE")
    asked["size"] = 104_857_600
    assert (await anna.post("/upload/presign", asked)).error == (404, "DIALOG_NOT_FOUND")
    asked["dialog_id"] = dialog_id
    assert (await api("vera").post("/upload/presign", asked)).error == (403, "FORBIDDEN")
    assert (await anna.post("/upload/presign", asked)).error == (400, "INVALID_INPUT")
    leave = (await anna.post("/upload/presign", asked | {"filename": "x./../../evil.PnG"})).data
    assert leave["expires_in"] == 300
    assert leave["s3_key"].startswith(f"dialogs/{dialog_id}/")
    assert leave["s3_key"].endswith(".png")


@pytest.mark.gen_test
async def test_what_a_message_names_must_be_what_was_uploaded(api: Api, host: ApiClient, services: Services) -> None:
    """F56, F61."""
    dialog_id, other_dialog = await make_dialog(host), await make_dialog(host)
    anna, boris = api("anna"), api("boris")
    call = f"/dialogs/{dialog_id}/messages"
    file = await upload(anna, dialog_id)
    theirs = await upload(boris, dialog_id)
    elsewhere = await upload(anna, other_dialog)
    leave = await presign(anna, dialog_id, PDF)
    nothing = file | {"s3_key": leave["s3_key"]}

    async def refused(*files: dict[str, Any]) -> tuple[int, str]:
        return (await anna.post(call, {"content": "x", "attachments": [*files]})).error

    assert await refused(nothing) == (400, "BAD_REQUEST")
    assert await refused(file | {"content_type": "video/x-msvideo"}) == (400, "BAD_REQUEST")
    assert await refused(file | {"size": 0}) == (400, "BAD_REQUEST")
    assert await refused(theirs) == (400, "INVALID_INPUT")
    assert await refused(elsewhere) == (400, "INVALID_INPUT")
    assert await refused(file, file) == (400, "INVALID_INPUT")
    assert await refused(file | {"size": 5}) == (400, "INVALID_INPUT")
    assert await refused(file | {"content_type": "image/png"}) == (400, "INVALID_INPUT")
    assert await refused(file | {"filename": "x" * 256}) == (400, "INVALID_INPUT")
    for key in ("../../etc/passwd", f"dialogs/{dialog_id}/..%2f", file["s3_key"] + "/x", file["s3_key"].upper(), ""):
        assert await refused(file | {"s3_key": key}) == (400, "INVALID_INPUT")
    program = await upload(anna, dialog_id, b"MZ\x90\0" * 40, "image/png", "holiday.png")
    assert await refused(program) == (400, "INVALID_INPUT")
    assert [m["message_type"] for m in (await anna.get(call)).data["messages"]] == ["system"]
    assert (await send(anna, dialog_id, "", attachments=[file]))["attachments"]


@pytest.mark.gen_test
async def test_an_upload_cannot_be_replaced_once_it_is_sent(api: Api, host: ApiClient, services: Services) -> None:
    """The link may still be valid: what was looked at is what is shown."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    file = {"filename": "a.pdf", "content_type": "application/pdf", "size": len(PDF), "s3_key": leave["s3_key"]}
    assert (await put_bytes(anna.http, leave["upload_url"], PDF, "application/pdf")).code == 200
    (attachment,) = (await send(anna, dialog_id, attachments=[file]))["attachments"]
    await put_bytes(anna.http, leave["upload_url"], b"X" * len(PDF), "application/pdf")
    assert (await get_bytes(anna.http, attachment["url"])).body == PDF
    assert len(await cleaned(services)) == 1


@pytest.mark.gen_test
async def test_objects_go_with_their_message_and_their_dialog(api: Api, host: ApiClient, services: Services) -> None:
    """F58."""
    kept, deleted = await make_dialog(host), await make_dialog(host)
    anna = api("anna")
    message = await send(anna, kept, attachments=[await upload(anna, kept), await upload(anna, kept)])
    await send(anna, kept, attachments=[await upload(anna, kept)])
    await send(anna, deleted, attachments=[await upload(anna, deleted)])
    assert len(await cleaned(services)) == 4
    assert (await anna.delete(f"/dialogs/{kept}/messages/{message['id']}")).status == 204
    assert len(await cleaned(services)) == 2
    assert (await host.delete(f"/dialogs/{deleted}")).status == 204
    assert len(await cleaned(services)) == 1
    url = message["attachments"][0]["url"]
    assert (await get_bytes(anna.http, url)).code == 404


@pytest.mark.gen_test
async def test_uploads_that_nobody_sends_go_after_a_day(api: Api, host: ApiClient, services: Services) -> None:
    """F58."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    old, young = await upload(anna, dialog_id), await upload(anna, dialog_id)
    large = {"dialog_id": dialog_id, "filename": "b.bin", "content_type": "", "size": 20_000_000}
    begun = (await anna.post("/upload/multipart", large)).data
    part = begun["parts"][0]
    assert (await put_bytes(anna.http, part["upload_url"], bytes(part["size"]))).code == 200
    async with services.database.connection() as connection:
        await connection.execute(
            "UPDATE uploads SET created_at = now() - interval '25 hours' WHERE key <> %s", [young["s3_key"]]
        )
    assert await abandon_uploads(services) == 2
    assert await cleaned(services) == {young["s3_key"]}
    assert await services.storage.list_parts(begun["s3_key"], begun["upload_id"]) is None
    refused = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "x", "attachments": [old]})
    assert refused.error == (400, "INVALID_INPUT")


@pytest.mark.gen_test(timeout=20)
async def test_a_person_has_only_so_many_uploads_that_belong_to_no_message(api: Api, host: ApiClient) -> None:
    """F7."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    for _ in range(100):
        await presign(anna, dialog_id, PDF)
    asked = {"dialog_id": dialog_id, "filename": "a", "content_type": "", "size": 1}
    refused = await anna.post("/upload/presign", asked)
    assert refused.error == (429, "RATE_LIMIT_EXCEEDED")
    assert refused.headers["Retry-After"] == "60"
    assert (await api("boris").post("/upload/presign", asked)).status == 200


@pytest.mark.gen_test
async def test_bytes_that_wait_for_a_message_are_limited_too(api: Api, host: ApiClient) -> None:
    """F7: 2 GiB."""
    dialog_id = await make_dialog(host)
    asked = {"dialog_id": dialog_id, "filename": "a", "content_type": "", "size": 104_857_600}
    statuses = [(await api("anna").post("/upload/presign", asked)).status for _ in range(21)]
    assert statuses == [200] * 20 + [429]


@pytest.mark.gen_test
async def test_an_edit_may_empty_only_a_message_with_files(api: Api, host: ApiClient) -> None:
    """F35."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    file = await send(anna, dialog_id, "<p>see</p>", attachments=[await upload(anna, dialog_id)])
    plain = await send(anna, dialog_id)
    call = f"/dialogs/{dialog_id}/messages/"
    assert (await anna.put(call + file["id"], {"content": "<p></p>"})).status == 200
    assert (await anna.put(call + plain["id"], {"content": "<p></p>"})).error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_who_left_while_his_file_was_looked_at_sends_nothing(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the object and the statement anything may happen."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    file = await upload(anna, dialog_id)
    inspect = services.storage.inspect

    async def inspect_slowly(key: str) -> Any:
        assert (await host.delete(f"/dialogs/{dialog_id}/participants/anna")).status == 204
        return await inspect(key)

    monkeypatch.setattr(services.storage, "inspect", inspect_slowly)
    refused = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "x", "attachments": [file]})
    assert refused.error == (403, "FORBIDDEN")
    rows = await services.database.fetch_value("upload_waits", {"dialog_id": dialog_id, "key": file["s3_key"]})
    assert rows is True
