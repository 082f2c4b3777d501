"""Files in S3 or MinIO. Their bytes never pass through this process: browsers have urls signed for the storage."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

import structlog
import urllib3
from minio import Minio
from minio.commonconfig import REPLACE, CopySource
from minio.datatypes import Part
from minio.error import MinioException, S3Error

from mtchat.config.settings import StorageSettings
from mtchat.core.errors import Unavailable
from mtchat.storage.base import (
    AWAY,
    FIRST_BYTES,
    LONGEST_SECS,
    THREADS,
    ListedObject,
    StoredObject,
    StoredPart,
    Threads,
    steady_secs,
)
from mtchat.storage.s3_urls import UrlSigner

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)

# A storage next door answers in milliseconds; together with one retry a request still ends in its 15 s.
_CONNECT_SECS: Final = 2.0
_READ_SECS: Final = 5.0
# Copying 100 MiB inside the storage, and joining its parts, takes a few seconds on a slow disk.
_COPY_SECS: Final = 10.0
_GONE: Final = frozenset(
    {
        "NoSuchKey",
        "NoSuchUpload",
        "AccessDenied",
        "ResourceNotFound",
        "PreconditionFailed",
        "InvalidPart",
        "EntityTooSmall",
    }
)
_LISTED_AT_ONCE: Final = 500
# Each waits as long as the four before him in his thread, at 7 s each when the storage hangs.
_MAX_WAITING: Final = 64


class S3Storage:
    """Keeps the promise of `mtchat.storage.base.Storage` in one bucket."""

    keeps_first_write = False

    def __init__(self, settings: StorageSettings) -> None:
        assert settings.endpoint is not None
        assert settings.bucket is not None
        self._settings = settings
        self._bucket = settings.bucket
        self._signer = UrlSigner(settings)
        self._client = _client(settings, _READ_SECS)
        self._patient_client = _client(settings, _COPY_SECS)
        self._threads = Threads("s3", max_waiting=_MAX_WAITING)

    # Urls.

    def upload_url(self, key: str, content_type: str, size: int) -> str:
        """Return where to PUT exactly so many bytes of this type ("" for any)."""
        headers = {"content-length": str(size)}
        if content_type:
            headers["content-type"] = content_type
        return self._signer.url("PUT", key, self._settings.presign_upload_expiry_secs, headers)

    def download_url(self, key: str, content_type: str, disposition: str) -> str:
        """Return where to GET an object under these two headers; the same for a while."""
        query = {"response-content-disposition": disposition, "response-content-type": content_type}
        secs = self._settings.presign_download_expiry_secs
        steady = steady_secs(secs)
        return self._signer.url("GET", key, min(secs + steady, LONGEST_SECS), {}, query, steady_secs=steady)

    def part_url(self, key: str, parts_id: str, number: int, size: int) -> str:
        """Return where to PUT one part of an upload, of exactly this size."""
        query = {"partNumber": str(number), "uploadId": parts_id}
        headers = {"content-length": str(size)}
        return self._signer.url("PUT", key, self._settings.presign_upload_expiry_secs, headers, query)

    # What the promise says.

    async def inspect(self, key: str) -> StoredObject | None:
        """Return what is stored, with its first bytes; None when there is nothing. One request."""
        return await self._run(self._inspect, key)

    async def keep(self, key: str, kept_key: str, content_type: str, version: str) -> bool:
        """Copy an object as it was inspected to where no upload url reaches; False when it has changed or is gone."""
        return await self._run(self._keep, key, kept_key, content_type, version)

    async def fetch(self, key: str, target: Path) -> bool:
        """Write an object into a file; False when there is none."""
        return await self._run(self._fetch, key, target)

    async def put(self, key: str, source: Path, content_type: str) -> None:
        """Store a file of ours."""
        await self._run(self._client.fput_object, self._bucket, key, str(source), content_type)

    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is removed already."""
        await self._run(self._client.remove_object, self._bucket, key)

    async def begin_parts(self, key: str, content_type: str) -> str:
        """Begin an upload in parts; returns what the storage calls it."""
        headers: Any = {"Content-Type": content_type or "application/octet-stream"}
        return str(await self._run(self._client._create_multipart_upload, self._bucket, key, headers))

    async def list_parts(self, key: str, parts_id: str) -> list[StoredPart] | None:
        """Return the parts that have arrived, by number; None when there is no such upload."""
        parts = await self._run(self._parts, key, parts_id)
        return None if parts is None else [StoredPart(part.part_number, part.size or 0) for part in parts]

    async def finish_parts(self, key: str, parts_id: str) -> bool:
        """Make one object of all parts that have arrived; False when there is no such upload, or it lacks parts."""
        return await self._run(self._finish_parts, key, parts_id)

    async def abort_parts(self, key: str) -> None:
        """Remove whatever parts of uploads to this key there are."""
        await self._run(self._abort_parts, key)

    async def list_objects(self, prefix: str) -> AsyncIterator[ListedObject]:
        """List objects in the order of their keys, compared by bytes."""
        objects = iter(self._client.list_objects(self._bucket, prefix=prefix, recursive=True))
        while batch := await self._run(_next_of, objects):
            for listed in batch:
                yield listed

    async def tidy(self, age_secs: float) -> int:
        """Nothing is left behind: an object is there as a whole or not at all, and parts go with their upload."""
        return 0

    async def check(self) -> None:
        """Raise Unavailable, saying why, when the bucket cannot be used."""
        if not await self._run(self._client.bucket_exists, self._bucket):
            raise Unavailable(f"There is no bucket {self._bucket} in the storage")

    def close(self) -> None:
        """Let go of threads and connections."""
        self._threads.close()

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call in a thread; whatever the library raises becomes Unavailable."""
        try:
            return await self._threads.run(call, *args, **kwargs)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            why = error.code if isinstance(error, S3Error) else type(error).__name__
            log.warning("the storage fails", why=why)
            raise Unavailable(AWAY) from error

    def _inspect(self, key: str) -> StoredObject | None:
        try:
            response = self._client.get_object(self._bucket, key, offset=0, length=FIRST_BYTES)
        except S3Error as error:
            if error.code == "InvalidRange":
                return StoredObject(0, "", "", b"")  # it is empty
            _require_gone(error)
            return None
        with closing(response):
            first_bytes = response.read(FIRST_BYTES)
            headers = response.headers
            response.release_conn()
        size = headers.get("Content-Range", "").rpartition("/")[2] or headers.get("Content-Length", "0")
        version = headers.get("ETag", "").strip('"')
        return StoredObject(int(size), headers.get("Content-Type", ""), version, first_bytes)

    def _keep(self, key: str, kept_key: str, content_type: str, version: str) -> bool:
        try:
            self._patient_client.copy_object(
                self._bucket,
                kept_key,
                CopySource(self._bucket, key, match_etag=version),
                metadata={"Content-Type": content_type or "application/octet-stream"},
                metadata_directive=REPLACE,
            )
        except S3Error as error:
            _require_gone(error)
            return False
        return True

    def _fetch(self, key: str, target: Path) -> bool:
        try:
            self._patient_client.fget_object(self._bucket, key, str(target))
        except S3Error as error:
            _require_gone(error)
            return False
        return True

    def _parts(self, key: str, parts_id: str) -> list[Part] | None:
        try:
            # At most 13 parts of a file; one answer holds a thousand.
            return list(self._client._list_parts(self._bucket, key, parts_id).parts)
        except S3Error as error:
            _require_gone(error)
            return None

    def _finish_parts(self, key: str, parts_id: str) -> bool:
        parts = self._parts(key, parts_id)
        if not parts or [part.part_number for part in parts] != [*range(1, len(parts) + 1)]:
            return False
        try:
            self._patient_client._complete_multipart_upload(self._bucket, key, parts_id, parts)
        except S3Error as error:
            _require_gone(error)
            return False
        return True

    def _abort_parts(self, key: str) -> None:
        found = self._client._list_multipart_uploads(self._bucket, prefix=key)
        for upload in found.uploads:
            if upload.object_name == key and upload.upload_id:
                try:
                    self._client._abort_multipart_upload(self._bucket, key, upload.upload_id)
                except S3Error as error:
                    _require_gone(error)


def _client(settings: StorageSettings, read_secs: float) -> Minio:
    assert settings.endpoint is not None
    endpoint = urlsplit(settings.endpoint)
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=_CONNECT_SECS, read=read_secs),
        maxsize=THREADS,
        retries=urllib3.Retry(total=1, backoff_factor=0.1, status_forcelist=(502, 503, 504)),
    )
    client = Minio(
        endpoint.netloc,
        access_key=settings.access_key_id,
        secret_key=settings.secret_access_key,
        secure=endpoint.scheme == "https",
        region=settings.region,
        http_client=pool,
    )
    client.disable_virtual_style_endpoint()  # type: ignore[no-untyped-call]
    return client


def _require_gone(error: S3Error) -> None:
    """Without the right to list, S3 says 403 for what is not there. Raises the error when it says something else."""
    if error.code not in _GONE:
        raise error


def _next_of(objects: Iterator[Any]) -> list[ListedObject]:
    return [
        ListedObject(found.object_name, found.size or 0, found.last_modified)
        for _, found in zip(range(_LISTED_AT_ONCE), objects, strict=False)
    ]
