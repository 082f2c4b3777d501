"""What the disk storage does on its own: signed urls, headers of answers, pieces, and nothing outside its folder."""

import asyncio
import os
from asyncio import Future
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError

from mtchat.core.errors import Forbidden, Unavailable
from mtchat.core.services import Services
from mtchat.storage.base import KEY
from mtchat.storage.disk import DiskStorage
from mtchat.storage.signing import GET, PUT, Grant, Signer, shared_key
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import PDF, get_bytes, presign, put_bytes, upload
from tests.support.waiting import until

Api = Callable[[str], ApiClient]
DIALOG, FILE = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
KEY_OF_FILE = f"dialogs/{DIALOG}/{FILE}.pdf"


@pytest.fixture
def environment(disk_environment: dict[str, str]) -> dict[str, str]:
    return disk_environment


def test_a_signature_stands_for_every_field() -> None:
    signer = Signer("http://x", b"k" * 32, clock=lambda: 1000.0)
    grant = Grant(PUT, KEY_OF_FILE, "application/pdf", 1300, size=7)
    query = dict(pair.split("=") for pair in signer.url(grant).partition("?")[2].replace("%2F", "/").split("&"))
    assert signer.check(PUT, KEY_OF_FILE, query) == grant
    for name, value in {"e": "1301", "t": "image/png", "l": "8", "p": "1", "s": "0" * 32, "d": "inline"}.items():
        with pytest.raises(Forbidden):
            signer.check(PUT, KEY_OF_FILE, query | {name: value})
    with pytest.raises(Forbidden):
        signer.check(GET, KEY_OF_FILE, query)
    with pytest.raises(Forbidden):
        signer.check(PUT, KEY_OF_FILE.replace("pdf", "exe"), query)
    with pytest.raises(Forbidden, match="expired"):
        Signer("http://x", b"k" * 32, clock=lambda: 1300.5).check(PUT, KEY_OF_FILE, query)
    with pytest.raises(Forbidden):
        Signer("http://x", b"l" * 32, clock=lambda: 1000.0).check(PUT, KEY_OF_FILE, query)


@pytest.mark.parametrize("name", ["e", "l", "p"])
@pytest.mark.parametrize("value", ["", "-1", "1e9", "९", "9" * 40, "1 "])
def test_a_number_that_is_none_is_refused_and_no_error(name: str, value: str) -> None:
    with pytest.raises(Forbidden):
        Signer("http://x", b"k" * 32).check(GET, KEY_OF_FILE, {name: value, "s": "x"})


def test_fields_cannot_flow_into_their_neighbours() -> None:
    one = Grant(GET, KEY_OF_FILE, "a", 1, disposition="bc")
    other = Grant(GET, KEY_OF_FILE, "ab", 1, disposition="c")
    assert one.message != other.message


def test_all_processes_of_a_folder_share_one_key(tmp_path: Path) -> None:
    path = tmp_path / "files" / "signing-key"
    key = shared_key(path)
    assert (len(key), shared_key(path)) == (32, key)
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["signing-key"]


@pytest.mark.parametrize(
    "key",
    ["", "x", "dialogs/../x", f"dialogs/{DIALOG}/../../x.pdf", f"/dialogs/{DIALOG}/{FILE}.pdf", f"{KEY_OF_FILE}\n",
     f"dialogs/{DIALOG}/{FILE}.pdf/..", f"dialogs/{DIALOG}/{FILE}", f"dialogs/{DIALOG}/{FILE}.", "dialogs/x/y.pdf"],
)  # fmt: skip
def test_only_keys_of_ours_name_a_path(key: str, tmp_path: Path) -> None:
    storage = DiskStorage(tmp_path, "http://x", upload_secs=1, download_secs=1)
    assert KEY.fullmatch(key) is None
    with pytest.raises(ValueError, match="not a key"):
        storage.path_of(key)


@pytest.mark.gen_test
async def test_paths_of_clients_lead_nowhere(http_client: AsyncHTTPClient, base_url: str) -> None:
    for path in (f"/files/dialogs/{DIALOG}/..%2f..%2fsigning-key", f"/files/dialogs/{DIALOG}/%2e%2e",
                 f"/files/dialogs/{DIALOG}/x.pdf", f"/files/dialogs/{DIALOG}/thumbs/..%2f{FILE}.pdf"):  # fmt: skip
        assert (await get_bytes(http_client, base_url + path)).code == 404
    assert (await get_bytes(http_client, f"{base_url}/files/dialogs/x/{FILE}.pdf")).code == 400
    assert (await get_bytes(http_client, f"{base_url}/files/{KEY_OF_FILE}")).code == 403
    assert (await get_bytes(http_client, f"{base_url}/files/{KEY_OF_FILE}?s=%ff&e=%00&t=%ff")).code == 403


