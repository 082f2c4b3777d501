"""Who the caller is: user_id, tokens, scopes and admin tokens (contract 2, F1 to F4, F12, F13)."""

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tornado.httpclient import AsyncHTTPClient
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from handlers import tokens
from handlers.application import ChatApplication
from handlers.base import ApiHandler
from handlers.identity import Identity, admin_required, user_required
from mtchat.config.settings import ConfigError, load_settings
from mtchat.core.errors import BadRequest, Unauthorized
from mtchat.core.scopes import ScopeSet
from tests.support.clients import Answer, scope_header
from tests.support.small_app import ADMIN_TOKEN, JWT_SECRET, ask_raw, small_app

JWT_ON = {"JWT_AUTH_ENABLED": "true", "JWT_SECRET": JWT_SECRET}
NORTH = {"scope_level0": ["north"]}


class WhoHandler(ApiHandler):
    """Tells who called."""

    @user_required
    async def get(self) -> None:
        self.answer(self.actor.user_id)


class ScopesHandler(ApiHandler):
    """Tells what the caller may find."""

    @user_required(scopes="optional")
    async def get(self) -> None:
        self.answer(self.actor.scopes and self.actor.scopes.as_lists())

    @user_required(scopes="required")
    async def post(self) -> None:
        assert self.actor.scopes is not None
        self.answer(self.actor.scopes.as_lists())


class HostHandler(ApiHandler):
    """Of the host."""

    @admin_required
    async def get(self) -> None:
        self.answer("open")


ROUTES = [("/who", WhoHandler), ("/scopes", ScopesHandler), ("/host", HostHandler)]


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


@pytest.fixture
def app(environment: dict[str, str]) -> ChatApplication:
    return small_app(ROUTES, environment)


Ask = Callable[..., Any]


@pytest.fixture
def ask(environment: dict[str, str], http_client: AsyncHTTPClient, base_url: str) -> Ask:
    """A function: path, headers, query -> Answer."""

    async def asked(path: str, headers: dict[str, str] | None = None, method: str = "GET", **query: str) -> Answer:
        return await ask_raw(http_client, base_url + path + ("?" + urlencode(query) if query else ""), method, headers)

    return asked


def signed(claims: dict[str, Any], key: Any = JWT_SECRET, algorithm: str = "HS256", **header: Any) -> str:
    """Sign a token as a host would."""
    return jwt.encode(claims, key, algorithm=algorithm, headers=header or None)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def with_settings(environment: dict[str, str]) -> pytest.MarkDecorator:
    """Run a test on a server configured so."""
    return pytest.mark.parametrize("environment", [environment], ids=[""])


# --- without JWT: the query parameter


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "user_id"),
    [
        ("user_id=anna", "anna"),
        ("sender_id=anna", "anna"),
        ("user_id=anna&sender_id=boris", "anna"),
        ("sender_id=boris&user_id=anna", "boris"),
        ("other=1&user_id=anna&user_id=vera", "anna"),
        ("user_id=anna+k", "anna k"),
        ("user_id=anna%2Bk", "anna+k"),
        ("user_id=%D0%90%D0%BD%D0%BD%D0%B0", "Анна"),
        ("user_id=" + "x" * 255, "x" * 255),
    ],
)
async def test_the_first_user_id_or_sender_id_is_the_caller(ask: Ask, query: str, user_id: str) -> None:
    """2.2, F37."""
    assert (await ask(f"/who?{query}")).data == user_id


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "BAD_REQUEST"),
        ("user_id=", "BAD_REQUEST"),
        ("user_id=&sender_id=anna", "BAD_REQUEST"),
        ("user_id", "BAD_REQUEST"),
        ("user_id=%ff", "BAD_REQUEST"),
        ("user_id=" + "x" * 256, "INVALID_INPUT"),
        ("user_id=a%00b", "INVALID_INPUT"),
    ],
)
async def test_a_user_id_that_cannot_be_one_is_refused(ask: Ask, query: str, code: str) -> None:
    assert (await ask(f"/who?{query}")).error == (400, code)


# --- with JWT: the claim


