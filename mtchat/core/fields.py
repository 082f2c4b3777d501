"""What any text field must obey before it may reach the database: characters counted as code points, no NUL, not blank.

Limits are the contract's; one name per limit, so that both APIs and the schemas speak of the same number.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from mtchat.core.errors import InvalidInput

MAX_ID_CHARS: Final = 255
MAX_OBJECT_TYPE_CHARS: Final = 100
MAX_TITLE_CHARS: Final = 500
MAX_OBJECT_URL_CHARS: Final = 4_096
MAX_DISPLAY_NAME_CHARS: Final = 200
MAX_COMPANY_CHARS: Final = 200
MAX_EMAIL_CHARS: Final = 254
MAX_PHONE_CHARS: Final = 50
# What a body may hold: whatever fits into a request fits into a dialog.
MAX_META_BYTES: Final = 2 * 1024 * 1024

_NOT_IN_URLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")
_URL_START = re.compile(r"[/?#]")
_ABSOLUTE_URL = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_EXPONENT = re.compile(rb"e([+-]?\d+)")


def check_text(name: str, value: str | None, max_chars: int, *, allow_blank: bool = True) -> None:
    """Refuse a text that is too long, holds NUL (PostgreSQL cannot store it) or, unless allowed, is blank; None passes.

    name: the field as the caller knows it, for the sentence. max_chars: code points. Raises InvalidInput.
    """
    if value is None:
        return
    if len(value) > max_chars:
        raise InvalidInput(f"{name} has {len(value):,} characters; at most {max_chars:,} are allowed")
    if "\x00" in value:
        raise InvalidInput(f"{name} contains a NUL character; remove it")
    if not allow_blank and not value.strip():
        raise InvalidInput(f"{name} must not be blank")


def check_id(name: str, value: str, max_chars: int = MAX_ID_CHARS) -> None:
    """Refuse an external id that is empty, too long or holds NUL; everything else in it is the host's business.

    max_chars: code points. Raises InvalidInput.
    """
    if not value:
        raise InvalidInput(f"{name} must not be empty")
    check_text(name, value, max_chars)


def check_profile(profile: Mapping[str, Any], prefix: str = "") -> None:
    """Check `display_name`, `company`, `email` and `phone` of one person; absent ones pass, except the name.

    prefix: what stands before the field's name in the sentence, as `participants[3].`. Raises InvalidInput.
    """
    check_text(f"{prefix}display_name", profile["display_name"], MAX_DISPLAY_NAME_CHARS, allow_blank=False)
    check_text(f"{prefix}company", profile.get("company"), MAX_COMPANY_CHARS)
    check_text(f"{prefix}email", profile.get("email"), MAX_EMAIL_CHARS)
    check_text(f"{prefix}phone", profile.get("phone"), MAX_PHONE_CHARS)


def check_object_url(value: str | None) -> None:
    """Refuse what a page must not put into a link: other schemes than http and https, and tricks that hide one.

    Browsers drop tabs and line breaks inside a url and read a backslash as a slash, so neither may be in it.
    Raises InvalidInput.
    """
    check_text("object_url", value, MAX_OBJECT_URL_CHARS)
    if not value:
        return
    if _NOT_IN_URLS.search(value):
        raise InvalidInput("object_url must not contain control characters or backslashes; percent-encode them")
    # A colon before the first slash, question mark or hash ends a scheme; without one the url is relative.
    if ":" not in _URL_START.split(value, maxsplit=1)[0]:
        return
    if not _ABSOLUTE_URL.match(value):
        raise InvalidInput("object_url must start with http:// or https://, or be relative")


def meta_json(meta: Any) -> str | None:
    """Return a dialog's own data as JSON text, None for none. Raises InvalidInput when it is larger than a body may be.

    PostgreSQL keeps numbers exactly and writes them out: 1e300 comes back as a 1 and three hundred zeros, so a body of
    short numbers could grow fiftyfold in every answer.
    """
    if meta is None:
        return None
    text = orjson.dumps(meta)
    exponents = _EXPONENT.findall(_STRING.sub(b'""', text)) if b"e" in text else []
    if len(text) + sum(abs(int(exponent)) for exponent in exponents) > MAX_META_BYTES:
        raise InvalidInput(f"meta has more than {MAX_META_BYTES:,} bytes with its numbers written out; make it smaller")
    return text.decode()
