"""One POST to a receiver nobody here trusts: bounded in time and size, no redirects, no private address unless allowed.

No client object on top of the transport: it would keep the receivers' cookies, follow the environment's proxies, and
cost as much again as the request itself.
"""

import asyncio
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

from mtchat.core.addresses import is_public
from mtchat.core.retries import parse_retry_after

TIMEOUT_SECS: Final = 10.0
MAX_ANSWER_BYTES: Final = 64 * 1024
KEPT_ANSWER_CHARS: Final = 1_000
_KEEPALIVE_SECS: Final = 30.0
_ONE_CONNECTION: Final = httpx.Limits(max_connections=1, keepalive_expiry=_KEEPALIVE_SECS)
# Connections are kept for the receivers used last.
_MAX_RECEIVERS: Final = 128
# A name is looked up again after this time; every connection goes to an address that was checked.
_RESOLVED_SECS: Final = 10.0


# Whose connections, to which url, and whether private addresses are allowed.
Receiver = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request: a status, or the reason why there is none."""

    status: int | None
    duration_ms: int
    error: str | None = None
    answer: str | None = None
    retry_after_secs: float | None = None


class AddressRefused(Exception):
    """The receiver's name leads to no address it may have."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Resolves a name, refuses what is not public, and connects to the very address it has checked.

    TLS still names and verifies the host of the url.
    """

    def __init__(self, inner: httpx.AsyncHTTPTransport) -> None:
        self._inner = inner
        self._addresses: list[str] = []
        self._resolved_at = float("-inf")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of the receiver's addresses that lets us connect. Raises AddressRefused."""
        host = request.url.raw_host.decode("ascii")
        failure: httpx.TransportError | None = None
        for address in await self._public_addresses(host, request.url.port):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
                self._resolved_at = float("-inf")
        assert failure is not None
        raise failure

    async def aclose(self) -> None:
        """Close what is kept open."""
        await self._inner.aclose()

    async def _public_addresses(self, host: str, port: int | None) -> list[str]:
        loop = asyncio.get_running_loop()
        if loop.time() - self._resolved_at > _RESOLVED_SECS:
            found = await loop.getaddrinfo(host.strip("[]"), port or 443, type=1)
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            self._addresses = [address for address in addresses if is_public(address)]
            self._resolved_at = loop.time()
        if not self._addresses:
            raise AddressRefused
        return self._addresses


class Sender:
    """Posts to any number of receivers, each over connections of its own: one that hangs takes none from others.

    How many requests are under way to one receiver is the caller's business.
    """

    def __init__(self) -> None:
        # Reading the system's certificates takes 20 ms; one context serves all.
        self._tls: Final = ssl.create_default_context()
        # Each transport holds one connection: the library's pools look at all of theirs for every request, which for 32
        # costs more than the rest of it. Most recently used last, so that surplus ones are closed by the receiver.
        self._idle: OrderedDict[Receiver, list[httpx.AsyncBaseTransport]] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    async def post(self, receiver: str, url: str, headers: Mapping[str, str], body: bytes, *, anywhere: bool) -> Reply:
        """Post and return what came of it; never raises for anything the receiver does.

        receiver: whose connections to use. anywhere: private addresses are allowed.
        """
        key = (receiver, url, anywhere)
        transport = self._take(key)
        try:
            return await _exchange(transport, url, headers, body)
        finally:
            self._put_back(key, transport)

    async def close(self) -> None:
        """Close all connections."""
        for transports in self._idle.values():
            for transport in transports:
                await transport.aclose()
        self._idle.clear()

    def _take(self, key: Receiver) -> httpx.AsyncBaseTransport:
        idle = self._idle.get(key)
        if idle:
            return idle.pop()
        plain = httpx.AsyncHTTPTransport(verify=self._tls, limits=_ONE_CONNECTION, trust_env=False)
        return plain if key[2] else GuardedTransport(plain)

    def _put_back(self, key: Receiver, transport: httpx.AsyncBaseTransport) -> None:
        self._idle.setdefault(key, []).append(transport)
        self._idle.move_to_end(key)
        if len(self._idle) > _MAX_RECEIVERS:
            for surplus in self._idle.popitem(last=False)[1]:
                task = asyncio.create_task(surplus.aclose())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)


async def _exchange(transport: httpx.AsyncBaseTransport, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    started = time.monotonic()
    status: int | None = None
    retry_after: float | None = None
    received = bytearray()
    error: str | None = None
    try:
        async with asyncio.timeout(TIMEOUT_SECS):
            request = httpx.Request("POST", url, headers=headers, content=body)
            if request.url.userinfo:
                # Of the operator's url; one made by the API has none.
                next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
            response = await transport.handle_async_request(request)
            status = response.status_code
            retry_after = parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            await _read_some(response, received)
    except TimeoutError:
        # With a status the receiver has decided; only its answer was slow.
        error = None if status is not None else f"no answer within {TIMEOUT_SECS:.0f} s"
    except AddressRefused:
        error = "the url leads to a private address; WEBHOOK_ALLOW_PRIVATE allows that"
    except Exception as caught:
        # Whatever it is, it counts as a try: a delivery that raised here would come again for ever, off the schedule.
        error = None if status is not None else _said(caught)
    duration_ms = round((time.monotonic() - started) * 1000)
    return Reply(status, duration_ms, error, None if status is None else _excerpt(received), retry_after)


async def _read_some(response: httpx.Response, received: bytearray) -> None:
    """Read up to 64 KiB as they come, packed or not; with more the connection is closed, not reused."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        async for chunk in response.stream:
            received += chunk[: MAX_ANSWER_BYTES - len(received)]
            if len(received) >= MAX_ANSWER_BYTES:
                return
    finally:
        await response.stream.aclose()


def _excerpt(received: bytearray) -> str:
    # 4 bytes a character at most; NUL is the one character PostgreSQL cannot keep.
    text = bytes(received[: KEPT_ANSWER_CHARS * 4]).decode("utf-8", errors="replace")
    return text[:KEPT_ANSWER_CHARS].replace("\0", "\ufffd")


def _said(error: Exception) -> str:
    """A sentence for the host: kinds of errors, and texts only of TLS and the resolver, which name no secret."""
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUT_SECS:.0f} s"
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "the certificate of the receiver is not trusted"
    if isinstance(error, httpx.ConnectError):
        return f"cannot connect: {str(error)[:200]}"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return "the receiver closed the connection without an answer"
    if isinstance(error, OSError):
        return f"the name cannot be resolved or reached: {error.strerror or type(error).__name__}"
    return f"the request failed: {type(error).__name__}"