@pytest.mark.gen_test
@with_settings(JWT_ON)
async def test_the_claim_is_the_caller_without_any_user_id(ask: Ask) -> None:
    """F1."""
    assert (await ask("/who", bearer(signed({"sub": "anna"})))).data == "anna"


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize("query", ["user_id=anna", "sender_id=anna", "user_id="])
async def test_a_user_id_beside_a_token_may_say_the_same(ask: Ask, query: str) -> None:
    """F1."""
    assert (await ask(f"/who?{query}", bearer(signed({"sub": "anna"})))).data == "anna"


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize("query", ["user_id=boris", "sender_id=boris", "user_id=%ff"])
async def test_a_user_id_beside_a_token_may_not_say_another(ask: Ask, query: str) -> None:
    """F1."""
    assert (await ask(f"/who?{query}", bearer(signed({"sub": "anna"})))).error == (403, "FORBIDDEN")


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "bearer {}", "Basic {}", "{}", "Bearer  {}"])
async def test_a_header_of_another_form_is_401(ask: Ask, header: str | None) -> None:
    """2.3: exactly `Bearer `, in this case."""
    token = signed({"sub": "anna"})
    headers = {} if header is None else {"Authorization": header.format(token)}
    answer = await ask("/who", headers, user_id="anna")
    assert answer.error == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def _forged(header: bytes, payload: bytes = b"{}") -> str:
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload, b"x" * 32)).decode()


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "....",
        "\xff.\xff.\xff",
        "é" * 40,
        "x" * 20_000,
        signed({"sub": "anna"}, "another secret of more than 32 bytes, too"),
        signed({"sub": "anna"})[:-3],
        signed({"sub": "anna"}, JWT_SECRET + "x" * 40, "HS384"),
        signed({"sub": "anna"}, None, "none"),
        _forged(b'{"alg":"HS256"}'),
        _forged(b'{"alg":["HS256"]}'),
        _forged(b'{"alg":null}'),
        _forged(b"[]"),
        _forged(b"[" * 9_000),
        _forged(b'{"alg":' + b"9" * 9_000 + b"}"),
        _forged(b'{"alg":"HS256","crit":["exp"]}'),
    ],
)
async def test_a_token_that_is_not_ours_is_401_whatever_it_holds(ask: Ask, token: str) -> None:
    assert (await ask("/who", bearer(token))).error == (401, "UNAUTHORIZED")


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize(("claim", "user_id"), [("анна", "анна"), (17, "17"), (1.5, "1.5"), ("x" * 255, "x" * 255)])
async def test_a_claim_that_is_text_or_a_number_names_the_caller(ask: Ask, claim: Any, user_id: str) -> None:
    assert (await ask("/who", bearer(signed({"sub": claim})))).data == user_id


@pytest.mark.gen_test
@with_settings(JWT_ON | {"JWT_USER_ID_CLAIM": "uid"})
@pytest.mark.parametrize("claim", ["", True, None, ["anna"], {"id": "anna"}, "x" * 256, "a\x00b"])
async def test_a_claim_that_names_nobody_is_401(ask: Ask, claim: Any) -> None:
    """F3."""
    assert (await ask("/who", bearer(signed({"sub": "anna", "uid": claim})))).error == (401, "UNAUTHORIZED")


@pytest.mark.gen_test
@with_settings(JWT_ON | {"JWT_USER_ID_CLAIM": "uid"})
async def test_the_claim_is_the_configured_one(ask: Ask) -> None:
    assert (await ask("/who", bearer(signed({"sub": "anna", "uid": "boris"})))).data == "boris"


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": -120}, 401),
        ({"exp": -30}, 200),
        ({"exp": 60}, 200),
        ({"nbf": 120}, 401),
        ({"nbf": 30}, 200),
        ({"iat": 9_999}, 200),
    ],
)
async def test_times_are_checked_with_a_leeway_of_a_minute(ask: Ask, claims: dict[str, int], status: int) -> None:
    """F2."""
    moments = {name: int(time.time()) + offset for name, offset in claims.items()}
    assert (await ask("/who", bearer(signed({"sub": "anna", **moments})))).status == status


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize("claims", [b'"exp":"soon"', b'"exp":[]', b'"nbf":{}', b'"exp":true,"nbf":"x"'])
async def test_times_that_are_none_are_401(ask: Ask, claims: bytes) -> None:
    payload = b'{"sub":"anna",' + claims + b"}"
    token = jwt.PyJWS().encode(payload, JWT_SECRET, algorithm="HS256")
    assert (await ask("/who", bearer(token))).error == (401, "UNAUTHORIZED")


