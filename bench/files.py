"""Files: presigns/s, MB/s up and down on disk beside nginx with the same file, thumbnails/s, memory of ten uploads."""

import contextlib
import io
import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg
from PIL import Image

from bench.run import Row, bare_http, errors_of, load, post_request, ratio
from bench.server import Server, free_port, running, serving_on, token_of, wait_until_ready
from mtchat.jobs import drawing_child
from mtchat.persistence.embedded import open_embedded

MIB: Final = 1024 * 1024
LARGEST: Final = 100 * MIB
PIECE: Final = bytes(range(256)) * 4096
PHOTO_SIZE: Final = (4000, 3000)
PARALLEL: Final = 10
_SAMPLE_SECS: Final = 0.02


@dataclass
class _Site:
    """A server without a worker, and a folder."""

    server: Server
    folder: Path


def run(quick: bool) -> Iterator[Row]:
    """Measure on one durable embedded database, files on this machine's disk."""
    with tempfile.TemporaryDirectory(prefix="mtchat-bench-") as home:
        Path(home).chmod(0o755)
        database = open_embedded(Path(home))
        try:
            with _serving(database.url, Path(home)) as site:
                yield _presigns(site, 3.0 if quick else 10.0)
                yield from _transfers(site, 2 if quick else 10)
                yield _thumbnails(site, 10 if quick else 60)
        finally:
            database.stop()
    yield from _memory()


@contextlib.contextmanager
def _serving(database_url: str, folder: Path) -> Iterator[_Site]:
    with serving_on(database_url, STORAGE_DIR=str(folder / "files")) as server:
        yield _Site(server, folder)


def _presigns(site: _Site, seconds: float) -> Row:
    """Of 800 people, so that nobody uses up the hundred uploads that may wait for a message."""
    requests = []
    for number in range(200):
        people = [f"person-{number}-{place}" for place in range(4)]
        dialog_id = site.server.make_dialog(f"object-{number}", people)
        file = {"dialog_id": dialog_id, "filename": "a.pdf", "content_type": "application/pdf", "size": 1000}
        requests += [post_request("/api/v1/upload/presign", person, json.dumps(file)) for person in people]
    plan = {"kind": "http", "port": site.server.port, "clients": 16, "seconds": seconds, "requests": requests}
    limit = bare_http("POST", 16, seconds / 2)
    result = load(plan)
    rate = float(str(result["per_sec"]))
    measured = f"{rate:,.0f}, p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms"
    return Row("presigns/s, 16 clients", measured, "", "", f"POST {ratio(rate, limit)}", errors_of(result))


