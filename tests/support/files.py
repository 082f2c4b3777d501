"""Sends files as the SDK does: asks for leave, PUTs the bytes to the storage, names the key in a message."""

import struct
import zlib
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from tests.support.clients import ApiClient

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def png(width: int = 4, height: int = 3) -> bytes:
    """A real picture, all black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\0" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def put_bytes(http: AsyncHTTPClient, url: str, body: bytes, content_type: str = "") -> HTTPResponse:
    """PUT as a browser does: the type is left out when it is not known.

    The body waits for leave: a storage that refuses may close the connection in the middle of it.
    """
    headers = {"Content-Type": content_type} if content_type else {}
    request = HTTPRequest(url, "PUT", headers, body, request_timeout=60, expect_100_continue=True)
    return await http.fetch(request, raise_error=False)


async def get_bytes(http: AsyncHTTPClient, url: str, **headers: str) -> HTTPResponse:
    """GET as a browser does."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.fetch(HTTPRequest(url, headers=named, request_timeout=60), raise_error=False)


async def presign(
    client: ApiClient, dialog_id: str, body: bytes, content_type: str = "application/pdf", filename: str = "a.pdf"
) -> dict[str, Any]:
    """Ask for leave to upload these bytes."""
    asked = {"dialog_id": dialog_id, "filename": filename, "content_type": content_type, "size": len(body)}
    answer = await client.post("/upload/presign", asked)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.data
    return found


async def upload(
    client: ApiClient, dialog_id: str, body: bytes = PDF, content_type: str = "application/pdf", filename: str = "a.pdf"
) -> dict[str, Any]:
    """Upload these bytes and return what a message names."""
    leave = await presign(client, dialog_id, body, content_type, filename)
    stored = await put_bytes(client.http, leave["upload_url"], body, content_type)
    assert stored.code == 200, stored.body
    return {"s3_key": leave["s3_key"], "filename": filename, "content_type": content_type, "size": len(body)}
