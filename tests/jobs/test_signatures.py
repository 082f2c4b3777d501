"""F52 and the headers of the contract: a receiver of the original and one of the standard both believe us."""

import base64
import hashlib
import hmac
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mtchat.core.signatures import new_secret, signed_headers

BODY = b'{"id":"1","type":"message_new","payload":{"text":"\xc3\xa9"}}'
TEXT_SECRET = "a plain secret, with commas and \u00e9"


def _headers(secret: str, previous: str | None = None, at: float | None = None) -> dict[str, str]:
    return signed_headers("msg-1", "message.new", BODY, secret, previous, int(at or time.time()))


def test_the_signature_of_the_original_is_hmac_of_the_raw_bytes_with_the_secret_as_it_is() -> None:
    """Contract 7.1."""
    expected = hmac.new(TEXT_SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    headers = _headers(TEXT_SECRET)
    assert headers["X-Webhook-Signature"] == f"sha256={expected}"
    assert (headers["X-Webhook-Event"], headers["X-Webhook-Id"]) == ("message.new", "msg-1")


def test_it_is_the_same_on_every_try_while_the_time_beside_it_moves() -> None:
    """F52: the time has a header of its own, signed by the standard's signature."""
    first, second = _headers(TEXT_SECRET, at=1_000), _headers(TEXT_SECRET, at=2_000)
    assert first["X-Webhook-Signature"] == second["X-Webhook-Signature"]
    assert (first["X-Webhook-Timestamp"], second["X-Webhook-Timestamp"]) == ("1000", "2000")
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize(
    ("secret", "as_the_library_takes_it"),
    [
        ("whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode(),) * 2,
        ("whsec_" + base64.b64encode(b"0123456789abcdef0123456").decode().rstrip("="),) * 2,
        (TEXT_SECRET, "whsec_" + base64.b64encode(TEXT_SECRET.encode()).decode()),
        ("whsec_not base64!", "whsec_" + base64.b64encode(b"whsec_not base64!").decode()),
    ],
)
def test_the_library_of_the_standard_verifies_it(secret: str, as_the_library_takes_it: str) -> None:
    assert Webhook(as_the_library_takes_it).verify(BODY, _headers(secret)) is not None


def test_a_fresh_secret_is_one_of_the_standard() -> None:
    secret = new_secret()
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert Webhook(secret).verify(BODY, _headers(secret)) is not None
    assert new_secret() != secret


def test_during_a_rotation_both_secrets_verify_and_a_third_does_not() -> None:
    new, old = new_secret(), new_secret()
    headers = _headers(new, old)
    for secret in (new, old):
        assert Webhook(secret).verify(BODY, headers) is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def test_a_captured_request_is_too_old_later() -> None:
    """F52: it cannot be replayed."""
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, _headers(secret, at=time.time() - 3_600))