@pytest.mark.gen_test
@with_settings(JWT_ON | {"JWT_VERIFY_EXP": "false"})
async def test_a_switch_lets_old_tokens_pass(ask: Ask) -> None:
    """F2."""
    assert (await ask("/who", bearer(signed({"sub": "anna", "exp": 1, "nbf": 9_999_999_999})))).data == "anna"


@pytest.mark.gen_test
@with_settings(
    JWT_ON | {"JWT_SECRETS": "first of the list of more than 32 bytes, second of the list of more than 32 bytes"}
)
async def test_any_of_the_keys_will_do_and_a_single_secret_is_taken_whole(ask: Ask) -> None:
    """F3."""
    statuses = []
    for key in (JWT_SECRET, "first of the list of more than 32 bytes", "second of the list of more than 32 bytes"):
        statuses.append((await ask("/who", bearer(signed({"sub": "anna"}, key)))).status)
    part = JWT_SECRET.partition(",")[0].ljust(32)
    assert statuses == [200, 200, 200]
    assert (await ask("/who", bearer(signed({"sub": "anna"}, part)))).status == 401


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize("audience", ["us", ["us"], [], ""])
async def test_a_token_for_an_audience_is_refused_where_none_is_configured(ask: Ask, audience: Any) -> None:
    token = jwt.PyJWS().encode(orjson.dumps({"sub": "anna", "aud": audience}), JWT_SECRET, algorithm="HS256")
    assert (await ask("/who", bearer(token))).error == (401, "UNAUTHORIZED")


@pytest.mark.gen_test
@with_settings(JWT_ON | {"JWT_AUDIENCE": "us"})
@pytest.mark.parametrize(("audience", "status"), [("us", 200), (["them", "us"], 200), ("them", 401), (None, 401)])
async def test_the_configured_audience_must_be_named(ask: Ask, audience: Any, status: int) -> None:
    """F3."""
    claims = {"sub": "anna"} | ({"aud": audience} if audience else {})
    assert (await ask("/who", bearer(signed(claims)))).status == status


# --- public keys


def _public(key: Any) -> str:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def _verifier(**environment: str) -> tokens.TokenVerifier:
    return tokens.TokenVerifier(load_settings({"JWT_AUTH_ENABLED": "true"} | environment).auth)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA_KEY, "RS256"), (EC_KEY, "ES256"), (ED_KEY, "EdDSA")])
def test_a_public_key_verifies_its_own_algorithm(key: Any, algorithm: str) -> None:
    verifier = _verifier(JWT_PUBLIC_KEY=_public(key))
    assert verifier.verify(signed({"sub": "anna"}, key, algorithm)).user_id == "anna"


