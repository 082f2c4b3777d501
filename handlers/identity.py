"""Who calls: access decorators, and what turns a request's credentials into an Actor.

With JWT the signed claim is the caller, without it the query parameter. Admin tokens open the Management API only.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, TypeVar, overload

from tornado.httputil import HTTPServerRequest

from handlers.tokens import TokenVerifier, VerifiedToken
from mtchat.config.settings import Settings
from mtchat.core.access import Actor
from mtchat.core.errors import BadRequest, ChatError, Forbidden, InvalidInput, Unauthorized
from mtchat.core.scopes import ScopeSet, narrow, parse_scope_header

Method = TypeVar("Method", bound=Callable[..., Any])
ScopeUse = Literal["optional", "required"] | None

MAX_USER_ID_CHARS: Final = 255
# The SDK sends the same header with each call of a page; longer ones are rare and would only fill memory.
_CACHED_HEADERS: Final = 4_096
_CACHED_HEADER_CHARS: Final = 2_048
_ATTRIBUTE: Final = "__mtchat_access__"
_BEARER: Final = "Bearer "


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a method, and whether it looks at X-Scope-Config."""

    kind: Literal["user", "admin", "open"]
    scopes: ScopeUse = None


_USER: Final = Access("user")
_ADMIN: Final = Access("admin")
_OPEN: Final = Access("open")


@overload
def user_required(method: Method) -> Method: ...
@overload
def user_required(*, scopes: ScopeUse = None) -> Callable[[Method], Method]: ...
def user_required(method: Method | None = None, *, scopes: ScopeUse = None) -> Method | Callable[[Method], Method]:
    """Mark a method as a chat user's. scopes: whether it uses X-Scope-Config; without it the header is ignored."""
    access = Access("user", scopes) if scopes else _USER
    return _marked(method, access) if method is not None else lambda found: _marked(found, access)


def admin_required(method: Method) -> Method:
    """Mark a method as the host's backend's: it needs an admin token."""
    return _marked(method, _ADMIN)


def open_to_all(method: Method) -> Method:
    """Mark a method as anybody's."""
    return _marked(method, _OPEN)


def _marked(method: Method, access: Access) -> Method:
    setattr(method, _ATTRIBUTE, access)
    return method


def access_of(method: Callable[..., Any]) -> Access | None:
    """Return what the decorator said about a method, or None when it has none."""
    found: Access | None = getattr(method, _ATTRIBUTE, None)
    return found


@dataclass(frozen=True, slots=True)
class Caller:
    """What the credentials of one request say before anything is refused, so that the rate limit can come first.

    asked: the raw user_id of the query. error: why the credentials are refused.
    """

    asked: bytes | None = None
    token: VerifiedToken | None = None
    admin: bool = False
    error: ChatError | None = None


_ANYBODY: Final = Caller()


