"""How often one caller may ask. A token bucket per caller, so that a noisy one slows nobody but itself.

The library `limits` gives the parts (items, strategy, storage). Its memory storage starts a thread for each burst of
calls and knows no buckets, so state and strategy are ours. All is off unless RATE_LIMIT_ENABLED says otherwise.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import RateLimiter
from limits.util import WindowStats
from tornado.httputil import HTTPServerRequest

from handlers.identity import Caller
from mtchat.config.settings import Settings
from mtchat.core.errors import RateLimited

# An office behind one address holds many people: it gets this many times the handshakes of one of them.
PEOPLE_PER_ADDRESS: Final = 10
# 255 characters of four bytes.
MAX_USER_ID_BYTES: Final = 1_020
# Full buckets are forgotten in sweeps, the first one at this many callers (about 1 MiB).
FIRST_SWEEP: Final = 8_192

Clock = Callable[[], float]


class BucketStorage(Storage):
    """For each key the moment at which its bucket is full again, in clock seconds; a full bucket needs no entry."""

    # Not to be made from a URL, so no scheme of its own.
    STORAGE_SCHEME = None

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._sweep_at = FIRST_SWEEP

    @property
    def base_exceptions(self) -> type[Exception]:
        return RuntimeError

    def get_expiry(self, key: str) -> float:
        """Return when the bucket is full again; a moment in the past for one that is."""
        return self._full_at.get(key, 0.0)

    def put(self, key: str, full_at: float) -> None:
        """Remember when the bucket will be full."""
        self._full_at[key] = full_at
        if len(self._full_at) >= self._sweep_at:
            now = self._clock()
            self._full_at = {name: moment for name, moment in self._full_at.items() if moment > now}
            # Doubling keeps the cost of sweeps constant per call even when all of them are still in use.
            self._sweep_at = max(FIRST_SWEEP, 2 * len(self._full_at))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count as a window of `expiry` seconds would: the bucket is full that much later."""
        self.put(key, max(self.get_expiry(key), self._clock()) + expiry * amount)
        return 1

    def get(self, key: str) -> int:
        """Return 1 for a bucket something was taken from, else 0."""
        return int(self.get_expiry(key) > self._clock())

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Fill every bucket."""
        held = len(self._full_at)
        self._full_at.clear()
        return held

    def clear(self, key: str) -> None:
        """Fill one bucket."""
        self._full_at.pop(key, None)


class TokenBucketRateLimiter(RateLimiter):
    """A strategy: `item.amount` calls at once, then `per_sec` a second; an idle caller's bucket fills up again."""

    def __init__(self, storage: BucketStorage, per_sec: float, clock: Clock) -> None:
        super().__init__(storage)
        self._buckets = storage
        self._secs_per_call = 1.0 / per_sec
        self._clock = clock

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Take `cost` calls from the bucket; False, and nothing taken, when it holds fewer."""
        key = item.key_for(*identifiers)
        full_at = max(self._buckets.get_expiry(key), self._clock()) + cost * self._secs_per_call
        if self._excess_secs(item, full_at) > 0:
            return False
        self._buckets.put(key, full_at)
        return True

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Whether `hit` would succeed."""
        return self.wait_secs(item, *identifiers, cost=cost) <= 0

    def wait_secs(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> float:
        """Return how long until `hit` succeeds; zero or less: at once."""
        full_at = max(self._buckets.get_expiry(item.key_for(*identifiers)), self._clock())
        return self._excess_secs(item, full_at + cost * self._secs_per_call)

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """Return when the bucket is full again and how many calls it holds now."""
        now = self._clock()
        full_at = max(self._buckets.get_expiry(item.key_for(*identifiers)), now)
        return WindowStats(full_at, int(item.amount - (full_at - now) / self._secs_per_call + 1e-9))

    def _excess_secs(self, item: RateLimitItem, full_at: float) -> float:
        # A nanosecond of tolerance: sums of floats must not refuse the last call of a full bucket.
        return full_at - self._clock() - item.amount * self._secs_per_call - 1e-9


class _Limit:
    """One rule: how many at once, how fast they come back, and what the caller is told."""

    def __init__(self, item: RateLimitItem, per_sec: float, clock: Clock) -> None:
        self._item = item
        self._strategy = TokenBucketRateLimiter(BucketStorage(clock), per_sec, clock)

    def take(self, key: str) -> None:
        if not self._strategy.hit(self._item, key):
            secs = math.ceil(self._strategy.wait_secs(self._item, key))
            raise RateLimited(f"Too many requests; wait {secs} s and try again", retry_after_secs=secs)


class Limits:
    """The rules of one process. Each method raises RateLimited, or does nothing."""

    def __init__(self, settings: Settings, clock: Clock = time.monotonic) -> None:
        rules = settings.limits
        self.enabled = rules.enabled
        self._trust_proxy = settings.server.trust_proxy_headers
        presigns, handshakes = rules.presign_per_minute, rules.handshakes_per_minute
        at_one_address = handshakes * PEOPLE_PER_ADDRESS
        self._requests = _Limit(RateLimitItemPerSecond(rules.burst, namespace="request"), rules.rps, clock)
        self._presigns = _Limit(RateLimitItemPerMinute(presigns, namespace="presign"), presigns / 60, clock)
        self._handshakes = _Limit(RateLimitItemPerMinute(handshakes, namespace="socket"), handshakes / 60, clock)
        self._addresses = _Limit(
            RateLimitItemPerMinute(at_one_address, namespace="address"), at_one_address / 60, clock
        )

    def check(self, request: HTTPServerRequest, caller: Caller) -> None:
        """Count a request of the user, else of the admin token, else of the address it comes from."""
        if self.enabled:
            self._requests.take(self._key_of(request, caller))

    def check_address(self, request: HTTPServerRequest) -> None:
        """Count a request nobody has said anything about, of the address it comes from."""
        if self.enabled:
            self._requests.take(self._address_key(request))

    def check_presign(self, user_id: str) -> None:
        """Count an upload that a user prepares."""
        if self.enabled:
            self._presigns.take(user_id)

    def check_handshake(self, request: HTTPServerRequest, user_id: str | None = None) -> None:
        """Count a WebSocket handshake: of its address while nobody knows the user, then of the user."""
        if not self.enabled:
            return
        if user_id is None:
            self._addresses.take(client_address(request, self._trust_proxy))
        else:
            self._handshakes.take(user_id)

    def _key_of(self, request: HTTPServerRequest, caller: Caller) -> str:
        if caller.token is not None:
            return f"user:{caller.token.user_id}"
        if caller.admin:
            token = request.headers.get("Authorization", "")
            return f"token:{hashlib.sha256(token.encode('latin-1')).hexdigest()}"
        # Refused credentials never choose a bucket: whoever guesses tokens would get a fresh one each time. Nor do ids
        # nobody can have: a query may be 64 KiB long, and thousands of such keys would be.
        if caller.asked and caller.error is None and len(caller.asked) <= MAX_USER_ID_BYTES:
            return f"user:{caller.asked.decode('latin-1')}"
        return self._address_key(request)

    def _address_key(self, request: HTTPServerRequest) -> str:
        return f"address:{client_address(request, self._trust_proxy)}"


def client_address(request: HTTPServerRequest, trust_proxy: bool) -> str:
    """Return the address a request comes from; of IPv6 the /64 network, because one machine owns all of it.

    trust_proxy: the last entry of X-Forwarded-For, the one our own proxy wrote, counts instead of the peer.
    """
    peer = request.remote_ip or ""
    if trust_proxy:
        peer = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or peer
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return request.remote_ip or ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