def test_a_public_key_is_never_taken_for_a_shared_secret() -> None:
    verifier = _verifier(JWT_PUBLIC_KEY=_public(RSA_KEY), JWT_SECRET=JWT_SECRET)
    header, payload = (base64.urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"HS256"}', b'{"sub":"anna"}'))
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = algorithm.sign(header + b"." + payload, _public(RSA_KEY).encode())
    forged = b".".join((header, payload, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()
    with pytest.raises(Unauthorized):
        verifier.verify(forged)


def test_a_file_of_keys_is_searched_by_key_id(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = []
    for name, key, algorithm in (("new", RSA_KEY, "RS256"), ("old", EC_KEY, "ES256")):
        kind = jwt.algorithms.get_default_algorithms()[algorithm]
        keys.append(orjson.loads(kind.to_jwk(key.public_key())) | {"kid": name, "alg": algorithm, "use": "sig"})
    path.write_bytes(orjson.dumps({"keys": keys}))
    verifier = _verifier(JWT_JWKS_FILE=str(path))
    assert verifier.verify(signed({"sub": "anna"}, RSA_KEY, "RS256", kid="new")).user_id == "anna"
    assert verifier.verify(signed({"sub": "boris"}, EC_KEY, "ES256")).user_id == "boris"
    with pytest.raises(Unauthorized):
        verifier.verify(signed({"sub": "anna"}, RSA_KEY, "RS256", kid="lost"))


def test_a_key_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(ConfigError):
        _verifier(JWT_PUBLIC_KEY="-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")


# --- the memory of verified tokens


def test_a_remembered_token_is_refused_once_it_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = _verifier(JWT_SECRET=JWT_SECRET)
    token = signed({"sub": "anna", "exp": int(time.time()) + 100})
    verifier.verify(token)
    assert verifier.verify(token).user_id == "anna"
    later = time.time() + 161
    monkeypatch.setattr("handlers.tokens.time.time", lambda: later)
    with pytest.raises(Unauthorized):
        verifier.verify(token)


def test_a_token_is_verified_once_while_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = _verifier(JWT_SECRET=JWT_SECRET)
    token = signed({"sub": "anna"})
    first = verifier.verify(token)
    monkeypatch.setattr(verifier, "_signed_payload", lambda _: pytest.fail("verified again"))
    assert verifier.verify(token) is first


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_REMEMBERED", 3)
    verifier = _verifier(JWT_SECRET=JWT_SECRET)
    for number in range(10):
        verifier.verify(signed({"sub": f"user-{number}"}))
    assert len(verifier._remembered) == 3


# --- scopes


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("headers", "scopes"), [({}, None), ({"X-Scope-Config": scope_header(NORTH)}, [["north"], [], []])]
)
async def test_scopes_are_those_of_the_header(ask: Ask, headers: dict[str, str], scopes: Any) -> None:
    assert (await ask("/scopes", headers, user_id="anna")).data == scopes


@pytest.mark.gen_test
@pytest.mark.parametrize("header", ["", "!", "e30", "bnVsbA==", "eyJzY29wZV9sZXZlbDAiOm51bGx9"])
async def test_a_broken_scope_header_is_refused_where_scopes_count(ask: Ask, header: str) -> None:
    answer = await ask("/scopes", {"X-Scope-Config": header}, user_id="anna")
    assert answer.error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
async def test_a_broken_scope_header_is_ignored_where_they_do_not(ask: Ask) -> None:
    """2.4: ignored elsewhere."""
    assert (await ask("/who", {"X-Scope-Config": "!"}, user_id="anna")).data == "anna"


@pytest.mark.gen_test
async def test_a_call_that_needs_scopes_says_so(ask: Ask) -> None:
    assert (await ask("/scopes", method="POST", user_id="anna")).error == (400, "BAD_REQUEST")


@pytest.mark.gen_test
@with_settings(JWT_ON)
@pytest.mark.parametrize(
    ("claim", "header", "scopes"),
    [
        ({"scope_level0": ["north", "south"]}, None, [["north", "south"], [], []]),
        ({"scope_level0": ["north", "south"]}, NORTH, [["north"], [], []]),
        ({"scope_level0": ["south"]}, NORTH, [[], [], []]),
        (None, NORTH, [["north"], [], []]),
        ("read write", NORTH, [["north"], [], []]),
        (["admin"], NORTH, [["north"], [], []]),
    ],
)
async def test_signed_scopes_can_only_be_narrowed_by_the_header(ask: Ask, claim: Any, header: Any, scopes: Any) -> None:
    """F4; claims of another shape belong to somebody else."""
    headers = bearer(signed({"sub": "anna", "scopes": claim}))
    if header:
        headers["X-Scope-Config"] = scope_header(header)
    assert (await ask("/scopes", headers, method="POST")).data == scopes


@pytest.mark.gen_test
@with_settings(JWT_ON)
async def test_signed_scopes_that_are_broken_are_401(ask: Ask) -> None:
    token = signed({"sub": "anna", "scopes": {"scope_level0": "north"}})
    assert (await ask("/scopes", bearer(token))).error == (401, "UNAUTHORIZED")


@pytest.mark.gen_test
@with_settings(JWT_ON | {"SCOPE_SOURCE": "token"})
async def test_unsigned_scopes_can_be_refused(ask: Ask) -> None:
    """Design 8."""
    headers = bearer(signed({"sub": "anna"})) | {"X-Scope-Config": scope_header(NORTH)}
    assert (await ask("/scopes", headers)).data is None
    assert (await ask("/scopes", headers, method="POST")).error == (403, "FORBIDDEN")


# --- admin tokens


@pytest.mark.gen_test
@with_settings({"ADMIN_API_TOKENS": "the-next-token-of-the-tests"})
@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("", 401),
        (f"bearer {ADMIN_TOKEN}", 401),
        (f"Basic {ADMIN_TOKEN}", 401),
        ("Bearer wrong", 403),
        ("Bearer ", 401),
        (f"Bearer {ADMIN_TOKEN} ", 200),
        (f"Bearer {ADMIN_TOKEN}", 200),
        ("Bearer the-next-token-of-the-tests", 200),
        ("Bearer \xfftoken", 403),
    ],
)
async def test_an_admin_token_is_missing_or_wrong_or_one_of_several(ask: Ask, header: str | None, status: int) -> None:
    """2.6: 401 without, 403 (not 401) with a wrong one; F13. HTTP itself drops blanks at the end of a header."""
    answer = await ask("/host", {} if header is None else {"Authorization": header})
    assert answer.status == status


