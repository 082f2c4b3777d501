"""How often one caller may ask (contract 10.4, F17, F29)."""

import pytest
from limits import RateLimitItemPerSecond
from tornado.httpclient import AsyncHTTPClient
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from handlers import limits
from handlers.application import ChatApplication
from handlers.base import ApiHandler
from handlers.identity import admin_required, user_required
from handlers.limits import BucketStorage, Limits, TokenBucketRateLimiter, client_address
from mtchat.config.settings import load_settings
from mtchat.core.errors import RateLimited
from tests.support.clients import ApiClient
from tests.support.small_app import ADMIN_TOKEN, client_of, small_app

ON = {"RATE_LIMIT_ENABLED": "1", "RATE_LIMIT_RPS": "1", "RATE_LIMIT_BURST": "3"}


class WhoHandler(ApiHandler):
    """Of a user."""

    @user_required
    async def get(self) -> None:
        self.answer(self.actor.user_id)


class HostHandler(ApiHandler):
    """Of the host."""

    @admin_required
    async def get(self) -> None:
        self.answer("open")


@pytest.fixture
def app() -> ChatApplication:
    return small_app([("/who", WhoHandler), ("/host", HostHandler)], ON)


@pytest.fixture
def anyone(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


async def statuses(client: ApiClient, path: str, times: int, **query: str) -> list[int]:
    return [(await client.get(path, **query)).status for _ in range(times)]


@pytest.mark.gen_test
async def test_over_the_burst_a_caller_is_told_how_long_to_wait(anyone: ApiClient) -> None:
    assert await statuses(anyone, "/who", 3, user_id="anna") == [200, 200, 200]
    answer = await anyone.get("/who", user_id="anna")
    assert answer.error == (429, "RATE_LIMIT_EXCEEDED")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.gen_test
async def test_a_noisy_caller_locks_nobody_else_out(
    anyone: ApiClient, http_client: AsyncHTTPClient, base_url: str
) -> None:
    """F17."""
    host = client_of(http_client, base_url, admin_token=ADMIN_TOKEN)
    assert (await statuses(anyone, "/who", 4, user_id="anna"))[-1] == 429
    assert await statuses(anyone, "/who", 1, user_id="boris") == [200]
    assert await statuses(host, "/host", 1) == [200]


@pytest.mark.gen_test
async def test_the_limit_comes_before_the_credentials(anyone: ApiClient) -> None:
    """1.4, and whoever guesses tokens does not get a fresh bucket for each."""
    told = []
    for number in range(4):
        answer = await anyone.call("GET", "/host", headers={"Authorization": f"Bearer guess-{number}"})
        told.append(answer.status)
    assert told == [403, 403, 403, 429]


@pytest.mark.gen_test
async def test_addresses_that_do_not_exist_are_counted_too(anyone: ApiClient) -> None:
    assert await statuses(anyone, "/nowhere", 4) == [404, 404, 404, 429]


class Clock:
    """A clock that is moved by hand; seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _bucket(clock: Clock, per_sec: float) -> TokenBucketRateLimiter:
    return TokenBucketRateLimiter(BucketStorage(clock), per_sec, clock)


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    clock = Clock()
    bucket, item = _bucket(clock, 2), RateLimitItemPerSecond(5)
    taken = []
    for _ in range(6):
        taken.append(sum(bucket.hit(item, "anna") for _ in range(10)))
        clock.now += 1
    assert taken == [5, 2, 2, 2, 2, 2]


def test_an_idle_bucket_fills_up_to_its_burst_and_no_further() -> None:
    clock = Clock()
    bucket, item = _bucket(clock, 2), RateLimitItemPerSecond(5)
    while bucket.hit(item, "anna"):
        pass
    clock.now += 3_600
    assert bucket.get_window_stats(item, "anna").remaining == 5
    assert [bucket.hit(item, "anna") for _ in range(6)] == [True] * 5 + [False]


def test_a_refused_call_takes_nothing_and_the_wait_it_is_told_is_enough() -> None:
    clock = Clock()
    bucket, item = _bucket(clock, 0.5), RateLimitItemPerSecond(1)
    assert bucket.hit(item, "anna")
    assert not any(bucket.hit(item, "anna") for _ in range(50))
    clock.now += bucket.wait_secs(item, "anna")
    assert bucket.test(item, "anna")
    assert bucket.hit(item, "anna")


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FIRST_SWEEP", 10)
    clock = Clock()
    storage = BucketStorage(clock)
    bucket, item = TokenBucketRateLimiter(storage, 1, clock), RateLimitItemPerSecond(5)
    for number in range(1_000):
        bucket.hit(item, f"user-{number}")
        clock.now += 0.5
    assert len(storage._full_at) <= 10


def _request(peer: str, forwarded: str | None = None) -> HTTPServerRequest:
    headers = HTTPHeaders({"Host": "chat.example"} | ({"X-Forwarded-For": forwarded} if forwarded else {}))
    request = HTTPServerRequest(start_line=RequestStartLine("GET", "/", "HTTP/1.1"), headers=headers)
    request.remote_ip = peer
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", None, False, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", False, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", True, "198.51.100.7"),
        ("192.0.2.1", "203.0.113.9, 198.51.100.7", True, "198.51.100.7"),
        ("192.0.2.1", "nonsense", True, "192.0.2.1"),
        ("192.0.2.1", None, True, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", None, False, "2001:db8:1:2::/64"),
    ],
)
def test_the_address_is_the_peers_or_what_our_own_proxy_wrote(
    peer: str, forwarded: str | None, trusted: bool, address: str
) -> None:
    assert client_address(_request(peer, forwarded), trusted) == address


def test_uploads_have_a_bucket_of_their_own() -> None:
    """F7, F17."""
    rules = Limits(load_settings(ON | {"RATE_LIMIT_PRESIGN_PER_MINUTE": "2"}), Clock())
    rules.check_presign("anna")
    rules.check_presign("anna")
    with pytest.raises(RateLimited) as refused:
        rules.check_presign("anna")
    assert refused.value.retry_after_secs == 30
    rules.check_presign("boris")


def test_handshakes_are_counted_for_the_user_and_more_generously_for_his_address() -> None:
    """F29."""
    rules = Limits(load_settings(ON | {"RATE_LIMIT_HANDSHAKES_PER_MINUTE": "1"}), Clock())
    request = _request("192.0.2.1")
    rules.check_handshake(request, "anna")
    with pytest.raises(RateLimited):
        rules.check_handshake(request, "anna")
    for _ in range(limits.PEOPLE_PER_ADDRESS):
        rules.check_handshake(request)
    with pytest.raises(RateLimited):
        rules.check_handshake(request)


def test_nothing_is_counted_unless_it_is_switched_on() -> None:
    rules = Limits(load_settings({"RATE_LIMIT_BURST": "1"}), Clock())
    for _ in range(1_000):
        rules.check_presign("anna")
        rules.check_handshake(_request("192.0.2.1"), "anna")
        rules.check_address(_request("192.0.2.1"))