@pytest.mark.gen_test
async def test_a_file_is_answered_with_safe_headers(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    (file,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]
    answer = await get_bytes(anna.http, file["url"])
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert 3_500 < int(headers["Cache-Control"].removeprefix("private, max-age=")) <= 4_500
    assert (headers["Content-Length"], headers["Accept-Ranges"]) == (str(len(PDF)), "bytes")
    head = await anna.http.fetch(HTTPRequest(file["url"], "HEAD"), raise_error=False)
    assert (head.code, head.body, head.headers["Content-Length"]) == (200, b"", str(len(PDF)))
    unchanged = await get_bytes(anna.http, file["url"], If_None_Match=headers["ETag"])
    assert (unchanged.code, unchanged.body) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("bytes=0-0", (206, PDF[:1])), ("bytes=3-999999", (206, PDF[3:])), ("bytes=-999999", (200, PDF)),
     ("bytes=0-", (200, PDF)), ("bytes=5-3", (200, PDF)), ("bytes=-", (200, PDF)), ("bytes=0-1,3-4", (200, PDF)),
     ("lines=1-2", (200, PDF)), ("bytes=x-1", (200, PDF))],
)  # fmt: skip
@pytest.mark.gen_test
async def test_a_range_is_answered_or_the_whole(
    api: Api, host: ApiClient, asked: str, expected: tuple[int, bytes]
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    (file,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]
    answer = await get_bytes(anna.http, file["url"], Range=asked)
    assert (answer.code, answer.body) == expected


@pytest.mark.parametrize("asked", [f"bytes={len(PDF)}-", "bytes=999999999-", "bytes=-0"])
@pytest.mark.gen_test
async def test_a_range_behind_the_end_is_416(api: Api, host: ApiClient, asked: str) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    (file,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]
    answer = await get_bytes(anna.http, file["url"], Range=asked)
    assert (answer.code, answer.headers["Content-Range"]) == (416, f"bytes */{len(PDF)}")


@pytest.mark.gen_test
async def test_a_range_of_another_version_gets_the_whole(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    (file,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]
    answer = await get_bytes(anna.http, file["url"], Range="bytes=0-1", If_Range='"another"')
    assert (answer.code, answer.body) == (200, PDF)


@pytest.mark.gen_test
async def test_the_first_whole_upload_stays(api: Api, host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    for body in (PDF, b"X" * len(PDF)):
        assert (await put_bytes(anna.http, leave["upload_url"], body, "application/pdf")).code == 200
    found = await services.storage.inspect(leave["s3_key"])
    assert found is not None
    assert found.first_bytes == PDF


@pytest.mark.gen_test
async def test_an_upload_that_is_cut_off_leaves_nothing(
    api: Api, host: ApiClient, services: Services, tmp_path: Path
) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, bytes(1_000_000), "")
    place = leave["upload_url"].removeprefix("http://")
    address, _, path = place.partition("/")
    _, writer = await asyncio.open_connection(*address.split(":"))
    writer.write(f"PUT /{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode() + bytes(500_000))
    await writer.drain()
    incoming = tmp_path / "files" / "incoming"
    await until(lambda: incoming.exists() and any(entry.stat().st_size for entry in incoming.iterdir()))
    writer.close()
    await writer.wait_closed()
    await until(lambda: not [*incoming.iterdir()])
    assert await services.storage.inspect(leave["s3_key"]) is None


@pytest.mark.gen_test
async def test_a_disk_that_fails_is_503(api: Api, host: ApiClient, services: Services, tmp_path: Path) -> None:
    dialog_id = await make_dialog(host)
    anna = api("anna")
    leave = await presign(anna, dialog_id, PDF)
    # Also root, whom permissions do not stop, cannot make a folder where a file is.
    (tmp_path / "files" / "incoming").write_bytes(b"")
    refused = await put_bytes(anna.http, leave["upload_url"], PDF, "application/pdf")
    assert refused.code == 503
    assert b"SERVICE_UNAVAILABLE" in refused.body
    with pytest.raises(Unavailable):
        await services.storage.check()


def _write_pdf(write: Callable[[bytes], None]) -> "Future[None]":
    write(PDF)
    done: Future[None] = Future()
    done.set_result(None)
    return done


@pytest.mark.gen_test
async def test_an_upload_without_a_length_is_refused(api: Api, host: ApiClient) -> None:
    leave = await presign(api("anna"), await make_dialog(host), PDF)

    request = HTTPRequest(
        leave["upload_url"],
        "PUT",
        {"Content-Type": "application/pdf"},
        body_producer=_write_pdf,
        expect_100_continue=True,
    )
    assert (await api("anna").http.fetch(request, raise_error=False)).code == 400


@pytest.mark.gen_test
async def test_what_was_cut_off_long_ago_is_tidied_away(services: Services, tmp_path: Path) -> None:
    incoming = tmp_path / "files" / "incoming"
    incoming.mkdir(parents=True)
    for name, age_secs in (("old", 90_000), ("young", 10)):
        path = incoming / name
        path.write_bytes(b"x")
        os.utime(path, (path.stat().st_mtime - age_secs,) * 2)
    assert await services.storage.tidy(86_400) == 1
    assert [entry.name for entry in incoming.iterdir()] == ["young"]


@pytest.mark.gen_test
async def test_many_people_open_files_at_the_same_moment(tmp_path: Path) -> None:
    """A dialog full of pictures, opened by a hundred people: all wait their turn, nobody is sent away."""
    storage = DiskStorage(tmp_path, "http://x", upload_secs=1, download_secs=1)
    source = tmp_path / "source"
    source.write_bytes(PDF)
    await storage.put(KEY_OF_FILE, source, "application/pdf")
    found = await asyncio.gather(*(storage.inspect(KEY_OF_FILE) for _ in range(1_000)))
    assert {one.first_bytes for one in found if one is not None} == {PDF}
    assert None not in found
    storage.close()


@pytest.mark.gen_test
async def test_a_file_that_was_cut_short_on_the_disk_ends_the_answer(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length was announced; the connection ends instead of waiting for bytes that never come."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    (file,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]

    async def read_nothing(file: IO[bytes], start: int, length: int) -> bytes:
        return b""

    monkeypatch.setattr(services.storage, "read", read_nothing)
    with pytest.raises(HTTPStreamClosedError):
        await get_bytes(anna.http, file["url"])
    assert (await anna.get("/dialogs")).status == 200