@pytest.mark.gen_test
@with_settings({"ADMIN_API_TOKEN": ""})
async def test_without_an_admin_token_the_management_api_is_closed(ask: Ask) -> None:
    """F13."""
    assert (await ask("/host")).error == (403, "FORBIDDEN")


@pytest.mark.gen_test
@with_settings({"ADMIN_API_TOKEN": "", "ADMIN_API_OPEN": "1"})
async def test_a_switch_opens_the_management_api(ask: Ask) -> None:
    """F13."""
    assert (await ask("/host")).data == "open"


@pytest.mark.gen_test
@with_settings({"ADMIN_API_OPEN": "1"})
async def test_the_switch_opens_nothing_where_there_is_a_token(ask: Ask) -> None:
    assert (await ask("/host")).status == 401


@pytest.mark.gen_test
@with_settings(JWT_ON)
async def test_a_users_token_opens_nothing_of_the_host(ask: Ask) -> None:
    assert (await ask("/host", bearer(signed({"sub": "anna"})))).error == (403, "FORBIDDEN")


# --- the socket's handshake


def _handshake(query: str = "", **headers: str) -> HTTPServerRequest:
    given = HTTPHeaders({"Host": "chat.example"})
    for name, value in headers.items():
        given[name.replace("_", "-")] = value
    return HTTPServerRequest(start_line=RequestStartLine("GET", f"/api/v1/ws?{query}", "HTTP/1.1"), headers=given)


def _identity(**environment: str) -> Identity:
    return Identity(load_settings(environment))


def test_a_socket_without_jwt_is_opened_by_user_id() -> None:
    assert _identity().identify_socket(_handshake("user_id=anna+k")).user_id == "anna k"
    with pytest.raises(BadRequest):
        _identity().identify_socket(_handshake())


def test_a_socket_with_jwt_is_opened_by_a_token_in_the_query_or_as_a_subprotocol() -> None:
    """2.5, F12."""
    identity = _identity(**JWT_ON)
    token = signed({"sub": "anna", "scopes": NORTH})
    assert identity.identify_socket(_handshake(f"token={token}")).user_id == "anna"
    for offer in (f"bearer, {token}", f"mtchat.v1, bearer.{token}"):
        actor = identity.identify_socket(_handshake(Sec_WebSocket_Protocol=offer))
        assert actor.scopes == ScopeSet.of(["north"])


@pytest.mark.parametrize("query", ["", "user_id=anna", "token=", "token=x", "token=%ff"])
def test_a_socket_with_jwt_and_no_good_token_is_401(query: str) -> None:
    with pytest.raises(Unauthorized):
        _identity(**JWT_ON).identify_socket(_handshake(query))
