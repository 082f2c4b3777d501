"""Settings that are fine one by one: some contradict each other, some are allowed and probably not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mtchat.config.areas import AuthSettings
    from mtchat.config.settings import Settings

# HS256 keys shorter than the hash can be found by trying (RFC 7518, section 3.2).
_MIN_JWT_SECRET_BYTES: Final = 32
_S3_NEEDED: Final = ("S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_BUCKET")


_JWT_KEYS: Final = frozenset({"JWT_SECRET", "JWT_SECRETS", "JWT_PUBLIC_KEY", "JWT_JWKS_FILE"})


def contradictions(settings: Settings, is_set: Callable[[str], bool]) -> Iterator[tuple[frozenset[str], str]]:
    """Yield what cannot be meant: the variables that disagree, and the sentence to show.

    is_set: tells whether a variable was given.
    """
    auth, database = settings.auth, settings.database
    if auth.jwt_enabled and not any(map(is_set, _JWT_KEYS)):
        yield (
            frozenset({"JWT_AUTH_ENABLED"}),
            "JWT_AUTH_ENABLED: is on, and there is no key to verify tokens with. "
            "Give JWT_SECRET, JWT_SECRETS, JWT_PUBLIC_KEY or JWT_JWKS_FILE.",
        )
    if auth.scope_source == "token" and not auth.jwt_enabled:
        yield (
            frozenset({"SCOPE_SOURCE", "JWT_AUTH_ENABLED"}),
            "SCOPE_SOURCE: 'token' needs tokens. Set JWT_AUTH_ENABLED=true, or SCOPE_SOURCE=header.",
        )
    # The defaults give way to a smaller pool; a number given for them does not.
    if is_set("DATABASE_MIN_CONNECTIONS") and database.min_connections > database.max_connections:
        yield (
            frozenset({"DATABASE_MIN_CONNECTIONS", "DATABASE_MAX_CONNECTIONS"}),
            f"DATABASE_MIN_CONNECTIONS: {database.min_connections} is more than DATABASE_MAX_CONNECTIONS, "
            f"{database.max_connections}. Give at most that.",
        )
    if is_set("SEND_WRITERS") and database.send_writers >= database.max_connections:
        yield (
            frozenset({"SEND_WRITERS", "DATABASE_MAX_CONNECTIONS"}),
            f"SEND_WRITERS: {database.send_writers} leaves no connection for anything else. "
            f"Give less than DATABASE_MAX_CONNECTIONS, {database.max_connections}.",
        )


def unsafe_or_incomplete(settings: Settings, is_set: Callable[[str], bool]) -> Iterator[str]:
    """Yield a sentence per finding; `is_set` tells whether a variable was given."""
    yield from _about_tokens(settings.auth)
    yield from _about_admins(settings.auth)
    if settings.cors.allow_credentials and "*" in settings.cors.allowed_origins:
        yield "CORS_ALLOW_CREDENTIALS: with CORS_ALLOWED_ORIGINS=* every page may call with the user's cookies."
    if is_set("WEBHOOK_URL") != is_set("WEBHOOK_SECRET"):
        missing = "WEBHOOK_SECRET" if is_set("WEBHOOK_URL") else "WEBHOOK_URL"
        yield f"{missing}: is not set, so no webhook is sent; WEBHOOK_URL and WEBHOOK_SECRET are needed together."
    if any(map(is_set, _S3_NEEDED)) and not settings.storage.enabled:
        missing = ", ".join(name for name in _S3_NEEDED if not is_set(name))
        yield f"{missing}: not set, so S3 is not used; {', '.join(_S3_NEEDED)} are needed together."
    yield from _about_files(settings, is_set)
    if settings.server.embedded and settings.database.url is not None:
        yield "DATABASE_URL: is not used, because MTCHAT_EMBEDDED is on."


def _about_tokens(auth: AuthSettings) -> Iterator[str]:
    if not auth.jwt_enabled:
        yield "JWT_AUTH_ENABLED: is off, so callers are believed to be whoever their user_id says."
        if auth.jwt_secrets or auth.jwt_public_key or auth.jwt_jwks_file:
            yield "JWT_AUTH_ENABLED: is off, so the keys given are not used."
        return
    short = sum(len(secret.encode()) < _MIN_JWT_SECRET_BYTES for secret in auth.jwt_secrets)
    if short:
        yield f"JWT_SECRET, JWT_SECRETS: {short} shorter than {_MIN_JWT_SECRET_BYTES} bytes; such keys can be guessed."
    if not auth.jwt_verify_exp:
        yield "JWT_VERIFY_EXP: is off, so a leaked token works for ever."


def _about_admins(auth: AuthSettings) -> Iterator[str]:
    if auth.admin_open and auth.admin_tokens:
        yield "ADMIN_API_OPEN: is not used, because there are admin tokens."
    elif auth.admin_open:
        yield "ADMIN_API_OPEN: is on, so everyone who reaches this port may use the Management API."
    elif not auth.admin_tokens:
        yield "ADMIN_API_TOKEN: is not set, so the Management API refuses everyone."


def _about_files(settings: Settings, is_set: Callable[[str], bool]) -> Iterator[str]:
    storage = settings.storage
    if not storage.enabled and not is_set("PUBLIC_URL") and settings.database.url is not None:
        yield "PUBLIC_URL: is not set, so links to files work only for browsers on this machine."
    if storage.scan_command and storage.clamd_address:
        yield "SCAN_COMMAND: is not used, because CLAMD_ADDRESS is set."
