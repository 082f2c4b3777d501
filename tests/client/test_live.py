"""The live connection of the Python client against a service that says what the test wants (P3)."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from mtchat.client import live as live_module
from mtchat.client.backoff import Backoff
from mtchat.client.errors import ClosedForGoodError, RefusedError
from mtchat.client.live import LiveChat, LiveEvent
from mtchat.client.rest import ChatApi
from tests.support.waiting import until as until_true

Frame = dict[str, Any]


class Service:
    """Requests and sockets as they come; `refuses` has the statuses of the next handshakes."""

    def __init__(self) -> None:
        self.sockets: asyncio.Queue[Socket] = asyncio.Queue()
        self.refuses: list[int] = []
        self.requests: asyncio.Queue[HTTPServerRequest] = asyncio.Queue()
        self.answers = asyncio.Event()
        self.answers.set()


class Socket(WebSocketHandler):
    """One connection: the test speaks and listens; handshakes wait while the service does not answer."""

    def initialize(self, service: Service) -> None:
        self.service = service
        self.said: asyncio.Queue[Frame] = asyncio.Queue()

    async def prepare(self) -> None:
        self.service.requests.put_nowait(self.request)
        await self.service.answers.wait()
        if self.service.refuses:
            self.set_status(self.service.refuses.pop(0))
            self.finish()

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if subprotocols else None

    def open(self) -> None:
        self.service.sockets.put_nowait(self)
        self.tell(type="connected", employee_id="anna", resume=True)

    def on_message(self, message: str | bytes) -> None:
        self.said.put_nowait(orjson.loads(message))

    def tell(self, **frame: Any) -> None:
        """Send a frame."""
        self.write_message(orjson.dumps(frame).decode())

    def event(self, seq: int, dialog_id: str = "d") -> None:
        """Send a message of a dialog."""
        self.tell(type="message.new", dialog_id=dialog_id, seq=seq)

    def resumed(self, reload: list[str] | None = None, gone: list[str] | None = None, seq: int = 0) -> None:
        """Answer a resume."""
        state = {dialog_id: {"seq": seq} for dialog_id in reload or []}
        self.tell(type="resumed", state=state, reload=reload or [], gone=gone or [])


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def app(service: Service) -> Application:
    return Application([("/api/v1/ws", Socket, {"service": service})])


@pytest.fixture
def live(http_server: object, base_url: str, io_loop: IOLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveChat]:
    """Anna's connection, which waits for nothing long."""
    monkeypatch.setattr(live_module, "Backoff", lambda: Backoff(0.001, 0.002))
    api = ChatApi(base_url, user_id="anna")
    chat = LiveChat(api, relist=False)

    async def close() -> None:
        await chat.close()
        await api.close()

    io_loop.run_sync(lambda: begin(chat))
    yield chat
    io_loop.run_sync(close)


async def begin(chat: LiveChat) -> None:
    """`start` needs a running loop."""
    chat.start()


async def until(chat: LiveChat, wanted: Callable[[LiveEvent], bool]) -> list[LiveEvent]:
    """What comes, up to the first event that is wanted."""
    found: list[LiveEvent] = []
    async with asyncio.timeout(10):
        async for event in chat:
            found.append(event)
            if wanted(event):
                return found
    raise AssertionError(found)


def of(kind: str) -> Callable[[LiveEvent], bool]:
    """Whether an event is of this type."""
    return lambda event: event.type == kind


@pytest.mark.gen_test
async def test_it_resumes_from_the_last_event_it_handed_out(live: LiveChat, service: Service) -> None:
    first = await service.sockets.get()
    first.event(4)
    first.event(5)
    await until(live, lambda event: event.seq == 5)
    first.close(4008)
    second = await service.sockets.get()
    assert await second.said.get() == {"type": "resume", "dialogs": {"d": 5}}
    for seq in (8, 6, 7):
        second.event(seq)
    second.resumed()
    second.event(8)
    events = await until(live, lambda event: event.seq == 8)
    assert [event.type for event in events if event.seq is None] == ["live.lost", "live.connected", "live.resumed"]
    assert [event.seq for event in events if event.seq is not None] == [6, 7, 8]


