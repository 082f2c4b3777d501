"""Tokens that are none, or not for this: always 401 in the envelope, never believed (contract 2.3, 2.5, F1, F2, F3)."""

import base64
from typing import Any

import jwt
import orjson
import pytest

from tests.support.fix_live import check_answer
from tests.support.live import LiveServer
from tests.support.nasty import BAD, FORBIDDEN, OK, UNKNOWN, Expected

JWT_SECRET = "a secret of the tests of nasty tokens, as long as the longest hash wants it to be"


@pytest.fixture(scope="module")
def live_variables() -> dict[str, str]:
    """A server that wants a token."""
    return {"JWT_AUTH_ENABLED": "1", "JWT_SECRET": JWT_SECRET}


def token(secret: str = JWT_SECRET, algorithm: str = "HS256", headers: Any = None, **claims: Any) -> str:
    """A signed token; claims given as None are left out."""
    payload = {name: value for name, value in ({"sub": "anna"} | claims).items() if value is not None}
    return jwt.encode(payload, secret, algorithm, headers)


def part(value: object) -> str:
    """One part of a token, from JSON or from bytes."""
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: object, payload: object) -> str:
    """A token whose parts are any JSON or bytes, rightly signed."""
    message = f"{part(header)}.{part(payload)}"
    signature = jwt.PyJWS().get_algorithm_by_name("HS256").sign(message.encode(), JWT_SECRET.encode())
    return f"{message}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


HS256 = {"alg": "HS256", "typ": "JWT"}
TOKENS = {
    "a good one": (token(), 200),
    "a number for a user": (token(sub=7), 403),
    "nothing": ("", 401),
    "no token at all": ("anna", 401),
    "dots": ("..", 401),
    "parts that are no base64": ("!.!.!", 401),
    "bytes": ("\xff.\xfe.\xfd", 401),
    "another key": (token("another secret that nobody knows of"), 401),
    "no key": (token("", "none"), 401),
    "another hash": (token(algorithm="HS512"), 401),
    "no signature": (token().rpartition(".")[0] + ".", 401),
    "a signature too many": (token() + ".AAAA", 401),
    "a payload changed afterwards": (f"{part(HS256)}.{part({'sub': 'boris'})}.{token().rpartition('.')[2]}", 401),
    "20,000 characters": (token(note="x" * 20_000), 401),
    "a header that is a list": (signed([], {"sub": "anna"}), 401),
    "an algorithm that is a list": (signed({"alg": ["HS256"]}, {"sub": "anna"}), 401),
    "a key id that is an object": (signed(HS256 | {"kid": {}}, {"sub": "anna"}), 401),
    "a critical extension": (signed(HS256 | {"crit": ["x"], "x": 1}, {"sub": "anna"}), 401),
    "a payload apart": (signed(HS256 | {"crit": ["b64"], "b64": False}, {"sub": "anna"}), 401),
    "a header of brackets": (signed(b"[" * 9_000, {"sub": "anna"}), 401),
    "a payload of brackets": (signed(HS256, b'{"sub":' + b"[" * 9_000), 401),
    "a payload that is a list": (signed(HS256, ["anna"]), 401),
    "a payload that is no JSON": (signed(HS256, b"anna"), 401),
    "a payload that is not a number": (signed(HS256, b'{"sub":"anna","exp":NaN}'), 401),
    "half of a surrogate pair": (signed(HS256, b'{"sub":"\\ud800"}'), 401),
    "no user": (token(sub=None, name="anna"), 401),
    "an empty user": (token(sub=""), 401),
    "a user that is a flag": (token(sub=True), 401),
    "a user that is a list": (token(sub=["anna"]), 401),
    "a user over 255": (token(sub="a" * 256), 401),
    "a user with a NUL": (token(sub="anna\0"), 401),
    "long expired": (token(exp=1), 401),
    "not yet": (token(nbf=99_999_999_999), 401),
    "an end that is a text": (signed(HS256, {"sub": "anna", "exp": "never"}), 401),
    "an end beyond all time": (signed(HS256, b'{"sub":"anna","exp":1e308}'), 200),
    "an end that is a list": (signed(HS256, {"sub": "anna", "exp": []}), 401),
    "for another audience": (token(aud="others"), 401),
    "scopes with a number": (token(scopes={"scope_level0": [1]}), 401),
    "scopes of another system": (token(scopes="read write"), 200),
}
STATUS_CODES: dict[int, Expected] = {200: OK, 401: UNKNOWN, 403: FORBIDDEN}


@pytest.mark.parametrize("name", TOKENS)
def test_a_nasty_token(name: str, live: LiveServer) -> None:
    written, status = TOKENS[name]
    with live.wire() as wire:
        answer = wire.ask("GET", "/api/v1/dialogs?user_id=anna", {"Authorization": f"Bearer {written}"})
        check_answer(answer, STATUS_CODES[status], wire)
        assert answer is not None
        assert not written or len(written) < 9 or written.encode("latin-1") not in answer.body


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (None, "user_id=anna"),
        ("Bearer", "user_id=anna"),
        (f"bearer {token()}", "user_id=anna"),
        (f"Basic {token()}", "user_id=anna"),
        (f"Bearer {token()}, Bearer {token(sub='boris')}", "user_id=anna"),
        (None, f"user_id=anna&token={token()}"),
        (None, f"user_id=anna&Authorization=Bearer%20{token()}"),
    ],
)
def test_a_token_in_the_wrong_place_is_none(authorization: str | None, query: str, live: LiveServer) -> None:
    with live.wire() as wire:
        headers = {} if authorization is None else {"Authorization": authorization}
        check_answer(wire.ask("GET", f"/api/v1/dialogs?{query}", headers), UNKNOWN, wire)


@pytest.mark.parametrize("query", ["user_id=boris", "sender_id=boris", "sender_id=boris&user_id=anna", "user_id=%FF"])
def test_a_token_is_never_somebody_else(query: str, live: LiveServer) -> None:
    """F1."""
    with live.wire() as wire:
        check_answer(
            wire.ask("GET", f"/api/v1/dialogs?{query}", {"Authorization": f"Bearer {token()}"}), FORBIDDEN, wire
        )


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("query", "more", "expected"),
    [
        ("user_id=anna", {}, UNKNOWN),
        ("token=", {}, UNKNOWN),
        ("token=%FF%00", {}, UNKNOWN),
        (f"token={TOKENS['long expired'][0]}", {}, UNKNOWN),
        ("", {"Sec-WebSocket-Protocol": "bearer, a.b.c"}, UNKNOWN),
        ("", {"Sec-WebSocket-Protocol": "mtchat.v1, bearer."}, UNKNOWN),
        ("", {"Sec-WebSocket-Protocol": ",,,"}, UNKNOWN),
        (f"token={token()}", {"Sec-WebSocket-Key": "not sixteen bytes"}, BAD),
    ],
)
def test_a_socket_that_is_refused(query: str, more: dict[str, str], expected: Expected, live: LiveServer) -> None:
    with live.wire() as wire:
        check_answer(wire.ask("GET", f"/api/v1/ws?{query}", UPGRADE | more), expected, wire)
