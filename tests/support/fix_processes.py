"""Several processes of one installation in the test's own loop: each has its services, its port and its people; what
they share is the database and a real Redis. Tests that kill processes use tests.support.process instead.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from handlers.application import make_app, make_server
from mtchat.assembly import close_services, open_services
from mtchat.client.errors import ClientError
from mtchat.client.live import LiveChat, LiveEvent
from mtchat.client.rest import ChatApi
from mtchat.config.settings import load_settings
from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.sockets import SocketClient

WAIT_SECS = 40.0


class Follower:
    """A person with the reference client: every event it hands out, by dialog."""

    def __init__(self, base_url: str, user_id: str, scopes: Mapping[str, list[str]] | None = None) -> None:
        self.api = ChatApi(base_url, user_id=user_id, scopes=scopes)
        self.live = LiveChat(self.api)
        self.events: list[LiveEvent] = []
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> "Follower":
        """Connect, and load what the person is in."""
        self.live.start()
        self._task = asyncio.create_task(self._follow())
        await self.live.connected()
        return self

    async def _follow(self) -> None:
        try:
            async for event in self.live:
                self.events.append(event)
                await self.take(event)
                async with self._news:
                    self._news.notify_all()
        except ClientError as error:
            self.events.append(LiveEvent("failed", fields={"error": str(error)}))

    async def take(self, event: LiveEvent) -> None:
        """Do something with an event before the next one comes."""

    async def close(self) -> None:
        """Hang up."""
        if self._task is not None:
            await self.live.close()
            await self._task
            self._task = None
            await self.api.close()

    async def until(self, condition: Callable[[], bool], within_secs: float = WAIT_SECS) -> None:
        """Wait until this holds; it is looked at after each event."""
        try:
            async with asyncio.timeout(within_secs), self._news:
                await self._news.wait_for(condition)
        except TimeoutError:
            raise AssertionError(f"{self.live.user_id}: {self.live.positions}, {self.events[-20:]}") from None

    async def until_at(self, ends: Mapping[str, int]) -> None:
        """Wait until the positions in these dialogs are reached."""
        await self.until(lambda: all(self.live.positions.get(dialog_id) == end for dialog_id, end in ends.items()))

    async def until_known(self, dialog_id: str) -> None:
        """Wait until events of a dialog are handed out: one made just now is found by a list."""
        await self.until(lambda: dialog_id in self.live.positions)

    async def until_heard(self, dialog_id: str, count: int) -> None:
        """Wait until so many events of a dialog have come."""
        await self.until(lambda: len(self.seqs(dialog_id)) == count)

    def seqs(self, dialog_id: str) -> list[int]:
        """The places in the log of what came of a dialog."""
        return [event.seq for event in self.events if event.dialog_id == dialog_id and event.seq is not None]

    def types(self) -> list[str]:
        """The types of everything that came."""
        return [event.type for event in self.events]


class Node:
    """One process of the installation."""

    def __init__(self, services: Services, http: AsyncHTTPClient) -> None:
        self.services = services
        self._http = http
        sockets = bind_sockets(0, "127.0.0.1")
        self.port: int = sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._server = make_server(make_app(services))
        self._server.add_sockets(sockets)
        self._closed = False
        self._opened: list[SocketClient] = []
        self._followers: list[Follower] = []

    def api(self, user_id: str) -> ApiClient:
        """A chat user who asks this process."""
        return ApiClient(self._http, self.base_url, user_id=user_id)

    @property
    def host(self) -> ApiClient:
        """The host's backend."""
        return ApiClient(self._http, self.base_url, admin_token=ADMIN_TOKEN)

    async def connect(self, user_id: str) -> SocketClient:
        """Open a socket that has got `connected`."""
        socket = await SocketClient.open(self.base_url, user_id)
        self._opened.append(socket)
        return socket

    async def follow(self, user_id: str) -> Follower:
        """Connect a person with the reference client."""
        follower = Follower(self.base_url, user_id)
        self._followers.append(follower)
        return await follower.start()

    async def close(self) -> None:
        """Stop as SIGTERM does."""
        if self._closed:
            return
        self._closed = True
        self._server.stop()
        await close_services(self.services)
        for socket in self._opened:
            await socket.finish()
        for follower in self._followers:
            await follower.close()
        await self._server.close_all_connections()


OpenNode = Callable[..., Awaitable[Node]]


@pytest.fixture
def open_node(database_url: str, io_loop: IOLoop) -> Iterator[OpenNode]:
    """A function: REDIS_URL and other variables -> a process that serves until the end of the test."""
    nodes: list[Node] = []
    http = AsyncHTTPClient(force_instance=True, max_clients=100)

    async def open_one(redis_url: str, **variables: str) -> Node:
        defaults = {
            "DATABASE_URL": database_url,
            "DATABASE_MIN_CONNECTIONS": "1",
            "DATABASE_MAX_CONNECTIONS": "6",
            "ADMIN_API_TOKEN": ADMIN_TOKEN,
            "LOG_LEVEL": "error",
            "PRESENCE_GRACE_SECS": "0",
            "REDIS_URL": redis_url,
        }
        node = Node(await open_services(load_settings(defaults | variables)), http)
        nodes.append(node)
        return node

    yield open_one

    async def close() -> None:
        await asyncio.gather(*(node.close() for node in nodes))

    io_loop.run_sync(close, timeout=30)
    http.close()
