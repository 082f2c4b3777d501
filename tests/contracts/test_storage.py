"""One promise, two kinds: what any storage of files keeps, S3 by a real MinIO (F54, F56, F61)."""

import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.netutil import bind_sockets

from handlers.application import make_app, make_server
from mtchat.assembly import close_services, open_services
from mtchat.core.services import Services
from mtchat.storage.base import Storage, part_sizes
from mtchat.storage.disk import DiskStorage
from mtchat.storage.s3 import S3Storage
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog
from tests.support.files import PDF, get_bytes, png, presign, put_bytes, upload

Api = Callable[[str], ApiClient]
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def environment(storage_environment: dict[str, str]) -> dict[str, str]:
    return storage_environment


@pytest.fixture
def storage(services: Services) -> Storage:
    return services.storage


def new_key(folder: str = "", extension: str = ".bin") -> str:
    """A key as ours are."""
    return f"dialogs/{uuid.uuid4()}/{folder}{uuid.uuid4()}{extension}"


async def stored(storage: Storage, tmp_path: Path, content: bytes, key: str | None = None) -> str:
    """Store these bytes under a key and return it."""
    source = tmp_path / uuid.uuid4().hex
    source.write_bytes(content)
    key = key or new_key()
    await storage.put(key, source, "image/webp")
    return key


