"""The S3 storage on its own: urls for the public endpoint, signed as others sign them; faults of a storage."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from minio import Minio, MinioAdmin
from minio.credentials.providers import StaticProvider

from mtchat.config.areas import StorageSettings
from mtchat.core.errors import Unavailable
from mtchat.core.services import Services
from mtchat.storage.s3 import S3Storage
from mtchat.storage.s3_urls import UrlSigner
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.files import PDF, get_bytes, upload
from tests.support.fix_storage import ACCESS_KEY, SECRET_KEY, MinioServer

Api = Callable[[str], ApiClient]
AT = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
KEY = "dialogs/01900000-0000-7000-8000-000000000001/01900000-0000-7000-8000-000000000002.pdf"
SETTINGS = StorageSettings(
    endpoint="http://storage.internal:9000", region="eu-north-1", access_key_id="an-id", secret_access_key="a secret",
    bucket="files",
)  # fmt: skip


@pytest.fixture
def environment(minio_server: MinioServer) -> dict[str, str]:
    # Another host of the same storage, as a browser would know it.
    return minio_server.new_bucket() | {"S3_PUBLIC_ENDPOINT": f"http://localhost:{minio_server.port}"}


@pytest.fixture
def storage(services: Services) -> S3Storage:
    assert isinstance(services.storage, S3Storage)
    return services.storage


@pytest.mark.gen_test
async def test_urls_are_good_at_the_public_endpoint_and_only_there(
    api: Api, host: ApiClient, minio_server: MinioServer
) -> None:
    """F54: the host is signed."""
    dialog_id = await make_dialog(host)
    anna = api("anna")
    (file,) = (await send(anna, dialog_id, attachments=[await upload(anna, dialog_id)]))["attachments"]
    assert file["url"].startswith(f"http://localhost:{minio_server.port}/")
    assert (await get_bytes(anna.http, file["url"])).body == PDF
    assert (await get_bytes(anna.http, file["url"].replace("localhost", "127.0.0.1"))).code == 403


@pytest.mark.parametrize(
    ("public", "begins", "host"),
    [("https://files.example", "https://files.example/files/dialogs/", "files.example"),
     ("https://files.example:443/", "https://files.example:443/files/dialogs/", "files.example"),
     ("http://files.example:8080", "http://files.example:8080/files/dialogs/", "files.example:8080"),
     ("https://shop.example/storage/", "https://shop.example/storage/files/dialogs/", "shop.example"),
     (None, "http://storage.internal:9000/files/dialogs/", "storage.internal:9000")],
)  # fmt: skip
def test_a_url_begins_with_the_public_endpoint(public: str | None, begins: str, host: str) -> None:
    """F54: whatever bucket and host are called. An empty variable counts as unset."""
    signer = UrlSigner(replace(SETTINGS, public_endpoint=public), clock=lambda: AT)
    assert signer.url("GET", KEY, 60, {}).startswith(begins)
    assert signer._host == host


def test_the_library_signs_the_same_download_the_same() -> None:
    """Somebody else's signature version 4, for the same moment."""
    library = Minio("storage.internal:9000", "an-id", "a secret", secure=False, region="eu-north-1")
    headers = {"response-content-disposition": "inline; filename*=UTF-8''gr%C3%B6%C3%9Fe 1.pdf",
               "response-content-type": "application/pdf"}  # fmt: skip
    expected = library.presigned_get_object("files", KEY, timedelta(hours=1), dict(headers), request_date=AT)
    ours = UrlSigner(SETTINGS, clock=lambda: AT).url("GET", KEY, 3600, {}, headers)
    assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(expected).query))
    assert urlsplit(ours).path == urlsplit(expected).path


@pytest.mark.parametrize("secs", [1, 3, 60, 3_600, 604_799, 604_800])
def test_no_link_is_good_for_more_than_the_week_that_s3_allows(secs: int) -> None:
    storage = S3Storage(replace(SETTINGS, presign_download_expiry_secs=secs))
    named = dict(parse_qsl(urlsplit(storage.download_url(KEY, "text/plain", "inline")).query))
    assert secs <= int(named["X-Amz-Expires"]) <= 604_800
    storage.close()


