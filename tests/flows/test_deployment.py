"""The files an installation is made of, started as they are: supervisor, nginx, PostgreSQL and Redis of Debian.

Nothing is changed in them but the ports, and in nginx' one also where it logs. (F62, P2, P7)
"""

import asyncio
import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import psycopg
import pytest
from tornado.ioloop import IOLoop

from mtchat.client.rest import ManagementApi
from mtchat.config.settings import load_settings
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.fix_postgres import Postgres
from tests.support.fix_processes import Follower
from tests.support.fix_redis import RedisServer
from tests.support.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("deployment")]

ROOT = Path(__file__).parents[2]
WAIT_SECS = 60.0
SERVERS = 4
PEOPLE = ["anna", "boris", "vera", "walter"]


class Installation:
    """A folder as an operator has it: .env, supervisord.conf, the programs, nginx in front."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mtchat-site-"))
        self.first_port = _free_ports(SERVERS + 1)
        self.port = self.first_port + SERVERS
        self._write(database_url, redis_url)
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def base_url(self) -> str:
        """Where nginx listens."""
        return f"http://127.0.0.1:{self.port}"

    def _write(self, database_url: str, redis_url: str) -> None:
        (self.home / "var" / "log").mkdir(parents=True)
        (self.home / ".venv").symlink_to(Path(sys.prefix))
        environment = {
            "DATABASE_URL": database_url,
            "DATABASE_MIN_CONNECTIONS": "1",
            "DATABASE_MAX_CONNECTIONS": "10",
            "REDIS_URL": redis_url,
            "ADMIN_API_TOKEN": ADMIN_TOKEN,
            "TRUST_PROXY_HEADERS": "true",
            "LOG_JSON": "true",
        }
        load_settings(environment)
        (self.home / ".env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
        supervisor = (ROOT / "supervisord.conf").read_text()
        assert supervisor.count("81%(process_num)02d") == 1
        supervisor = supervisor.replace("81%(process_num)02d", f"{self.first_port // 100}%(process_num)02d")
        (self.home / "supervisord.conf").write_text(supervisor)
        nginx = (ROOT / "conf" / "nginx.conf").read_text()
        for number in range(SERVERS):
            assert nginx.count(f"127.0.0.1:810{number}") == 1
            nginx = nginx.replace(f"127.0.0.1:810{number}", f"127.0.0.1:{self.first_port + number}")
        nginx = nginx.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        nginx = nginx.replace("/var/log/nginx/mtchat.log", str(self.home / "var" / "log" / "nginx.log"))
        (self.home / "mtchat.conf").write_text(nginx)
        (self.home / "nginx.conf").write_text(self._nginx_around())

    def _nginx_around(self) -> str:
        """What the distribution's nginx.conf has around the file, with folders that need no root."""
        folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"    {name}_temp_path {self.home}/var/{name};\n" for name in folders)
        user = "user root;\n" if os.geteuid() == 0 else ""
        return (
            f"{user}worker_processes 2;\npid {self.home}/var/nginx.pid;\n"
            f"error_log {self.home}/var/log/nginx-error.log;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{\n{places}    include {self.home}/mtchat.conf;\n}}\n"
        )

    def start(self) -> None:
        """Start supervisor and nginx, wait until every process serves."""
        self._start("supervisord", "-n", "-c", str(self.home / "supervisord.conf"))
        for number in range(SERVERS):
            self._wait_for(f"http://127.0.0.1:{self.first_port + number}/health/ready")
        self._start("nginx", "-c", str(self.home / "nginx.conf"), "-g", "daemon off;")
        self._wait_for(f"{self.base_url}/health")
        # A process counts as running once it has lived for `startsecs`.
        until = time.monotonic() + WAIT_SECS
        while set(re.findall(r"^\S+\s+(\S+)", self.control("status"), re.MULTILINE)) != {"RUNNING"}:
            assert time.monotonic() < until, self.control("status")
            time.sleep(0.1)

    def control(self, *words: str) -> str:
        """Tell supervisor something."""
        command = ["supervisorctl", "-c", str(self.home / "supervisord.conf"), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECS, check=False).stdout

    def names(self, program: str) -> list[str]:
        """The processes of a program."""
        return re.findall(rf"^({program}:\S+)\s+RUNNING", self.control("status"), re.MULTILINE)

    def log(self, name: str) -> str:
        """What was written to a log."""
        return "".join(path.read_text() for path in sorted((self.home / "var" / "log").glob(name)))

    def stop(self) -> None:
        """End nginx, then supervisor, which ends the processes."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(WAIT_SECS)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.home, ignore_errors=True)

    def _start(self, *command: str) -> None:
        environment = {"PATH": os.environ["PATH"] + ":/usr/sbin"}
        self._processes.append(
            subprocess.Popen(
                command, env=environment, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )

    def _wait_for(self, url: str) -> None:
        until = time.monotonic() + WAIT_SECS
        while True:
            try:
                if httpx.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < until, (url, self.log("*"))
            time.sleep(0.05)


def _free_ports(number: int) -> int:
    """The first of some free ports in a row, on the same hundred.

    Below those that connections going out take: a process that starts again must find its port as it left it.
    """
    while True:
        first = random.randrange(120, 320) * 100
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for port in range(first, first + number):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation that serves; its logs are shown when a test of it fails."""
    postgres, redis = Postgres(), RedisServer()
    try:
        postgres.start()
        redis.start()
        installation = Installation(postgres.url, redis.url)
        try:
            installation.start()
            failed = request.session.testsfailed
            yield installation
            if request.session.testsfailed > failed:
                print(installation.log("*"))
        finally:
            installation.stop()
            installation.remove()
    finally:
        redis.remove()
        postgres.remove()


