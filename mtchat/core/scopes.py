"""Access scopes: which chats somebody may find and join, by three levels of opaque strings (tenant, department, role).

Pure functions over `ScopeSet`. Membership is another matter: once joined, scopes only filter lists.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import orjson

from mtchat.core.errors import BadRequest, Unauthorized

LEVEL_NAMES: Final = ("scope_level0", "scope_level1", "scope_level2")
MAX_VALUE_CHARS: Final = 255  # as every external id
MAX_VALUES_PER_LEVEL: Final = 200  # a person with more tenants or roles than this is a mistake of the host

Level = frozenset[str]


@dataclass(frozen=True, slots=True)
class ScopeSet:
    """Three sets of strings: of a dialog, where an empty one admits everyone, or of a person, where it opens none."""

    level0: Level = frozenset()
    level1: Level = frozenset()
    level2: Level = frozenset()

    @classmethod
    def of(cls, level0: Iterable[str] = (), level1: Iterable[str] = (), level2: Iterable[str] = ()) -> "ScopeSet":
        """Build from any iterables; order and repetition are lost."""
        return cls(frozenset(level0), frozenset(level1), frozenset(level2))

    @property
    def levels(self) -> tuple[Level, Level, Level]:
        """The three sets, level 0 first."""
        return self.level0, self.level1, self.level2

    def as_lists(self) -> tuple[list[str], list[str], list[str]]:
        """The three levels sorted, as the database and logs take them."""
        return sorted(self.level0), sorted(self.level1), sorted(self.level2)


def scope_matches(scope: ScopeSet, user: ScopeSet) -> bool:
    """Whether on every level the dialog's scope is empty or shares a string with the user."""
    return all(
        not wanted or not wanted.isdisjoint(held) for wanted, held in zip(scope.levels, user.levels, strict=True)
    )


def matches(dialog_scopes: Iterable[ScopeSet], user_scopes: ScopeSet) -> bool:
    """Whether any one scope of the dialog matches; a dialog without scopes matches nobody."""
    return any(scope_matches(scope, user_scopes) for scope in dialog_scopes)


def is_potential_participant(dialog_scopes: Iterable[ScopeSet], user_scopes: ScopeSet | None) -> bool:
    """Whether somebody who is not in the dialog may see and join it; None: the request named no scopes."""
    return user_scopes is not None and matches(dialog_scopes, user_scopes)


def own_dialog_listed(dialog_scopes: Iterable[ScopeSet], user_scopes: ScopeSet | None) -> bool:
    """Whether lists show a dialog to its participant: scopes sent with the request hide what matches none of them."""
    scopes = tuple(dialog_scopes)
    return user_scopes is None or not scopes or matches(scopes, user_scopes)


def same_scopes(left: Iterable[ScopeSet], right: Iterable[ScopeSet]) -> bool:
    """Whether two dialogs' scopes are equal as sets: order and repetition, also of whole scopes, do not count."""
    return frozenset(left) == frozenset(right)


def narrow(signed: ScopeSet, claimed: ScopeSet | None) -> ScopeSet:
    """What remains of signed scopes when the request names some: never more than signed; None leaves all of them."""
    if claimed is None:
        return signed
    return ScopeSet(
        signed.level0 & claimed.level0,
        signed.level1 & claimed.level1,
        signed.level2 & claimed.level2,
    )


def parse_scope_header(value: str | None) -> ScopeSet | None:
    """Read `X-Scope-Config`, base64 of JSON; None when there is none or when it has non-ASCII characters.

    Raises BadRequest with what is wrong with it.
    """
    if value is None or not value.isascii():
        return None
    try:
        decoded = base64.b64decode(value, validate=True)
    except binascii.Error:
        decoded = b""
    if not decoded:
        raise BadRequest("X-Scope-Config must be a JSON object in standard base64, with padding, without line breaks")
    try:
        return _scope_set(_parse_json(decoded))
    except ValueError as error:
        raise BadRequest(f"X-Scope-Config: {error}") from None


def parse_scope_claim(claim: object) -> ScopeSet:
    """Read the scopes signed into a token, the same JSON object as in the header.

    Raises Unauthorized with what is wrong with it: the token is the host's, the caller cannot mend it.
    """
    try:
        return _scope_set(claim)
    except ValueError as error:
        raise Unauthorized(f"the scopes of the token are not usable: {error}") from None


def _parse_json(raw: bytes) -> object:
    # A page that writes btoa(JSON.stringify(...)) sends letters such as é as Latin-1 bytes.
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("the decoded value is not JSON") from None
    return parsed


def _scope_set(value: object) -> ScopeSet:
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object with the keys {', '.join(LEVEL_NAMES)}")
    return ScopeSet(*(_level(name, value.get(name, [])) for name in LEVEL_NAMES))


def _level(name: str, values: object) -> Level:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} must be an array of strings; leave it out when it is empty")
    if len(values) > MAX_VALUES_PER_LEVEL:
        raise ValueError(f"{name} has {len(values)} values; send at most {MAX_VALUES_PER_LEVEL}")
    if any(len(value) > MAX_VALUE_CHARS for value in values):
        raise ValueError(f"{name} has a value over {MAX_VALUE_CHARS} characters; shorten it")
    if any("\0" in value for value in values):
        raise ValueError(f"{name} has a value with the NUL character; remove it")
    return frozenset(values)