def _transfers(site: _Site, times: int) -> Iterator[Row]:
    """One file of 100 MiB after the other, by a client that does nothing else; nginx and the server in turn."""
    anna = _Person(site.server)
    up: dict[str, list[float]] = {"ours": [], "nginx": []}
    down: dict[str, list[float]] = {"ours": [], "nginx": []}
    with _nginx(site.folder) as nginx:
        for number in range(times):
            url = anna.leave(LARGEST)
            up["ours"].append(_put(url["upload_url"]))
            up["nginx"].append(_put(f"{nginx}/{number}"))
            (file,) = anna.send(url, LARGEST)
            down["ours"].append(_get(file["url"]))
            down["nginx"].append(_get(f"{nginx}/{number}"))
    for name, found in (("upload", up), ("download", down)):
        ours, theirs = (sorted(found[who])[len(found[who]) // 2] for who in ("ours", "nginx"))
        yield Row(f"{name} of 100 MiB on disk, MiB/s", f"{ours:,.0f}", "", "", f"nginx {ratio(ours, theirs)}")


@contextlib.contextmanager
def _nginx(folder: Path) -> Iterator[str]:
    """The least that stores and serves a file: nginx with its DAV module, as it comes."""
    port = free_port()
    place = folder / "nginx"
    (place / "files").mkdir(parents=True)
    temporary = " ".join(
        f"{name}_temp_path {place}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "conf").write_text(
        f"user root; daemon off; worker_processes 1; pid {place}/pid; error_log {place}/errors; events {{}}\n"
        f"http {{ access_log off; sendfile on; client_max_body_size 200m; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {place}/files; dav_methods PUT; }} }}\n"
    )
    with running(["/usr/sbin/nginx", "-e", f"{place}/errors", "-c", f"{place}/conf"]) as process:
        (place / "files" / "ready").touch()
        wait_until_ready(f"http://127.0.0.1:{port}/ready", process)
        yield f"http://127.0.0.1:{port}"


class _Person:
    """Somebody in one dialog who uploads and sends."""

    def __init__(self, server: Server) -> None:
        self._host = server.host
        self._headers = {"Authorization": f"Bearer {token_of('anna')}"}
        self.dialog_id = server.make_dialog("files", ["anna", "boris"])

    def leave(self, size: int, content_type: str = "") -> dict[str, Any]:
        """Ask for leave to upload."""
        body = {"dialog_id": self.dialog_id, "filename": "a.jpg", "content_type": content_type, "size": size}
        return self._post("/api/v1/upload/presign", body)

    def send(self, leave: dict[str, Any], size: int, content_type: str = "") -> list[dict[str, Any]]:
        """Send what was uploaded; returns the attachments."""
        item = {"s3_key": leave["s3_key"], "filename": "a.jpg", "content_type": content_type, "size": size}
        sent = self._post(f"/api/v1/dialogs/{self.dialog_id}/messages", {"content": "", "attachments": [item]})
        attachments: list[dict[str, Any]] = sent["attachments"]
        return attachments

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._host.post(path, json=body, headers=self._headers)
        answer.raise_for_status()
        data: dict[str, Any] = answer.json()["data"]
        return data


def _asked(url: str, method: str, headers: str = "") -> socket.socket:
    parts = urlsplit(url)
    sock = socket.create_connection((parts.hostname, parts.port), timeout=120)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n{headers}\r\n".encode())
    return sock


def _put(url: str, size: int = LARGEST) -> float:
    """Send a file; returns MiB/s, the answer included. Raises RuntimeError when it is refused."""
    began = time.perf_counter()
    with _asked(url, "PUT", f"Content-Length: {size}\r\n") as sock:
        for _ in range(size // len(PIECE)):
            sock.sendall(PIECE)
        head = sock.recv(64)
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
        raise RuntimeError(f"not stored: {head!r}")
    return size / MIB / (time.perf_counter() - began)


def _get(url: str) -> float:
    """Read a file; returns MiB/s."""
    buffer = bytearray(MIB)
    began, received = time.perf_counter(), 0
    with _asked(url, "GET") as sock:
        while count := sock.recv_into(buffer):
            received += count
    if received < LARGEST:
        raise RuntimeError(f"{received:,} bytes of {LARGEST:,} came")
    return received / MIB / (time.perf_counter() - began)


def _photo() -> bytes:
    """12 megapixels that compress as those of a camera."""
    image = Image.merge("RGB", [Image.effect_noise((800, 600), 70) for _ in range(3)]).resize(PHOTO_SIZE)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90)
    return target.getvalue()


def _thumbnails(site: _Site, count: int) -> Row:
    """They wait already; timed from the start of the worker's first to the end of its last."""
    anna, photo = _Person(site.server), _photo()
    for _ in range(count):
        leave = anna.leave(len(photo), "image/jpeg")
        httpx.put(leave["upload_url"], content=photo, headers={"Content-Type": "image/jpeg"}).raise_for_status()
        anna.send(leave, len(photo), "image/jpeg")
    source, target = site.folder / "photo", site.folder / "thumbnail"
    source.write_bytes(photo)
    began = time.perf_counter()
    for _ in range(5):
        drawn = drawing_child.draw(str(source), str(target), "image/jpeg")
    alone = 5 / (time.perf_counter() - began)
    with running([sys.executable, "-m", "mtchat", "worker"], site.server.environment):
        rate = _rate_of_drawing(site.server.database_url, count)
    work = f"thumbnails/s, one worker, 12 megapixels ({len(photo) / MIB:.1f} MiB) to {drawn['thumbnail']}"
    return Row(work, f"{rate:,.1f}", "", "", f"drawing alone {ratio(rate, alone)}")


def _rate_of_drawing(database_url: str, count: int) -> float:
    sql = "SELECT count(*) FROM attachments WHERE due_at IS NULL AND thumbnail_type IS NOT NULL"
    first = 0.0
    with psycopg.connect(database_url, autocommit=True) as connection:
        while True:
            row = connection.execute(sql).fetchone()
            done = row[0] if row else 0
            if done and not first:
                first, first_done = time.perf_counter(), done
            if done >= count:
                return float((count - first_done) / (time.perf_counter() - first))
            time.sleep(0.02)


def _memory() -> Iterator[Row]:
    """A server that has done nothing else: ten files of 100 MiB at the same time."""
    with tempfile.TemporaryDirectory(prefix="mtchat-bench-") as home:
        Path(home).chmod(0o755)
        database = open_embedded(Path(home))
        try:
            with _serving(database.url, Path(home)) as site:
                anna = _Person(site.server)
                _put(anna.leave(MIB)["upload_url"], MIB)
                before = _memory_of(site.server)
                took, most = _ten_at_once(site.server, [anna.leave(LARGEST)["upload_url"] for _ in range(PARALLEL)])
        finally:
            database.stop()
    rate = PARALLEL * LARGEST / MIB / took
    measured = f"{before / MIB:.0f} MiB before, at most {most / MIB:.0f} MiB; {rate:,.0f} MiB/s together"
    yield Row(f"memory during {PARALLEL} uploads of 100 MiB at once", measured, "flat", "")


def _ten_at_once(server: Server, urls: list[str]) -> tuple[float, int]:
    """Return how long they took and the most memory the server had."""
    uploads = [threading.Thread(target=_put, args=(url,)) for url in urls]
    began, most = time.perf_counter(), 0
    for upload in uploads:
        upload.start()
    while any(upload.is_alive() for upload in uploads):
        most = max(most, _memory_of(server))
        time.sleep(_SAMPLE_SECS)
    return time.perf_counter() - began, most


def _memory_of(server: Server) -> int:
    """Bytes of memory that the server's process holds."""
    held: int = psutil.Process(server.process.pid).memory_info().rss
    return held