async def make_dialogs(site: Installation, number: int) -> list[str]:
    """Make dialogs of everybody, through nginx."""
    async with ManagementApi(site.base_url, token=ADMIN_TOKEN) as host:
        made = [
            await host.create_dialog(
                "order", str(time.monotonic_ns()), [{"user_id": name, "display_name": name} for name in PEOPLE]
            )
            for _ in range(number)
        ]
    return [dialog["id"] for dialog in made]


async def follow(site: Installation, people: Sequence[str] = PEOPLE) -> list[Follower]:
    """Connect people through nginx."""
    return [await Follower(site.base_url, person).start() for person in people]


@pytest.mark.gen_test(timeout=120)
async def test_people_chat_through_the_installation(site: Installation, io_loop: IOLoop) -> None:
    """P7: every process is reached, and they are one chat."""
    assert len(site.names("serve")) == SERVERS
    assert len(site.names("worker")) == 2
    (dialog_id,) = await make_dialogs(site, 1)
    followers = await follow(site, PEOPLE * 2)
    for follower in followers:
        await follower.until_known(dialog_id)
    for number, follower in enumerate(followers):
        message = await follower.api.send(dialog_id, f"<p>{number}</p>")
        assert message["sender_id"] == follower.api.user_id
    for follower in followers:
        await follower.until_heard(dialog_id, len(followers))
        assert follower.seqs(dialog_id) == sorted(set(follower.seqs(dialog_id)))
    roster = await followers[0].api.participants(dialog_id)
    assert all(entry["is_online"] for entry in roster)
    for follower in followers:
        await follower.close()
    async with asyncio.timeout(WAIT_SECS):
        # A socket gets its line when nginx has seen its end.
        while len(reached(site)) < SERVERS:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert "user_id" not in site.log("nginx.log")


def reached(site: Installation) -> set[int]:
    """The ports of the processes that nginx' log names."""
    log = site.log("nginx.log")
    return {port for port in range(site.first_port, site.first_port + SERVERS) if f"127.0.0.1:{port}" in log}


@pytest.mark.gen_test(timeout=200)
async def test_processes_are_replaced_one_by_one_without_a_failed_request_or_a_lost_message(site: Installation) -> None:
    """F62, P2, P3: each gets SIGTERM under load and is gone within 20 s."""
    dialogs = await make_dialogs(site, 3)
    followers = await follow(site, PEOPLE * 2)
    traffic = Traffic([site.base_url], PEOPLE, dialogs).start()
    await traffic.reached(50)
    for name in site.names("serve"):
        began = time.monotonic()
        answer = await asyncio.to_thread(site.control, "restart", name)
        assert f"{name}: started" in answer
        assert time.monotonic() - began < 20
        await traffic.reached(20)
    await traffic.reached(50)
    await traffic.stop()
    assert traffic.failures == []
    ends = {dialog_id: (await followers[0].api.dialog(dialog_id))["seq"] for dialog_id in dialogs}
    for follower in followers:
        await follower.until_at(ends)
        for dialog_id, end in ends.items():
            found = follower.seqs(dialog_id)
            assert found == list(range(found[0], end + 1))
    for dialog_id in dialogs:
        stored = [message async for message in followers[0].api.all_messages(dialog_id)]
        sent = [message["id"] for message in stored if message["message_type"] == "user"]
        assert sent == sorted(traffic.acknowledged[dialog_id])
    for follower in followers:
        await follower.close()
    assert "error" not in {
        line.split('"level":"')[1].split('"')[0] for line in site.log("serve-*.log").splitlines() if '"level":"' in line
    }


@pytest.mark.gen_test(timeout=60)
async def test_a_request_repeated_by_the_balancer_makes_one_message(site: Installation) -> None:
    """P2: what nginx adds is a key; the same one makes the same message."""
    (dialog_id,) = await make_dialogs(site, 1)
    async with httpx.AsyncClient() as http:
        url = f"{site.base_url}/api/v1/dialogs/{dialog_id}/messages?user_id=anna"
        headers = {"Idempotency-Key": "mine", "Content-Type": "application/json"}
        answers = [await http.post(url, content=b'{"content":"<p>once</p>"}', headers=headers) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        headers.pop("Idempotency-Key")
        others = [await http.post(url, content=b'{"content":"<p>twice</p>"}', headers=headers) for _ in range(2)]
        assert others[0].json()["data"]["id"] != others[1].json()["data"]["id"]


def test_the_database_of_the_installation_has_what_was_sent(site: Installation) -> None:
    """The files together use the PostgreSQL they were given."""
    database_url = re.search(r"DATABASE_URL=(.*)", (site.home / ".env").read_text())
    assert database_url is not None
    with psycopg.connect(database_url[1]) as connection:
        row = connection.execute("SELECT count(*) FROM messages").fetchone()
    assert row is not None
    assert row[0] > 0
