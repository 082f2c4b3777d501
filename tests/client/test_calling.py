"""What is worth repeating, and what an answer means: the client of both APIs against a service that fails (P2)."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import orjson
import pytest
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler

from mtchat.client import calling
from mtchat.client.backoff import Backoff
from mtchat.client.errors import RefusedError, UnreachableError
from mtchat.client.rest import ChatApi, ManagementApi

# Cuts the connection instead of an answer.
CUT = 0


class Service:
    """Answers with what it is given, then 200; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[int | tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []


class AnyHandler(RequestHandler):
    """Takes any request."""

    def initialize(self, service: Service) -> None:
        self.service = service

    def prepare(self) -> None:
        service, request = self.service, self.request
        service.asked.append((request.method or "", request.path, request.body))
        service.headers.append(dict(request.headers))
        answer = service.answers.pop(0) if service.answers else 200
        if answer == CUT:
            self.detach().close()
            self._finished = True
            return
        status, headers, body = answer if isinstance(answer, tuple) else (answer, {}, envelope(answer))
        self.set_status(status)
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(body)


def envelope(status: int) -> bytes:
    """An answer of the service."""
    if status == 200:
        return b'{"data":{"id":"made"}}'
    return orjson.dumps({"error": {"code": f"CODE_{status}", "message": "told"}})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def app(service: Service) -> Application:
    return Application([(".*", AnyHandler, {"service": service})])


@pytest.fixture
def chat(http_server: object, base_url: str, io_loop: IOLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatApi]:
    """Anna, who does not wait long between attempts."""
    monkeypatch.setattr(calling, "Backoff", lambda: Backoff(0.001, 0.002))
    api = ChatApi(base_url, user_id="anna")
    yield api
    io_loop.run_sync(api.close)


@pytest.mark.parametrize("failure", [502, 503, 504, 429, CUT])
@pytest.mark.gen_test
async def test_a_send_is_repeated_with_its_key_until_it_is_answered(
    chat: ChatApi, service: Service, failure: int
) -> None:
    service.answers = [failure, failure]
    assert (await chat.send("d", "<p>hello</p>"))["id"] == "made"
    bodies = [orjson.loads(body) for _, _, body in service.asked]
    assert len(bodies) == 3
    assert len({body["client_message_id"] for body in bodies}) == 1


@pytest.mark.parametrize("failure", [503, CUT])
@pytest.mark.gen_test
async def test_what_must_not_happen_twice_is_asked_once(chat: ChatApi, service: Service, failure: int) -> None:
    service.answers = [failure]
    with pytest.raises((UnreachableError, RefusedError)):
        await chat.leave("d")
    assert len(service.asked) == 1


@pytest.mark.gen_test
async def test_a_refusal_is_told_with_its_code_and_not_repeated(chat: ChatApi, service: Service) -> None:
    service.answers = [403]
    with pytest.raises(RefusedError) as refused:
        await chat.send("d", "<p>hello</p>")
    assert (refused.value.status, refused.value.code, refused.value.message) == (403, "CODE_403", "told")
    assert len(service.asked) == 1


@pytest.mark.gen_test
async def test_the_page_of_a_proxy_is_a_refusal_too(chat: ChatApi, service: Service) -> None:
    service.answers = [(413, {"Content-Type": "text/html"}, b"<html>too large</html>")]
    with pytest.raises(RefusedError) as refused:
        await chat.dialogs()
    assert (refused.value.status, refused.value.code) == (413, "HTTP_ERROR")


@pytest.mark.parametrize(("status", "raised"), [(503, UnreachableError), (429, RefusedError)])
@pytest.mark.gen_test
async def test_after_the_last_attempt_it_is_said(
    chat: ChatApi, service: Service, status: int, raised: type[Exception]
) -> None:
    service.answers = [status] * 10
    with pytest.raises(raised):
        await chat.dialogs()
    assert len(service.asked) == calling.ATTEMPTS


@pytest.mark.gen_test
async def test_the_service_says_how_long_to_wait(chat: ChatApi, service: Service) -> None:
    service.answers = [(429, {"Retry-After": "0.2"}, envelope(429))]
    began = asyncio.get_running_loop().time()
    await chat.dialogs()
    assert asyncio.get_running_loop().time() - began >= 0.2


@pytest.mark.gen_test
async def test_nobody_there_is_unreachable(chat: ChatApi) -> None:
    async with ChatApi("http://127.0.0.1:1", user_id="anna", attempts=2) as nowhere:
        with pytest.raises(UnreachableError):
            await nowhere.leave("d")


@pytest.mark.gen_test
async def test_a_token_is_asked_for_before_each_request(http_server: object, base_url: str, service: Service) -> None:
    tokens = iter(["first", "second"])

    async def fresh() -> str:
        return next(tokens)

    async with ManagementApi(base_url, token=fresh) as host:
        await host.dialog("d")
        await host.delete_dialog("d")
    assert [headers["Authorization"] for headers in service.headers] == ["Bearer first", "Bearer second"]
    assert [path for _, path, _ in service.asked] == ["/api/v1/management/dialogs/d"] * 2


@pytest.mark.gen_test
async def test_lists_are_read_page_by_page(chat: ChatApi, service: Service) -> None:
    service.answers = [(200, {}, orjson.dumps({"data": [{"id": str(n)} for n in range(size)]})) for size in (100, 3)]

    async def ids(dialogs: AsyncIterator[object]) -> int:
        return len([dialog async for dialog in dialogs])

    assert await ids(chat.all_dialogs(kind="participating")) == 103
    assert len(service.asked) == 2


def test_pauses_grow_up_to_a_bound_and_begin_anew_after_success() -> None:
    backoff = Backoff(1.0, 8.0)
    pauses = [backoff.next() for _ in range(6)]
    for pause, span in zip(pauses, [1, 2, 4, 8, 8, 8], strict=True):
        assert span / 2 <= pause <= span
    assert backoff.next(at_least=20) == 20
    backoff.reset()
    assert backoff.next() <= 1
