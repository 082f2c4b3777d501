"""What proves to a host that a webhook is ours: the headers, old and standard, side by side. Pure functions."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable
from typing import Final

SECRET_PREFIX: Final = "whsec_"
# The standard asks for 24 to 64.
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a fresh secret as the Standard Webhooks libraries take it."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


def standard_key(secret: str) -> bytes:
    """Return the key of `webhook-signature`: the base64 after `whsec_`, padded or not, else the whole as UTF-8."""
    if secret.startswith(SECRET_PREFIX):
        try:
            encoded = secret.removeprefix(SECRET_PREFIX)
            return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def signed_headers(
    delivery_id: str, event: str, body: bytes, secret: str, previous_secret: str | None, timestamp: int
) -> dict[str, str]:
    """Return the headers of one try. event: its name with dots. timestamp: seconds since 1970 of this try.

    X-Webhook-Signature is the same on every try; the standard's covers id and time too, and has a signature for each
    of the two secrets during a rotation.
    """
    return {
        "Content-Type": "application/json",
        "X-Webhook-Event": event,
        "X-Webhook-Id": delivery_id,
        "X-Webhook-Timestamp": str(timestamp),
        "X-Webhook-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            _standard_signatures(delivery_id, body, filter(None, (secret, previous_secret)), timestamp)
        ),
    }


def _standard_signatures(delivery_id: str, body: bytes, secrets: Iterable[str], timestamp: int) -> Iterable[str]:
    signed = b"%s.%d.%s" % (delivery_id.encode(), timestamp, body)
    for secret in secrets:
        digest = hmac.new(standard_key(secret), signed, hashlib.sha256).digest()
        yield "v1," + base64.b64encode(digest).decode()