@pytest.mark.gen_test
async def test_what_was_put_is_found_and_fetched_whole(storage: Storage, tmp_path: Path) -> None:
    key = await stored(storage, tmp_path, b"0123456789" * 1000)
    found = await storage.inspect(key)
    assert found is not None
    assert (found.size, found.first_bytes) == (10_000, b"0123456789" * 102 + b"0123")
    assert await storage.fetch(key, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"0123456789" * 1000


@pytest.mark.gen_test
async def test_what_is_not_there_is_none_and_no_error(storage: Storage, tmp_path: Path) -> None:
    """F61."""
    key = new_key()
    assert await storage.inspect(key) is None
    assert not await storage.fetch(key, tmp_path / "fetched")
    await storage.delete(key)
    await storage.abort_parts(key)


@pytest.mark.gen_test
async def test_an_object_is_gone_after_delete(storage: Storage, tmp_path: Path) -> None:
    key = await stored(storage, tmp_path, b"x")
    await storage.delete(key)
    assert await storage.inspect(key) is None


@pytest.mark.gen_test
async def test_an_empty_object_has_no_size(storage: Storage, tmp_path: Path) -> None:
    found = await storage.inspect(await stored(storage, tmp_path, b""))
    assert found is not None
    assert (found.size, found.first_bytes) == (0, b"")


@pytest.mark.gen_test
async def test_objects_are_listed_in_the_order_of_their_keys(storage: Storage, tmp_path: Path) -> None:
    dialog = f"dialogs/{uuid.uuid4()}/"
    names = [f"{uuid.uuid4()}.bin", f"{uuid.uuid4()}.pdf", f"files/{uuid.uuid4()}.pdf", f"thumbs/{uuid.uuid4()}"]
    others = f"dialogs/{uuid.uuid4()}/{uuid.uuid4()}.a"
    for key in [*(dialog + name for name in names), others]:
        await stored(storage, tmp_path, b"xyz", key)
    found = [entry async for entry in storage.list_objects("dialogs/")]
    keys = [entry.key for entry in found]
    assert keys == sorted([*(dialog + name for name in names), others])
    assert {entry.size for entry in found} == {3}
    assert all(abs(entry.modified_at - datetime.now(UTC)) < timedelta(minutes=1) for entry in found)
    assert [entry.key async for entry in storage.list_objects(dialog + "thumbs/")] == [dialog + names[3]]


@pytest.mark.gen_test
async def test_a_link_opens_the_file_under_the_signed_headers(
    storage: Storage, tmp_path: Path, http_client: AsyncHTTPClient
) -> None:
    """F16: type and disposition are part of the link."""
    key = await stored(storage, tmp_path, b"<svg/>")
    answer = await get_bytes(http_client, storage.download_url(key, "image/svg+xml", 'attachment; filename="a b.svg"'))
    assert (answer.code, answer.body) == (200, b"<svg/>")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a b.svg"'


@pytest.mark.gen_test
async def test_a_part_of_a_file_can_be_asked_for(
    storage: Storage, tmp_path: Path, http_client: AsyncHTTPClient
) -> None:
    url = storage.download_url(await stored(storage, tmp_path, b"0123456789"), "text/plain", "inline")
    answer = await get_bytes(http_client, url, Range="bytes=2-4")
    assert (answer.code, answer.body) == (206, b"234")
    assert answer.headers["Content-Range"] == "bytes 2-4/10"
    assert (await get_bytes(http_client, url, Range="bytes=7-")).body == b"789"
    assert (await get_bytes(http_client, url, Range="bytes=-3")).body == b"789"
    assert (await get_bytes(http_client, url, Range="bytes=10-")).code == 416


def changed(url: str, **query: str) -> str:
    """The url with other values in its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | query)))


def made_at(storage: Storage, monkeypatch: pytest.MonkeyPatch, moment: float) -> None:
    """Let links be made as if it were this time."""
    if isinstance(storage, DiskStorage):
        monkeypatch.setattr(storage, "_clock", lambda: moment)
    else:
        assert isinstance(storage, S3Storage)
        monkeypatch.setattr(storage._signer, "_clock", lambda: datetime.fromtimestamp(moment, UTC))


def ends_at(url: str) -> float:
    """Until when a link is good, as it says itself."""
    named = dict(parse_qsl(urlsplit(url).query))
    if "e" in named:
        return float(named["e"])
    began = datetime.strptime(named["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return began.timestamp() + int(named["X-Amz-Expires"])


@pytest.mark.gen_test
async def test_links_stay_the_same_for_a_while_so_that_browsers_keep_what_they_have(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F59: each is good for at least the hour that was promised."""
    key, quarter = new_key(), 900.0
    begin = 1_800_000_000 // quarter * quarter
    found = []
    for moment in (begin, begin + 1, begin + 899.9, begin + 900):
        made_at(storage, monkeypatch, moment)
        url = storage.download_url(key, "image/png", "inline")
        assert 3_600 <= ends_at(url) - int(moment) <= 4_500
        found.append(url)
    assert found[0] == found[1] == found[2] != found[3]


@pytest.mark.gen_test
async def test_a_link_is_good_for_one_object_one_method_and_its_time(
    storage: Storage, tmp_path: Path, http_client: AsyncHTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await stored(storage, tmp_path, b"secret") for _ in range(2)]
    url = storage.download_url(first, "text/plain", "attachment")
    assert (await get_bytes(http_client, url)).code == 200
    assert (await get_bytes(http_client, url.replace(first, second))).code == 403
    assert (await put_bytes(http_client, url, b"other!")).code == 403
    kind = "t" if isinstance(storage, DiskStorage) else "response-content-type"
    assert (await get_bytes(http_client, changed(url, **{kind: "text/html"}))).code == 403
    shown = "d" if isinstance(storage, DiskStorage) else "response-content-disposition"
    assert (await get_bytes(http_client, changed(url, **{shown: "inline"}))).code == 403
    later = {"e": str(int(time.time()) + 9_999)} if isinstance(storage, DiskStorage) else {"X-Amz-Expires": "9999"}
    assert (await get_bytes(http_client, changed(url, **later))).code == 403
    made_at(storage, monkeypatch, time.time() - 4_600)
    assert (await get_bytes(http_client, storage.download_url(first, "text/plain", "attachment"))).code == 403


@pytest.mark.gen_test
async def test_an_upload_link_takes_exactly_what_it_was_made_for(
    storage: Storage, api: Api, host: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F56: method, key, size, type and time are signed."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    other = await presign(anna, dialog_id, PDF)
    url, kind = leave["upload_url"], "application/pdf"
    for wrong in (PDF[:-1], PDF + b"x", b""):
        assert (await put_bytes(anna.http, url, wrong, kind)).code in (403, 411)
    assert (await put_bytes(anna.http, url, PDF, "text/html")).code == 403
    assert (await put_bytes(anna.http, url.replace(leave["s3_key"], other["s3_key"]), PDF, kind)).code == 403
    assert (await get_bytes(anna.http, url)).code in (400, 403)
    assert (await anna.http.fetch(HTTPRequest(url, "DELETE"), raise_error=False)).code in (400, 403, 405)
    assert await storage.inspect(leave["s3_key"]) is None
    assert (await put_bytes(anna.http, url, PDF, kind)).code == 200
    made_at(storage, monkeypatch, time.time() - 310)
    late = await presign(anna, dialog_id, PDF)
    assert (await put_bytes(anna.http, late["upload_url"], PDF, kind)).code == 403


@pytest.mark.gen_test
async def test_a_file_of_unknown_type_needs_no_header(storage: Storage, api: Api, host: ApiClient) -> None:
    """F56: browsers may leave an empty Content-Type away."""
    named = await upload(api("anna"), await make_dialog(host), b"whatever", "", "README")
    found = await storage.inspect(named["s3_key"])
    assert found is not None
    assert found.first_bytes == b"whatever"
    assert named["s3_key"].endswith(".bin")


@pytest.mark.gen_test
async def test_what_was_inspected_is_what_is_kept(storage: Storage, tmp_path: Path) -> None:
    key, kept = new_key(), new_key("files/")
    await stored(storage, tmp_path, b"as it was", key)
    found = await storage.inspect(key)
    assert found is not None
    if storage.keeps_first_write:
        kept = key
    assert await storage.keep(key, kept, "application/pdf", found.version)
    again = await storage.inspect(kept)
    assert again is not None
    assert again.first_bytes == b"as it was"


@pytest.mark.gen_test
async def test_a_page_of_another_origin_may_upload_and_open(storage: Storage, api: Api, host: ApiClient) -> None:
    """Appendix A.14: what a browser asks before the SDK's PUT, with Content-Type alone, and before its fetch."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    origin = {"Origin": "https://shop.example"}
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    preflight = HTTPRequest(leave["upload_url"], "OPTIONS", origin | asked)
    allowed = await anna.http.fetch(preflight, raise_error=False)
    assert allowed.code in (200, 204)
    assert allowed.headers["Access-Control-Allow-Origin"] in ("*", "https://shop.example")
    assert {"PUT", "*"} & set(allowed.headers["Access-Control-Allow-Methods"].replace(" ", "").split(","))
    assert "content-type" in allowed.headers["Access-Control-Allow-Headers"].lower()
    put = HTTPRequest(leave["upload_url"], "PUT", origin | {"Content-Type": "application/pdf"}, PDF)
    stored = await anna.http.fetch(put, raise_error=False)
    assert stored.code == 200
    assert stored.headers["Access-Control-Allow-Origin"] in ("*", "https://shop.example")
    url = storage.download_url(leave["s3_key"], "application/pdf", "inline")
    opened = await get_bytes(anna.http, url, **origin)
    assert (opened.code, opened.body) == (200, PDF)
    assert opened.headers["Access-Control-Allow-Origin"] in ("*", "https://shop.example")


@pytest.mark.gen_test
async def test_an_upload_outlives_a_restart(storage: Storage, services: Services, api: Api, host: ApiClient) -> None:
    """P5: between the presign, the PUT and the send the process is replaced twice; urls given out stay good."""
    dialog_id = await make_dialog(host)
    leave = await presign(api("anna"), dialog_id, PDF)
    async with restarted(services) as (base_url, http):
        # The url names the address that people reach; behind it another process serves now.
        url = leave["upload_url"].replace(services.settings.storage.public_url or base_url, base_url)
        assert (await put_bytes(http, url, PDF, "application/pdf")).code == 200
    item = {"s3_key": leave["s3_key"], "filename": "a.pdf", "content_type": "application/pdf", "size": len(PDF)}
    async with restarted(services) as (base_url, http):
        anna = ApiClient(http, base_url, user_id="anna")
        sent = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "", "attachments": [item]})
    (attachment,) = sent.data["attachments"]
    assert (await get_bytes(api("anna").http, attachment["url"])).body == PDF


@asynccontextmanager
async def restarted(services: Services) -> AsyncIterator[tuple[str, AsyncHTTPClient]]:
    """A process of its own for the same settings; all it shares with others is database and storage."""
    opened = await open_services(services.settings)
    server = make_server(make_app(opened))
    (listener,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(listener)
    http = AsyncHTTPClient(force_instance=True)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", http
    finally:
        http.close()
        server.stop()
        await server.close_all_connections()
        await close_services(opened)


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_in_parts_becomes_one_object(storage: Storage, api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    body = b"%PDF-" + bytes(range(256)) * (17 * MIB // 256)
    asked = {"dialog_id": dialog_id, "filename": "big.pdf", "content_type": "application/pdf", "size": len(body)}
    begun = (await anna.post("/upload/multipart", asked)).data
    assert [part["size"] for part in begun["parts"]] == part_sizes(len(body), begun["part_size"])
    call = f"/upload/multipart/{begun['upload_id']}"
    for part in reversed(begun["parts"][1:]):
        start = (part["number"] - 1) * begun["part_size"]
        assert (await put_bytes(anna.http, part["upload_url"], body[start : start + part["size"]])).code == 200
    assert (await anna.post(f"{call}/complete")).error == (400, "BAD_REQUEST")
    # After a reload of the page: what is missing, with fresh urls.
    state = (await anna.get(call)).data
    assert [part["is_stored"] for part in state["parts"]] == [False, True, True]
    assert "upload_url" not in state["parts"][1]
    first = state["parts"][0]
    assert (await put_bytes(anna.http, first["upload_url"], body[: first["size"] - 1])).code == 403
    assert (await put_bytes(anna.http, first["upload_url"], body[: first["size"]])).code == 200
    done = await anna.post(f"{call}/complete")
    assert done.data == {"s3_key": begun["s3_key"], "size": len(body)}
    assert (await anna.post(f"{call}/complete")).data == done.data
    item = asked | {"s3_key": begun["s3_key"]}
    sent = await anna.post(f"/dialogs/{dialog_id}/messages", {"content": "", "attachments": [item]})
    (attachment,) = sent.data["attachments"]
    assert (await get_bytes(anna.http, attachment["url"])).body == body


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_in_parts_can_be_given_up(
    storage: Storage, services: Services, api: Api, host: ApiClient
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    asked = {"dialog_id": dialog_id, "filename": "b.bin", "content_type": "", "size": 17 * MIB}
    begun = (await anna.post("/upload/multipart", asked)).data
    part = begun["parts"][0]
    assert (await put_bytes(anna.http, part["upload_url"], bytes(part["size"]))).code == 200
    call = f"/upload/multipart/{begun['upload_id']}"
    for stranger in (api("boris"), api("vera")):
        assert (await stranger.get(call)).error == (404, "NOT_FOUND")
        assert (await stranger.post(f"{call}/complete")).error == (404, "NOT_FOUND")
        assert (await stranger.delete(call)).status == 204
    assert (await anna.get(call)).status == 200
    assert (await anna.delete(call)).status == 204
    assert (await anna.get(call)).error == (404, "NOT_FOUND")
    await storage.abort_parts(begun["s3_key"])
    assert (await put_bytes(anna.http, part["upload_url"], bytes(part["size"]))).code == 404


@pytest.mark.gen_test
async def test_small_files_are_not_uploaded_in_parts(api: Api, host: ApiClient) -> None:
    asked = {"dialog_id": await make_dialog(host), "filename": "b", "content_type": "", "size": 16 * MIB}
    assert (await api("anna").post("/upload/multipart", asked)).error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_a_thumbnail_made_again_takes_the_place_of_the_first(storage: Storage, tmp_path: Path) -> None:
    key = f"dialogs/{uuid.uuid4()}/thumbs/{uuid.uuid4()}"
    await stored(storage, tmp_path, png(), key)
    await stored(storage, tmp_path, png(9, 9), key)
    found = await storage.inspect(key)
    assert found is not None
    assert found.size == len(png(9, 9))


@pytest.mark.gen_test
async def test_a_storage_that_works_says_so(storage: Storage) -> None:
    await storage.check()
    assert await storage.tidy(0) == 0