class Identity:
    """Checks credentials by the settings of this process."""

    def __init__(self, settings: Settings) -> None:
        auth = settings.auth
        self._jwt_enabled = auth.jwt_enabled
        self._admin_digests = tuple(hashlib.sha256(token.encode()).digest() for token in auth.admin_tokens)
        self._admin_open = auth.admin_open and not auth.admin_tokens
        self._signed_scopes_only = auth.scope_source == "token"
        self.tokens = TokenVerifier(auth)

    def identify(self, request: HTTPServerRequest, access: Access) -> Caller:
        """Read the credentials; never raises, a refusal is in the Caller."""
        if access.kind == "user":
            asked = asked_user_id(request)
            if not self._jwt_enabled:
                return Caller(asked)
            try:
                return Caller(asked, self.tokens.verify(_bearer(request)))
            except Unauthorized as error:
                return Caller(error=error)
        if access.kind == "admin":
            refusal = self._admin_refusal(request)
            return Caller(admin=refusal is None, error=refusal)
        return _ANYBODY

    def actor_of(self, request: HTTPServerRequest, access: Access, caller: Caller) -> Actor:
        """Return the chat user of a request whose credentials are good.

        Raises BadRequest or InvalidInput for a user_id that is missing or cannot be one, Forbidden for not the token's.
        """
        if caller.token is None:
            user_id = _user_id_text(caller.asked)
            signed = None
        else:
            user_id = caller.token.user_id
            signed = caller.token.scopes
            if caller.asked and caller.asked != user_id.encode():
                raise Forbidden("user_id is not the user of the token; leave it out or send the same one")
        return Actor(user_id, self._scopes(request, access.scopes, signed) if access.scopes else None)

    def identify_token(self, token: str) -> Actor:
        """Return the user of a JWT, with the scopes signed into it. Raises Unauthorized."""
        verified = self.tokens.verify(token)
        return Actor(verified.user_id, verified.scopes)

    def identify_socket(self, request: HTTPServerRequest) -> Actor:
        """Return who opens a WebSocket: by ?token= or Sec-WebSocket-Protocol; without JWT by user_id.

        Raises Unauthorized with JWT on, BadRequest or InvalidInput without it.
        """
        if self._jwt_enabled:
            return self.identify_token(_socket_token(request))
        return Actor(_user_id_text(asked_user_id(request)))

    def _admin_refusal(self, request: HTTPServerRequest) -> ChatError | None:
        if self._admin_open:
            return None
        if not self._admin_digests:
            return Forbidden("The Management API is closed: the server has no ADMIN_API_TOKEN")
        try:
            token = _bearer(request)
        except Unauthorized as error:
            return error
        digest = hashlib.sha256(token.encode("latin-1")).digest()
        # All are compared, none first: the time taken says nothing about which token was nearly right.
        matches = [hmac.compare_digest(digest, known) for known in self._admin_digests]
        return None if any(matches) else Forbidden("This admin token is not valid here")

    def _scopes(self, request: HTTPServerRequest, use: ScopeUse, signed: ScopeSet | None) -> ScopeSet | None:
        claimed = _parsed_header(request.headers.get("X-Scope-Config"))
        if signed is not None:
            return narrow(signed, claimed)
        if self._signed_scopes_only:
            if use == "required":
                raise Forbidden("This server takes scopes only from the token, and this token carries none")
            return None
        if claimed is None and use == "required":
            raise BadRequest("This call needs the X-Scope-Config header: base64 of a JSON object")
        return claimed


def asked_user_id(request: HTTPServerRequest) -> bytes | None:
    """Return the raw user id of the query string: the first of user_id and sender_id that it names, or None."""
    query = request.query_arguments
    values = query.get("user_id")
    if "sender_id" in query:
        name = next(name for name in query if name in ("user_id", "sender_id"))
        values = query[name]
    return values[0] if values else None


def _user_id_text(raw: bytes | None) -> str:
    if not raw:
        raise BadRequest("The query parameter user_id is missing or empty")
    try:
        user_id = raw.decode()
    except UnicodeDecodeError:
        raise BadRequest("user_id is not valid UTF-8; percent-encode its UTF-8 bytes") from None
    if len(user_id) > MAX_USER_ID_CHARS:
        raise InvalidInput(f"user_id has {len(user_id)} characters; at most {MAX_USER_ID_CHARS} are allowed")
    if "\0" in user_id:
        raise InvalidInput("user_id has the NUL character; remove it")
    return user_id


def _bearer(request: HTTPServerRequest) -> str:
    header = request.headers.get("Authorization")
    if header is None or not header.startswith(_BEARER):
        raise Unauthorized("Send the header Authorization: Bearer <token>")
    return header[len(_BEARER) :]


def _socket_token(request: HTTPServerRequest) -> str:
    for offered in (part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")):
        # `bearer, <jwt>` or `mtchat.v1, bearer.<jwt>`: a JWT is made of characters that a protocol's name may have.
        if offered.startswith("bearer."):
            return offered.removeprefix("bearer.")
        if offered.count(".") == 2:
            return offered
    found = request.query_arguments.get("token")
    if not found:
        raise Unauthorized("Send the token as ?token=<jwt> or as Sec-WebSocket-Protocol: bearer, <jwt>")
    return found[0].decode("latin-1")


def _parsed_header(value: str | None) -> ScopeSet | None:
    if value is None or len(value) > _CACHED_HEADER_CHARS:
        return parse_scope_header(value)
    return _parsed_once(value)


@lru_cache(maxsize=_CACHED_HEADERS)
def _parsed_once(value: str) -> ScopeSet | None:
    return parse_scope_header(value)
