"""Urls of S3: signature version 4 in the query, path-style, for the endpoint that browsers reach.

Our own: the library signs the host alone, and a url that does not fix size and type could bring anything.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from mtchat.config.settings import StorageSettings

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class UrlSigner:
    """Signs for one bucket. Pure computation: no network, microseconds."""

    def __init__(self, settings: StorageSettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        endpoint = urlsplit(settings.public_endpoint or settings.endpoint or "")
        self._origin = f"{endpoint.scheme}://{endpoint.netloc}"
        self._path = f"{endpoint.path.rstrip('/')}/{settings.bucket}"
        default_port = {"http": 80, "https": 443}.get(endpoint.scheme)
        # As browsers and clients send it: without the port that goes without saying.
        self._host = (endpoint.hostname or "") if endpoint.port in (None, default_port) else endpoint.netloc
        self._access_key = settings.access_key_id or ""
        self._secret_key = settings.secret_access_key or ""
        self._region = settings.region
        self._clock = clock
        self._day_key: tuple[str, bytes] = ("", b"")

    def url(
        self,
        method: str,
        key: str,
        expires_secs: int,
        headers: dict[str, str],
        query: dict[str, str] | None = None,
        *,
        steady_secs: int = 1,
    ) -> str:
        """Return a url that is good for this method, object and these headers (names in lower case).

        steady_secs: it begins at the last multiple of this time, so that those made until the next one are the same.
        """
        began = int(self._clock().timestamp()) // steady_secs * steady_secs
        stamp = datetime.fromtimestamp(began, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self._region}/s3/aws4_request"
        signed = {"host": self._host, **headers}
        names = ";".join(sorted(signed))
        parameters = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self._access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(expires_secs),
            "X-Amz-SignedHeaders": names,
            **(query or {}),
        }
        encoded = urlencode(sorted(parameters.items()), quote_via=quote, safe="-_.~")
        path = quote(f"{self._path}/{key}", safe="/-_.~")
        lines = [method, path, encoded, *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names]
        request = "\n".join([*lines, "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join([_ALGORITHM, stamp, scope, digest])
        signature = hmac.new(self._key_of(stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
        return f"{self._origin}{path}?{encoded}&X-Amz-Signature={signature}"

    def _key_of(self, day: str) -> bytes:
        known, key = self._day_key
        if known != day:
            key = f"AWS4{self._secret_key}".encode()
            for part in (day, self._region, "s3", "aws4_request"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            self._day_key = (day, key)
        return key
