"""Real Redis servers on free ports, with nothing on disk that outlives them: killed and started again by pid."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.support.process import free_port

WAIT_SECS = 20.0


class RedisServer:
    """One `redis-server`; after `kill` it can be started again on the same port, empty."""

    def __init__(self, *, clustered: bool = False) -> None:
        self.port = free_port()
        # A cluster's nodes talk on a port that is 10,000 above by default, which a high one has no room for.
        self.cluster_port = free_port()
        self._options: list[str] = []
        if clustered:
            self._options = ["--cluster-enabled", "yes", "--cluster-port", str(self.cluster_port)]
            self._options += ["--cluster-require-full-coverage", "no"]
        self._home = Path(tempfile.mkdtemp(prefix="mtchat-redis-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What REDIS_URL is set to."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and wait until it answers."""
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._home)]
        command += ["--save", "", "--appendonly", "no", "--loglevel", "warning", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        until = time.monotonic() + WAIT_SECS
        with self.client() as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError:
                    assert self._process.poll() is None, "redis-server ended; is the port taken?"
                    assert time.monotonic() < until, "redis-server does not answer"
                    time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_SECS)
            self._process = None

    def client(self) -> redis.Redis:
        """A blocking client, for what a test prepares or looks at."""
        return redis.Redis(port=self.port, protocol=2)

    def remove(self) -> None:
        """Kill it and delete its folder."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)


class RedisCluster:
    """Three servers that share the slots."""

    def __init__(self) -> None:
        self.nodes = [RedisServer(clustered=True) for _ in range(3)]

    @property
    def url(self) -> str:
        """What REDIS_URL is set to: one of them, the others are found."""
        return self.nodes[0].url

    def start(self) -> None:
        """Start the nodes, share the slots, wait until each knows all of it."""
        clients = []
        bounds = [0, 5461, 10923, 16384]
        for number, node in enumerate(self.nodes):
            node.start()
            client = node.client()
            clients.append(client)
            _cluster(client, "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
        for node in self.nodes[1:]:
            _cluster(clients[0], "MEET", "127.0.0.1", node.port, node.cluster_port)
        until = time.monotonic() + WAIT_SECS
        while not all(self._is_whole(client) for client in clients):
            assert time.monotonic() < until, "the cluster does not come together"
            time.sleep(0.05)
        for client in clients:
            client.close()

    def move_slot(self, slot: int) -> None:
        """Give an empty slot to the last node, or to the first one when the last one has it."""
        clients = [node.client() for node in self.nodes]
        target = clients[0] if slot >= 10923 else clients[2]
        owner = str(_cluster(target, "MYID").decode())
        for client in (target, *(other for other in clients if other is not target)):
            _cluster(client, "SETSLOT", slot, "NODE", owner)
        for client in clients:
            client.close()

    @staticmethod
    def _is_whole(client: redis.Redis) -> bool:
        state = str(_cluster(client, "INFO"))
        return "cluster_state:ok" in state and "cluster_known_nodes:3" in state

    def remove(self) -> None:
        """Kill all."""
        for node in self.nodes:
            node.remove()


def _cluster(client: redis.Redis, *command: str | int) -> Any:
    return client.execute_command("CLUSTER", *command)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One server for all tests of a worker that do not stop it; each uses channels and keys of its own."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """The URL of an empty Redis."""
    with shared_redis.client() as client:
        client.flushall()
    return shared_redis.url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A server of this test's own, which it may kill."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RedisCluster]:
    """A cluster of three local nodes, for a whole worker."""
    cluster = RedisCluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def redis_own_cluster() -> Iterator[RedisCluster]:
    """A cluster of this test's own, which it may take apart."""
    cluster = RedisCluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()
