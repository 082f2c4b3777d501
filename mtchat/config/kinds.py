"""The kinds of values a setting may have: how each is read from text, and the words that say what is allowed.

Readers raise `environs.ValidationError`; the sentence in it never repeats the value, which may be a secret.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from environs import Env, ValidationError, validate

from mtchat.config.cron import CronError, parse_cron

_HTTP_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PUBLIC_KEY_ALGORITHMS: Final = frozenset({"RS256", "ES256", "EdDSA"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    label: one or two words for tables. allowed: completes "give …". read: (environment, name, default) -> value.
    verbatim: space around the value belongs to it.
    """

    label: str
    allowed: str
    read: Callable[[Env, str, Any], Any]
    verbatim: bool = False


def whole_number(lowest: int, highest: int | None = None) -> Kind:
    """A whole number within bounds, both included."""
    limits = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
    within = validate.Range(min=lowest, max=highest, error="Out of range.")
    bounds = f"≥ {lowest}" if highest is None else f"{lowest}-{highest}"
    return Kind(
        f"whole number, {bounds}",
        f"a whole number {limits}",
        lambda env, name, default: _given(env.int(name, None, validate=within), default),
    )


def choice(*allowed: str, also: dict[str, str] | None = None) -> Kind:
    """One of a few words, in any case; `also` maps other spellings to them."""
    spellings = {word: word for word in allowed} | (also or {})

    def parse(value: str) -> str:
        if value.lower() not in spellings:
            raise ValidationError("Not one of the words known here.")
        return spellings[value.lower()]

    words = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    return _parsed(words, words, parse)


def url(*schemes: str, scheme_stored: str | None = None) -> Kind:
    """A url with one of the schemes; `scheme_stored` replaces a synonym."""
    names = " or ".join(f"{scheme}://…" for scheme in schemes)

    def parse(value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme.lower() not in schemes:
            raise ValidationError("Not a url of this kind.")
        # A database or Redis may be named by a socket or by several hosts; the client library looks into those.
        if scheme.lower() in _DEFAULT_PORTS:
            _require_host_and_port(value)
        return f"{scheme_stored or scheme.lower()}://{rest}"

    return _parsed(names, f"a url {names}", parse)


def _require_host_and_port(value: str) -> None:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValidationError("Not a url.") from None
    if not host or " " in value:
        raise ValidationError("Not a url: it needs a host, and %20 for a space.")


def _parsed(label: str, allowed: str, parse: Callable[[str], Any], *, verbatim: bool = False) -> Kind:
    """A kind whose text goes through `parse`, which raises ValidationError or returns the value."""

    def check(value: str) -> None:
        parse(value)

    def read(env: Env, name: str, default: Any) -> Any:
        value = env.str(name, None, validate=check)
        return default if value is None else parse(value)

    return Kind(label, allowed, read, verbatim)


def _parse_words(value: str) -> tuple[str, ...]:
    words = tuple(filter(None, map(str.strip, value.split(","))))
    if not words:
        raise ValidationError("The list has no entries.")
    return words


def _parse_http_words(value: str) -> tuple[str, ...]:
    words = _parse_words(value)
    if not all(map(_HTTP_TOKEN.fullmatch, words)):
        raise ValidationError("An entry has a character that such names cannot have.")
    return words


def _parse_origin(value: str) -> str:
    if value == "*":
        return value
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValidationError("Not an origin.") from None
    rest = parts.path or parts.query or parts.fragment or parts.username is not None or value.endswith(("?", "#", ":"))
    if not parts.scheme or not host or rest or " " in value or "*" in value:
        raise ValidationError("Not an origin: it has a scheme, a host, perhaps a port, and nothing after them.")
    name = f"[{host}]" if ":" in host else host
    # Browsers leave the usual port out of `Origin`, so it is left out here too.
    return f"{parts.scheme}://{name}" + ("" if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{port}")


def _parse_origins(value: str) -> tuple[str, ...]:
    return tuple(map(_parse_origin, _parse_words(value)))


def _parse_cron(value: str) -> str:
    try:
        parse_cron(value)
    except CronError as error:
        raise ValidationError(f"{error}.") from None
    return value


def _parse_public_key(value: str) -> str:
    """Accept what can verify RS256, ES256 or EdDSA."""
    # Slow to import, and most installations have no public key.
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    # One line in an env file: the two characters \n stand for a line break.
    text = value.replace("\\n", "\n").strip() + "\n"
    try:
        key = load_pem_public_key(text.encode())
    except ValueError:
        raise ValidationError("Not a public key in PEM form.") from None
    on_known_curve = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not on_known_curve and not isinstance(key, rsa.RSAPublicKey | ed25519.Ed25519PublicKey):
        raise ValidationError("A public key of another kind.")
    return text


def _parse_jwks_file(value: str) -> Path:
    from jwt import PyJWKSet, PyJWTError

    try:
        found = PyJWKSet.from_dict(json.loads(Path(value).read_text(encoding="utf-8")))
    except OSError as error:
        raise ValidationError(f"The file cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, AttributeError, PyJWTError):
        raise ValidationError("The file holds no usable key.") from None
    if not any(key.algorithm_name in _PUBLIC_KEY_ALGORITHMS for key in found.keys):
        raise ValidationError("The file holds keys of other kinds only.")
    return Path(value)


def _parse_directory(value: str) -> Path:
    if not Path(value).is_dir():
        raise ValidationError("There is no such directory.")
    return Path(value)


def _read_flag(env: Env, name: str, default: Any) -> Any:
    return _given(env.bool(name, None), default)


def _given(value: Any, default: Any) -> Any:
    """Return the default for a variable that is not set, or was wrong: then the settings are never used."""
    return default if value is None else value


def one_secret(value: str) -> tuple[str, ...]:
    """A secret as it is, commas and all."""
    return (value,)


FLAG: Final = Kind(
    "true or false", "true or false (1 and 0 do too)", lambda env, name, default: env.bool(name, default)
)
TEXT: Final = _parsed("text", "any text", str)
SECRET: Final = _parsed("secret", "any text", str, verbatim=True)
WHOLE_SECRET: Final = _parsed("secret", "any text, taken whole", one_secret, verbatim=True)
TOKEN: Final = _parsed("secret", "any text, taken whole", one_secret)
TOKENS: Final = _parsed("secrets", "texts with commas between them", _parse_words)
PATH: Final = _parsed("path", "a path", Path)
DIRECTORY: Final = _parsed("path", "the path of a directory that exists", _parse_directory)
HTTP_WORDS: Final = _parsed("list or *", "names with commas between them, or *", _parse_http_words)
ORIGINS: Final = _parsed("list or *", "scheme://host[:port] with commas between them, or *", _parse_origins)
CRON: Final = _parsed("cron, 6 or 7 fields", "six or seven fields, seconds first, as in 0 */5 * * * *", _parse_cron)
PUBLIC_KEY: Final = _parsed(
    "public key, PEM", "a public key in PEM form: RSA, elliptic on P-256 or Ed25519", _parse_public_key
)
JWKS_FILE: Final = _parsed(
    "path of a JWKS file", "the path of a JWKS file with an RS256, ES256 or EdDSA key", _parse_jwks_file
)
