"""Liveness, readiness and figures (contract 5.20, F17, F66)."""

import asyncio
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers.application import ROUTES, ChatApplication
from mtchat.core import health
from mtchat.core.errors import Unavailable
from tests.support.clients import ApiClient
from tests.support.small_app import client_of, small_app


class OneDatabase:
    """Answers, is away, or hangs."""

    def __init__(self) -> None:
        self.away = False
        self.hangs = False

    async def fetch_value(self, name: str) -> int:
        assert name == "ping"
        if self.away:
            raise Unavailable("The database does not answer")
        if self.hangs:
            await asyncio.sleep(60)
        return 1


@pytest.fixture
def one_database() -> OneDatabase:
    return OneDatabase()


@pytest.fixture
def app(one_database: OneDatabase) -> ChatApplication:
    limits = {"RATE_LIMIT_ENABLED": "1", "RATE_LIMIT_BURST": "1", "RATE_LIMIT_RPS": "1"}
    return small_app(ROUTES, limits | {"REDIS_URL": "redis://127.0.0.1:1"}, database=one_database)


@pytest.fixture
def prober(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


@pytest.mark.gen_test
async def test_a_living_process_tells_its_version(prober: ApiClient) -> None:
    answer = await prober.get("/health")
    assert (answer.status, answer.json) == (200, {"status": "ok", "version": health.running_version()})


@pytest.mark.gen_test
async def test_a_process_with_a_database_is_ready_whatever_the_optional_parts_do(prober: ApiClient) -> None:
    answer = await prober.get("/health/ready")
    assert answer.status == 200
    assert answer.json["status"] == "ready"
    assert answer.json["details"] == {"database": "ok", "redis": "not answering", "storage": "ok", "webhooks": "off"}


@pytest.mark.gen_test
async def test_a_process_without_its_database_is_not_ready(prober: ApiClient, one_database: OneDatabase) -> None:
    one_database.away = True
    answer = await prober.get("/health/ready")
    assert (answer.status, answer.json["status"]) == (503, "not_ready")
    assert (await prober.get("/health")).status == 200


@pytest.mark.gen_test
async def test_a_database_that_hangs_does_not_hang_the_probe(
    prober: ApiClient, one_database: OneDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DATABASE_PATIENCE_SECS", 0.05)
    one_database.hangs = True
    assert (await prober.get("/health/ready")).status == 503


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/health", "/health/ready", "/metrics"])
async def test_probes_are_not_counted_against_a_limit(prober: ApiClient, path: str) -> None:
    """F17."""
    assert {(await prober.get(path)).status for _ in range(5)} == {200}


@pytest.mark.gen_test
async def test_figures_have_the_routes_and_no_ids(prober: ApiClient, app: ChatApplication) -> None:
    await prober.get("/api/v1/dialogs/019c1f3a-52e0-7c41-9d6b-3f0a7be4d210")
    await prober.get("/nowhere/anna")
    figures: Any = (await prober.get("/metrics")).body.decode()
    assert 'mtchat_http_requests_total{method="GET",route="/api/v1/dialogs/{dialog_id}",status="400"} 1.0' in figures
    assert 'mtchat_http_request_seconds_count{route="/api/v1/dialogs/{dialog_id}"} 1.0' in figures
    assert "019c1f3a" not in figures
    assert "anna" not in figures
