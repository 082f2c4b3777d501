"""Bytes that are no HTTP, odd HTTP that is, and frames that mean nothing.

What is no HTTP is refused and hung up on, so that nothing of it can be read as the next request.
"""

import orjson
import pytest

from tests.support.fix_live import TEXT, Ids, check_answer
from tests.support.live import LiveServer
from tests.support.nasty import OK
from tests.support.sockets import SocketClient

HOST = b"Host: localhost\r\n"
GET = b"GET /health HTTP/1.1\r\n" + HOST
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\r\n\r\n",
    "no version": b"GET /health\r\n\r\n",
    "a version to come": b"GET /health HTTP/2.0\r\n" + HOST + b"\r\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a host that is none": b"GET /health HTTP/1.1\r\nHost: a b/c\r\n\r\n",
    "a blank in the target": b"GET /health /x HTTP/1.1\r\n" + HOST + b"\r\n",
    "a NUL in the target": b"GET /health\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a folded header": GET + b"X-A: 1\r\n 2\r\n\r\n",
    "a header without a colon": GET + b"nonsense\r\n\r\n",
    "a blank before the colon": GET + b"Content-Length : 5\r\n\r\nhello",
    "a NUL in a header": GET + b"X-A: eyJ\x00\r\n\r\n",
    "a lone carriage return": GET + b"X-A: 1\rX-B: eyJ\r\n\r\n",
    "a header name of bytes": GET + b"X-\xff: 1\r\n\r\n",
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    "a negative length": POST + b"Content-Length: -5\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nhello",
    "a length of another alphabet": POST + b"Content-Length: \xb2\r\n\r\nhi",
    "a length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks of chunks": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "an unknown encoding": POST + b"Transfer-Encoding: gzip\r\n\r\n",
    "a chunk of no size": CHUNKED + b"zz\r\n\r\n",
    "a negative chunk": CHUNKED + b"-1\r\n\r\n",
    "a chunk of exabytes": CHUNKED + b"ffffffffffffffff\r\n\r\n",
    "a chunk that is longer than it says": CHUNKED + b"1\r\nabc\r\n0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_http_is_400_and_the_end_of_the_connection(name: str, live: LiveServer) -> None:
    with live.wire() as wire:
        wire.send(MALFORMED[name] + GET + b"\r\n")
        refused = wire.answer()
        assert refused is not None
        assert (refused.status, refused.body) == (400, b"")
        assert wire.answer() is None