def test_a_day_has_a_key_of_its_own() -> None:
    now = [AT]
    signer = UrlSigner(SETTINGS, clock=lambda: now[0])
    first = signer.url("GET", KEY, 60, {})
    assert signer.url("GET", KEY, 60, {}) == first
    now[0] += timedelta(days=1)
    other = signer.url("GET", KEY, 60, {})
    assert other == UrlSigner(SETTINGS, clock=lambda: now[0]).url("GET", KEY, 60, {}) != first


@pytest.mark.gen_test
async def test_what_may_not_be_seen_is_not_there(storage: S3Storage, minio_server: MinioServer) -> None:
    """F61: without the right to list, S3 answers 403 for what does not exist."""
    storage._client = Minio(f"127.0.0.1:{minio_server.port}", secure=False, region="us-east-1")
    assert await storage.inspect(KEY) is None


@pytest.mark.gen_test
async def test_wrong_credentials_are_no_missing_file(storage: S3Storage, minio_server: MinioServer) -> None:
    """They are our mistake: 503, not "upload the file first"."""
    storage._client = Minio(f"127.0.0.1:{minio_server.port}", "who", "wrong-secret", secure=False, region="us-east-1")
    with pytest.raises(Unavailable):
        await storage.inspect(KEY)
    with pytest.raises(Unavailable):
        await storage.check()


@pytest.mark.gen_test
async def test_a_bucket_that_is_missing_is_named(storage: S3Storage) -> None:
    storage._bucket = "nowhere-to-be-found"
    with pytest.raises(Unavailable, match="no bucket nowhere-to-be-found"):
        await storage.check()


@pytest.mark.gen_test
async def test_an_object_that_changed_since_it_was_looked_at_is_not_kept(storage: S3Storage) -> None:
    """Between the look and the copy a second PUT may come."""
    kept = f"dialogs/{KEY[8:44]}/files/{KEY[45:]}"
    for body in (PDF, b"X" * len(PDF)):
        storage._client.put_object(storage._bucket, KEY, io.BytesIO(body), len(body))
        if body is PDF:
            found = await storage.inspect(KEY)
    assert found is not None
    assert not await storage.keep(KEY, kept, "application/pdf", found.version)
    assert await storage.inspect(kept) is None


@pytest.fixture
def modest(minio_server: MinioServer, services: Services, tmp_path: Path) -> S3Storage:
    """The storage as a user who has just the rights that docs/files.md gives him."""
    text = (Path(__file__).parents[2] / "docs" / "files.md").read_text()
    (policy,) = [block for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "Statement" in block]
    bucket = services.settings.storage.bucket
    (tmp_path / "policy.json").write_text(policy.replace(":::mtchat", f":::{bucket}"))
    owner = StaticProvider(ACCESS_KEY, SECRET_KEY)
    admin = MinioAdmin(endpoint=f"127.0.0.1:{minio_server.port}", credentials=owner, secure=False)
    admin.policy_add(f"modest-{bucket}", str(tmp_path / "policy.json"))
    admin.user_add(f"user-{bucket}", "secret-of-the-modest")
    admin.policy_set(f"modest-{bucket}", user=f"user-{bucket}")
    return S3Storage(
        replace(services.settings.storage, access_key_id=f"user-{bucket}", secret_access_key="secret-of-the-modest")
    )


@pytest.mark.gen_test(timeout=20)
async def test_the_rights_of_the_documentation_are_enough_and_no_more(modest: S3Storage, tmp_path: Path) -> None:
    source, kept = tmp_path / "source", f"dialogs/{KEY[8:44]}/files/{KEY[45:]}"
    source.write_bytes(PDF)
    await modest.check()
    assert await modest.inspect(KEY) is None
    await modest.put(KEY, source, "application/pdf")
    found = await modest.inspect(KEY)
    assert found is not None
    assert await modest.keep(KEY, kept, "application/pdf", found.version)
    assert await modest.fetch(kept, tmp_path / "target")
    assert [entry.key async for entry in modest.list_objects("dialogs/")] == sorted([KEY, kept])
    await modest.delete(KEY)
    parts_id = await modest.begin_parts(KEY, "application/pdf")
    assert await modest.list_parts(KEY, parts_id) == []
    await modest.abort_parts(KEY)
    assert await modest.list_parts(KEY, parts_id) is None
    with pytest.raises(Unavailable):
        await modest.put("elsewhere/a", source, "application/pdf")
    modest.close()
