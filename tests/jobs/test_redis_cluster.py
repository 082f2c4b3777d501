"""Where rings are kept beside a Redis Cluster."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from huey import PostgresHuey

from mtchat.config.settings import Settings
from mtchat.jobs.app import WEBHOOKS, close_huey, make_huey
from tests.support.fix_redis import RedisCluster

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster() -> Iterator[RedisCluster]:
    """Three nodes that share the slots."""
    made = RedisCluster()
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.mark.gen_test(timeout=60)
async def test_rings_are_kept_in_postgresql(settings: Settings, cluster: RedisCluster) -> None:
    """Huey's keys would lie on different nodes."""
    beside = replace(settings, realtime=replace(settings.realtime, redis_url=cluster.url))
    huey, ring = await asyncio.to_thread(make_huey, beside, lambda _: None)
    assert isinstance(huey, PostgresHuey)
    await asyncio.to_thread(ring, WEBHOOKS)
    assert await asyncio.to_thread(huey.storage.queue_size) == 1
    close_huey(huey)
