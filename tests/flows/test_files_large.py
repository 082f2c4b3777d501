"""Constant memory: 100 MiB up and down through a real server, alone and ten at once; a lost part is sent again (P4)."""

import asyncio
import hashlib
import os
import re
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mtchat.core.uploads import MAX_FILE_BYTES
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.process import ServerProcess, free_port

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
# What reading, hashing and writing one piece after the other may add: pieces on their way, threads, their stacks.
MAX_GROWTH = 48 * MIB
PIECE = bytes(range(256)) * 1024


def pieces(count: int) -> Iterator[bytes]:
    """So many bytes, never all in memory."""
    for _ in range(count // len(PIECE)):
        yield PIECE
    yield PIECE[: count % len(PIECE)]


async def sent_slowly(count: int) -> AsyncIterator[bytes]:
    """The same for a client that waits for the server."""
    for piece in pieces(count):
        yield piece


def digest_of(count: int) -> str:
    """What the whole hashes to."""
    digest = hashlib.sha256()
    for piece in pieces(count):
        digest.update(piece)
    return digest.hexdigest()


@asynccontextmanager
async def serving(database_url: str, folder: Path, storage: Mapping[str, str]) -> AsyncIterator[ServerProcess]:
    """A server in a process of its own."""
    variables = {
        "DATABASE_URL": database_url,
        "ADMIN_API_TOKEN": ADMIN_TOKEN,
        "STORAGE_DIR": str(folder / "files"),
        "LOG_LEVEL": "info",
    }
    server = ServerProcess({**variables, **storage})
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def resident(server: ServerProcess, field: str = "VmRSS") -> int:
    """Memory of the server's process, now or at its most (VmHWM), in bytes."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) * 1024


class Person:
    """Somebody in one dialog, with a client that streams."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = httpx.AsyncClient(timeout=120, trust_env=False)
        self._api = f"{server.base_url}/api/v1"
        self.dialog_id = ""

    async def make_dialog(self) -> None:
        body = {"object_id": os.urandom(8).hex(), "object_type": "order",
                "participants": [{"user_id": "anna", "display_name": "Anna"}]}  # fmt: skip
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        self.dialog_id = (await self.post("/management/dialogs", body, headers))["id"]

    async def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Call the server; returns what is in `data`."""
        answer = await self.http.post(f"{self._api}{path}?user_id=anna", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def upload(self, size: int = MAX_FILE_BYTES) -> dict[str, Any]:
        """Send a large file to the storage; returns what a message names."""
        item = {"filename": "a.bin", "content_type": "", "size": size}
        leave = await self.post("/upload/presign", {"dialog_id": self.dialog_id, **item})
        headers = {"Content-Length": str(size)}
        stored = await self.http.put(leave["upload_url"], content=sent_slowly(size), headers=headers)
        assert stored.status_code == 200, stored.text
        return {"s3_key": leave["s3_key"], **item}

    async def send(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message with files; returns its attachments."""
        message = await self.post(f"/dialogs/{self.dialog_id}/messages", {"content": "", "attachments": items})
        attachments: list[dict[str, Any]] = message["attachments"]
        return attachments

    async def download(self, url: str) -> str:
        """Read a file; returns what it hashes to."""
        digest = hashlib.sha256()
        async with self.http.stream("GET", url) as answer:
            assert answer.status_code == 200
            async for piece in answer.aiter_bytes(256 * 1024):
                digest.update(piece)
        return digest.hexdigest()


@pytest.mark.gen_test(timeout=120)
async def test_the_largest_file_goes_up_and_down_and_the_server_does_not_grow(
    database_url: str, storage_environment: dict[str, str], tmp_path: Path
) -> None:
    """On disk its bytes pass through the process; with S3 they do not come near it."""
    async with serving(database_url, tmp_path, _without_address(storage_environment)) as server:
        anna = Person(server)
        await anna.make_dialog()
        await anna.send(await anna.upload(1000))
        before = resident(server)
        (file,) = await anna.send(await anna.upload())
        assert await anna.download(file["url"]) == digest_of(MAX_FILE_BYTES)
        assert resident(server, "VmHWM") - before < MAX_GROWTH
        await anna.http.aclose()


@pytest.mark.gen_test(timeout=180)
async def test_ten_large_files_at_once_take_no_more_memory_than_one(database_url: str, tmp_path: Path) -> None:
    """A gigabyte in, through pieces of 256 KiB; whoever chats meanwhile is not made to wait."""
    async with serving(database_url, tmp_path, {}) as server:
        anna = Person(server)
        await anna.make_dialog()
        await anna.send(await anna.upload(1000))
        before = resident(server)
        uploads = [asyncio.create_task(anna.upload(MAX_FILE_BYTES)) for _ in range(10)]
        sends = 0
        while not all(task.done() for task in uploads):
            await anna.post(f"/dialogs/{anna.dialog_id}/messages", {"content": "<p>still here</p>"})
            sends += 1
        items = await asyncio.gather(*uploads)
        assert resident(server, "VmHWM") - before < 2 * MAX_GROWTH
        assert sends > 20
        assert len(await anna.send(*items)) == 10
        await anna.http.aclose()


@pytest.mark.gen_test(timeout=120)
async def test_somebody_who_reads_slowly_holds_one_piece(database_url: str, tmp_path: Path) -> None:
    """P4: ten readers who do not read cost a bound of memory, whatever the size of the file."""
    async with serving(database_url, tmp_path, {}) as server:
        anna = Person(server)
        await anna.make_dialog()
        (file,) = await anna.send(await anna.upload())
        before = resident(server)
        address = httpx.URL(file["url"])
        writers = []
        for _ in range(10):
            reader, writer = await asyncio.open_connection(address.host, address.port, limit=1024)
            writer.write(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % address.raw_path)
            assert b"200" in await reader.readline()
            writers.append(writer)
        # The server answers others meanwhile.
        for _ in range(50):
            await anna.post(f"/dialogs/{anna.dialog_id}/messages", {"content": "<p>still here</p>"})
        assert resident(server) - before < MAX_GROWTH
        for writer in writers:
            writer.transport.abort()
        await anna.http.aclose()


def wait_until_open(port: int) -> None:
    """Knock until somebody listens."""
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.01)
        else:
            return


