"""A real MinIO for the tests of files, and the two kinds of storage under one name.

The binary is found by MTCHAT_TEST_MINIO, PATH or where `go install` puts it; without one the tests fail and say so.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from minio import Minio
from minio.error import MinioException

from tests.support.process import free_port

ACCESS_KEY, SECRET_KEY = "tester-of-files", "a secret of the tests of files"
# Made new for each process of the tests; a machine that runs all of them at once takes its time.
_START_SECS = 90.0
_HOW = (
    "MinIO is missing: run `go install github.com/minio/minio@latest` (a few minutes), "
    "or name its binary by MTCHAT_TEST_MINIO"
)


def minio_binary() -> str:
    """Where MinIO is; fails the test that needs it when it is nowhere."""
    given = os.environ.get("MTCHAT_TEST_MINIO") or shutil.which("minio")
    folders = [
        os.environ.get("GOBIN"),
        *(f"{path}/bin" for path in (os.environ.get("GOPATH"), Path.home() / "go") if path),
    ]
    found = given or next((f"{folder}/minio" for folder in folders if folder and Path(folder, "minio").exists()), None)
    if found is None:
        pytest.fail(_HOW)
    return found


class MinioServer:
    """One MinIO on a port of its own, that a test may stop and start again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> Minio:
        """A client of the tests' own."""
        return Minio(f"127.0.0.1:{self.port}", ACCESS_KEY, SECRET_KEY, secure=False, region="us-east-1")

    def start(self) -> None:
        """Start and wait until it serves."""
        console = free_port()
        self._process = subprocess.Popen(
            [minio_binary(), "server", str(self._folder), "--quiet",
             "--address", f"127.0.0.1:{self.port}", "--console-address", f"127.0.0.1:{console}"],
            env={"HOME": str(self._folder), "PATH": os.environ["PATH"], "MINIO_ROOT_USER": ACCESS_KEY,
                 "MINIO_ROOT_PASSWORD": SECRET_KEY, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off",
                 # Bounded: the tests run several of these beside a database.
                 "GOMEMLIMIT": "300MiB", "GOMAXPROCS": "2", "MINIO_API_REQUESTS_MAX": "64"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + _START_SECS
        while time.monotonic() < until:
            url = f"{self.endpoint}/minio/health/ready"
            with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2):
                return
            time.sleep(0.05)
        raise AssertionError("MinIO did not start")

    def stop(self) -> None:
        """Stop at once, as a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it accept and never answer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _has_made(self, bucket: str) -> bool:
        with urllib3.PoolManager(timeout=2.0, retries=False) as pool:
            address = f"127.0.0.1:{self.port}"
            client = Minio(address, ACCESS_KEY, SECRET_KEY, secure=False, region="us-east-1", http_client=pool)
            with contextlib.suppress(urllib3.exceptions.HTTPError, MinioException):
                if not client.bucket_exists(bucket):
                    client.make_bucket(bucket)
                return True
        return False

    def new_bucket(self) -> dict[str, str]:
        """Make a bucket and return the settings that use it."""
        bucket = f"files-{uuid.uuid4().hex}"
        until = time.monotonic() + _START_SECS
        # Just started, it may say that it is ready and then keep its first caller waiting for a minute.
        while not self._has_made(bucket):
            assert time.monotonic() < until, "MinIO makes no bucket"
        return {
            "S3_ENDPOINT": self.endpoint,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": ACCESS_KEY,
            "S3_SECRET_ACCESS_KEY": SECRET_KEY,
            "S3_BUCKET": bucket,
        }


@pytest.fixture(scope="session")
def minio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinioServer]:
    """The MinIO that the tests of a process share, each with a bucket of its own."""
    server = MinioServer(tmp_path_factory.mktemp("minio"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_minio(tmp_path: Path) -> Iterator[MinioServer]:
    """A MinIO of this test's own, to be stopped in the middle."""
    server = MinioServer(tmp_path / "minio")
    server.start()
    yield server
    with contextlib.suppress(ProcessLookupError):
        server.thaw()
    server.stop()


@pytest.fixture
def disk_environment(_unused_port: tuple[socket.socket, int]) -> Iterator[dict[str, str]]:
    """Variables of the disk storage, for a server on the test's port."""
    listener, port = _unused_port
    yield {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
    # Also when the test asked for no server.
    listener.close()


@pytest.fixture(params=["disk", "s3"])
def storage_environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Variables of each kind of storage in turn."""
    if request.param == "s3":
        server: MinioServer = request.getfixturevalue("minio_server")
        return server.new_bucket()
    found: dict[str, str] = request.getfixturevalue("disk_environment")
    return found
