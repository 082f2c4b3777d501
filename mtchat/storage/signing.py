"""Urls of the disk storage: what they allow, until when, and the signature that nobody without the key can make.

A url stands for one method, one object, one size, type and disposition; changing any of them breaks the signature.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from mtchat.core.errors import Forbidden

_KEY_BYTES: Final = 32
# 128 bits of HMAC-SHA256: as much as anybody could try, and urls stay short.
_SIGNATURE_CHARS: Final = 32

GET: Final = "GET"
PUT: Final = "PUT"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a url allows. size, number: of a PUT; number is a part's, 0 for a whole object. disposition: of a GET."""

    method: str
    key: str
    content_type: str
    expires_at: int
    size: int = 0
    number: int = 0
    disposition: str = ""

    @property
    def message(self) -> bytes:
        """The text that is signed; no field can flow into its neighbour."""
        fields = (
            self.method,
            self.key,
            self.content_type,
            str(self.expires_at),
            str(self.size),
            str(self.number),
            self.disposition,
        )
        return b"".join(b"%d:%b," % (len(field), field) for field in map(str.encode, fields))


class Signer:
    """Makes and checks urls under one base address."""

    def __init__(self, base_url: str, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._clock = clock

    def url(self, grant: Grant) -> str:
        """Return the url of a grant; the key in it is plain and never trusted."""
        named = {"e": grant.expires_at, "t": grant.content_type}
        if grant.method == PUT:
            named["l"] = grant.size
            if grant.number:
                named["p"] = grant.number
        else:
            named["d"] = grant.disposition
        named["s"] = self._signature(grant)
        return f"{self._base_url}/files/{grant.key}?{urlencode(named)}"

    def check(self, method: str, key: str, query: Mapping[str, str]) -> Grant:
        """Return what a url grants. Raises Forbidden when it was changed or is too old."""
        grant = Grant(
            method=method,
            key=key,
            content_type=query.get("t", ""),
            expires_at=_number(query.get("e")),
            size=_number(query.get("l")),
            number=_number(query.get("p")),
            disposition=query.get("d", ""),
        )
        if not hmac.compare_digest(self._signature(grant).encode(), query.get("s", "").encode()):
            raise Forbidden("This link was not made here, or was changed; ask for a new one")
        if grant.expires_at < self._clock():
            raise Forbidden("This link has expired; ask for a new one")
        return grant

    def _signature(self, grant: Grant) -> str:
        return hmac.new(self._key, grant.message, hashlib.sha256).hexdigest()[:_SIGNATURE_CHARS]


def _number(text: str | None) -> int:
    """A number of the query; whatever is none becomes 0, which no signature fits unless it was meant."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0


def shared_key(path: Path) -> bytes:
    """Return the key kept in a file, which is made with the first call; all processes of one storage share it.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            # The first to link wins; a key, once there, is never replaced.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise OSError(f"{path} is damaged; remove it, and links handed out so far stop working")
    return key