@pytest.mark.parametrize("where", ["/health?", "/health HTTP/1.1\r\nX-A: "])
def test_a_head_over_64_kib_is_hung_up_on(where: str, live: LiveServer) -> None:
    """Before a whole line has come there is no request to answer."""
    with live.wire() as wire:
        wire.send(b"GET " + where.encode() + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        assert wire.answer() is None
    with live.wire() as wire:
        check_answer(wire.ask("GET", "/health"), OK, wire)


@pytest.mark.parametrize("pieces", [1, 7, 1_000])
def test_a_body_in_chunks_is_a_body(pieces: int, live: LiveServer, ids: Ids) -> None:
    body = orjson.dumps({"content": "ж" * 500})
    step = -(-len(body) // pieces)
    chunks = [body[start : start + step] for start in range(0, len(body), step)]
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    written = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    with live.wire() as wire:
        target = f"/api/v1/dialogs/{ids['north']}/messages?user_id=anna"
        check_answer(wire.ask("POST", target, headers, written), OK, wire)


def test_requests_sent_at_once_are_answered_in_order(live: LiveServer) -> None:
    line = b" HTTP/1.1\r\n" + HOST + b"\r\n"
    with live.wire() as wire:
        wire.send(
            b"GET /health" + line + b"GET /nowhere" + line + b"GET /api/v1/dialogs" + line + b"GET /health" + line
        )
        answers = [wire.answer() for _ in range(4)]
    assert [answer.status for answer in answers if answer is not None] == [200, 404, 400, 200]


def test_a_header_cannot_be_put_into_an_answer(live: LiveServer) -> None:
    """What is echoed, the origin and the headers a page asks for, is echoed as one header."""
    asked = {"Origin": "https://a.example, X-Evil: 1", "Access-Control-Request-Headers": "x-a\t,\xe9,Set-Cookie: b=1"}
    with live.wire() as wire:
        answer = wire.ask("OPTIONS", "/api/v1/dialogs", asked)
        assert answer is not None
        assert answer.status == 200
        assert not {"x-evil", "set-cookie"} & set(answer.headers)
        check_answer(wire.ask("GET", "/health", asked), OK, wire)


# --- frames (contract 6.2): nonsense is passed over, a request that cannot be carried out is answered by `error`

SILENT = [
    "", "x", "null", "[]", "5", '"ping"', '{"type":5}', '{"type":["ping"]}', '{"type":{"a":1}}', '{"type":"PING"}',
    '{"type":"subscribe"}', '{"type":"subscribe","dialog_id":5}', '{"type":"unsubscribe","dialog_id":"{south}"}',
    '{"type":"typing"}', '{"type":"typing","dialog_id":{}}', '{"type":"typing","dialog_id":"{south}"}',
    '{"type":"message.new","dialog_id":"{south}"}', "[" * 30_000, '{"type":"ping","type":"x"}', '{"type":"\\ud800"}',
    '{"type":"typing","dialog_id":"\\u0000"}', '{"type":"x\u0000"}', "{" + '"a":{' * 3_000,
]  # fmt: skip
REFUSED = {
    '{"type":"read"}': "INVALID_INPUT",
    '{"type":"read","dialog_id":"{north}","message_id":null}': "INVALID_INPUT",
    '{"type":"read","dialog_id":"{north}","message_id":"{foreign}"}': "MESSAGE_NOT_FOUND",
    '{"type":"read","dialog_id":"{south}","message_id":"{foreign}"}': "FORBIDDEN",
    '{"type":"read","dialog_id":"{mine}","message_id":"{mine}"}': "NOT_FOUND",
    '{"type":"resume"}': "INVALID_INPUT",
    '{"type":"resume","dialogs":[]}': "INVALID_INPUT",
    '{"type":"resume","dialogs":{"x":1}}': "INVALID_INPUT",
    '{"type":"resume","dialogs":{"{north}":-1}}': "INVALID_INPUT",
    '{"type":"resume","dialogs":{"{north}":1.5}}': "INVALID_INPUT",
    '{"type":"resume","dialogs":{"{north}":true}}': "INVALID_INPUT",
    '{"type":"resume","dialogs":{"{north}":99999999999999999999}}': "INVALID_INPUT",
}


def framed(text: str, ids: Ids) -> str:
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@pytest.mark.gen_test
async def test_nonsense_on_a_socket_is_passed_over(live: LiveServer, ids: Ids) -> None:
    socket = await SocketClient.open(live.base_url, "anna")
    for text in SILENT:
        socket.send_text(framed(text, ids))
    assert [frame for frame in await socket.heard() if frame["type"] != "presence.update"] == []
    await socket.finish()


@pytest.mark.gen_test
@pytest.mark.parametrize("text", REFUSED)
async def test_a_frame_that_cannot_be_carried_out_is_answered(text: str, live: LiveServer, ids: Ids) -> None:
    socket = await SocketClient.open(live.base_url, "anna")
    socket.send_text(framed(text, ids))
    error = await socket.expect("error")
    assert (error["code"], error["request"]) == (REFUSED[text], orjson.loads(text)["type"])
    assert TEXT not in str(error)
    assert [frame for frame in await socket.heard() if frame["type"] != "presence.update"] == []
    await socket.finish()


@pytest.mark.gen_test
async def test_a_resume_of_a_strangers_dialog_says_no_more_than_of_none(live: LiveServer, ids: Ids) -> None:
    """P1."""
    socket = await SocketClient.open(live.base_url, "anna")
    told = []
    for dialog_id in (ids["south"], ids["mine"]):
        socket.send({"type": "resume", "dialogs": {dialog_id: 0}})
        frame = await socket.expect("resumed")
        told.append({name: value for name, value in frame.items() if name != "gone"})
        assert frame["gone"] == [dialog_id]
    assert told[0] == told[1]
    await socket.finish()