@contextmanager
def balancing(folder: Path, server_port: int, port: int) -> Iterator[Path]:
    """The nginx of an installation, in front of one server; yields its log of warnings."""
    conf = (Path(__file__).parents[2] / "conf" / "nginx.conf").read_text()
    conf = re.sub(r"server 127\.0\.0\.1:81\d\d ", f"server 127.0.0.1:{server_port} ", conf)
    conf = conf.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/var/log/nginx/mtchat.log", f"{folder}/log")
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "main.conf"
    main.write_text(f"{user} pid {folder}/pid; error_log {folder}/errors warn; events {{}} http {{ {places} {conf} }}")
    process = subprocess.Popen(
        ["nginx", "-e", str(folder / "errors"), "-c", str(main), "-g", "daemon off;"],
        env={"PATH": os.environ["PATH"] + ":/usr/sbin"},
    )
    try:
        wait_until_open(port)
        yield folder / "errors"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.gen_test(timeout=120)
async def test_large_files_pass_the_balancer_and_are_not_kept_there(database_url: str, tmp_path: Path) -> None:
    """P7: conf/nginx.conf in front of a process with files on disk."""
    port = free_port()
    (tmp_path / "nginx").mkdir()
    async with serving(database_url, tmp_path, {"PUBLIC_URL": f"http://127.0.0.1:{port}"}) as server:
        with balancing(tmp_path / "nginx", server.port, port) as warnings:
            anna = Person(server)
            await anna.make_dialog()
            (file,) = await anna.send(await anna.upload())
            assert file["url"].startswith(f"http://127.0.0.1:{port}/files/")
            assert await anna.download(file["url"]) == digest_of(MAX_FILE_BYTES)
            # It warns of each body and each answer that it puts aside.
            assert "buffered to a temporary file" not in warnings.read_text()
            # A body that no API call has is refused by the process, in its own words.
            refused = await anna.http.post(
                f"http://127.0.0.1:{port}/api/v1/upload/presign?user_id=anna", content=bytes(3 * MIB)
            )
            assert (refused.status_code, refused.json()["error"]["code"]) == (413, "BAD_REQUEST")
            await anna.http.aclose()


def _without_address(variables: Mapping[str, str]) -> dict[str, str]:
    """The server under test has a port of its own."""
    return {name: value for name, value in variables.items() if name != "PUBLIC_URL"}
