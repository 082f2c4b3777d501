"""Verification of JWTs, and a memory of those already verified.

The header's algorithm picks among our keys by their own kind, so a public key is never taken for a shared secret.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import HMACAlgorithm

from mtchat.config.areas import AuthSettings
from mtchat.config.settings import ConfigError
from mtchat.core.errors import Unauthorized
from mtchat.core.scopes import ScopeSet, parse_scope_claim

MAX_TOKEN_CHARS: Final = 16_384
MAX_USER_ID_CHARS: Final = 255
# About 1 MiB when full; a process serves fewer users at a time.
MAX_REMEMBERED: Final = 4_096
# Upper bound for tokens without exp, so that nothing is remembered for the life of the process.
REMEMBER_SECS: Final = 300.0

# What a forged token can make the parsers raise before its signature is looked at.
_UNREADABLE: Final = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a good token says. scopes: None when none are signed into it."""

    user_id: str
    scopes: ScopeSet | None
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class _Key:
    algorithm: str
    value: Any
    key_id: str | None = None


class _SharedSecret(HMACAlgorithm):
    """HS256. Short secrets are warned about once, at start, not with each token."""

    def check_key_length(self, key: bytes) -> str | None:
        return None


class TokenVerifier:
    """Verifies tokens by the keys of the settings. Raises ConfigError when a key cannot be read."""

    def __init__(self, auth: AuthSettings) -> None:
        self._auth = auth
        self._keys = [_Key("HS256", secret.encode()) for secret in auth.jwt_secrets]
        if auth.jwt_public_key:
            self._keys.append(_key_of_pem(auth.jwt_public_key))
        if auth.jwt_jwks_file is not None:
            self._keys += _keys_of_file(auth.jwt_jwks_file)
        self._jws = jwt.PyJWS(algorithms=["RS256", "ES256", "EdDSA"])
        self._jws.register_algorithm("HS256", _SharedSecret(_SharedSecret.SHA256))
        # digest of the token -> (what it says, until when that may be believed)
        self._remembered: dict[bytes, tuple[VerifiedToken, float]] = {}

    def verify(self, token: str) -> VerifiedToken:
        """Return what the token says. Raises Unauthorized with the reason."""
        now = time.time()
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._remembered.get(digest)
        if known is not None:
            if now < known[1]:
                return known[0]
            del self._remembered[digest]
        verified = self._identity_in(self._claims(token, now))
        until = now + REMEMBER_SECS
        if verified.expires_at is not None:
            until = min(until, verified.expires_at)
        if len(self._remembered) >= MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = verified, until
        return verified

    def _claims(self, token: str, now: float) -> dict[str, Any]:
        if not token or len(token) > MAX_TOKEN_CHARS:
            raise Unauthorized("The token is empty or too long")
        claims = self._signed_payload(token)
        try:
            self._check_times(claims, now)
        except (ValueError, TypeError, OverflowError):
            raise Unauthorized("exp and nbf of the token must be numbers") from None
        self._check_audience(claims.get("aud"))
        return claims

    def _signed_payload(self, token: str) -> dict[str, Any]:
        try:
            header = self._jws.get_unverified_header(token)
            algorithm, key_id = header["alg"], header.get("kid")
        except _UNREADABLE:
            raise Unauthorized("The token is not a JWT") from None
        for key in self._keys:
            if key.algorithm != algorithm or (key.key_id and key_id and key.key_id != key_id):
                continue
            try:
                payload = orjson.loads(self._jws.decode(token, key.value, algorithms=[algorithm]))
            except _UNREADABLE:
                continue
            if isinstance(payload, dict):
                return payload
        raise Unauthorized("The token is not signed by a key of this server")

    def _check_times(self, claims: dict[str, Any], now: float) -> None:
        if not self._auth.jwt_verify_exp:
            return
        leeway = self._auth.jwt_leeway_secs
        expires, starts = claims.get("exp"), claims.get("nbf")
        if expires is not None and float(expires) <= now - leeway:
            raise Unauthorized("The token has expired")
        if starts is not None and float(starts) > now + leeway:
            raise Unauthorized("The token is not valid yet")

    def _check_audience(self, claimed: object) -> None:
        wanted = self._auth.jwt_audience
        if claimed is None and not wanted:
            return
        named = claimed if isinstance(claimed, list) else [claimed]
        if not wanted or wanted not in named:
            raise Unauthorized("The token is meant for another audience")

    def _identity_in(self, claims: dict[str, Any]) -> VerifiedToken:
        name = self._auth.jwt_user_id_claim
        user_id = claims.get(name)
        if isinstance(user_id, int | float) and not isinstance(user_id, bool):
            user_id = str(user_id)
        if not isinstance(user_id, str) or not user_id or len(user_id) > MAX_USER_ID_CHARS or "\0" in user_id:
            raise Unauthorized(f"The claim {name} of the token must be a user id, 1 to {MAX_USER_ID_CHARS} characters")
        scopes = claims.get(self._auth.jwt_scope_claim) if self._auth.jwt_scope_claim else None
        expires = claims.get("exp") if self._auth.jwt_verify_exp else None
        return VerifiedToken(
            user_id,
            # Other systems keep lists and strings of their own under this name; only an object can be meant for us.
            parse_scope_claim(scopes) if isinstance(scopes, dict) else None,
            None if expires is None else float(expires) + self._auth.jwt_leeway_secs,
        )


def _key_of_pem(text: str) -> _Key:
    try:
        public = load_pem_public_key(text.replace("\\n", "\n").encode())
    except ValueError:
        raise ConfigError(["JWT_PUBLIC_KEY is not a public key in PEM form"]) from None
    if isinstance(public, RSAPublicKey):
        return _Key("RS256", public)
    if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
        return _Key("ES256", public)
    if isinstance(public, Ed25519PublicKey):
        return _Key("EdDSA", public)
    raise ConfigError(["JWT_PUBLIC_KEY must be an RSA, P-256 or Ed25519 key"])


def _keys_of_file(path: Path) -> list[_Key]:
    try:
        found = jwt.PyJWKSet.from_json(path.read_text())
    except (OSError, *_UNREADABLE) as error:
        raise ConfigError([f"JWT_JWKS_FILE cannot be read: {error}"]) from None
    keys = [_Key(key.algorithm_name, key.key, key.key_id) for key in found.keys]
    usable = [key for key in keys if key.algorithm in ("RS256", "ES256", "EdDSA")]
    if not usable:
        raise ConfigError(["JWT_JWKS_FILE has no RS256, ES256 or EdDSA key"])
    return usable