@pytest.mark.gen_test
async def test_a_hole_in_what_comes_is_asked_for_at_once(live: LiveChat, service: Service) -> None:
    socket = await service.sockets.get()
    socket.event(1)
    socket.event(3)
    assert await socket.said.get() == {"type": "resume", "dialogs": {"d": 1}}
    socket.event(2)
    socket.event(3)
    socket.resumed()
    events = await until(live, of("live.resumed"))
    assert [event.seq for event in events if event.seq is not None] == [1, 2, 3]


@pytest.mark.gen_test
async def test_what_is_gone_is_forgotten_and_what_is_to_be_loaded_counts_on_from_there(
    live: LiveChat, service: Service
) -> None:
    live.follow("left", 3)
    live.follow("long", 3)
    first = await service.sockets.get()
    asked = await first.said.get()
    first.resumed(reload=["long"], gone=["left"], seq=900)
    first.event(901, "long")
    events = await until(live, lambda event: event.seq == 901)
    assert asked["dialogs"] == {"left": 3, "long": 3}
    assert [(event.type, event.dialog_id) for event in events if event.type.startswith("dialog.")] == [
        ("dialog.gone", "left"),
        ("dialog.reload", "long"),
    ]
    assert live.positions == {"long": 901}


@pytest.mark.gen_test
async def test_a_resume_that_could_not_be_answered_is_asked_again(
    live: LiveChat, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "ASK_AGAIN_SECS", 0.0)
    live.follow("d", 3)
    socket = await service.sockets.get()
    asked = await socket.said.get()
    socket.tell(type="error", request="resume", code="SERVICE_UNAVAILABLE", message="away")
    assert await socket.said.get() == asked


@pytest.mark.gen_test
async def test_it_stays_away_as_long_as_the_service_asks(live: LiveChat, service: Service) -> None:
    began = asyncio.get_running_loop().time()
    (await service.sockets.get()).close(1001, '{"retry_after_ms":200}')
    await service.sockets.get()
    assert asyncio.get_running_loop().time() - began >= 0.2


@pytest.mark.gen_test
async def test_a_final_close_code_ends_it(live: LiveChat, service: Service) -> None:
    (await service.sockets.get()).close(4501, "too_many_sockets")
    with pytest.raises(ClosedForGoodError) as closed:
        await until(live, of("never"))
    assert closed.value.code == 4501


@pytest.mark.gen_test
async def test_bad_credentials_end_it_and_a_busy_service_does_not(live: LiveChat, service: Service) -> None:
    socket = await service.sockets.get()
    service.refuses = [503, 429, 401]
    socket.close(4401)
    with pytest.raises(RefusedError) as refused:
        await until(live, of("never"))
    assert refused.value.status == 401
    assert service.refuses == []


@pytest.mark.gen_test
async def test_a_token_goes_by_the_subprotocol_and_never_into_the_address(
    http_server: object, base_url: str, service: Service
) -> None:
    """F12"""
    async with ChatApi(base_url, token="a.b.c") as api, LiveChat(api, relist=False) as chat:
        await chat.connected()
    request = await service.requests.get()
    assert request.headers["Sec-WebSocket-Protocol"] == "mtchat.v1,bearer.a.b.c"
    assert request.query == ""


@pytest.mark.gen_test
async def test_closing_while_it_connects_leaves_no_connection(
    http_server: object, base_url: str, service: Service
) -> None:
    service.answers.clear()
    async with ChatApi(base_url, user_id="anna") as api:
        chat = LiveChat(api, relist=False)
        chat.start()
        await service.requests.get()
        await chat.close()
        service.answers.set()
        socket = await service.sockets.get()
        await until_true(lambda: socket.ws_connection is None)
        assert [event async for event in chat] == []
