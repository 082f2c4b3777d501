"""The Huey of a process: where rings are kept between those who ring and those who work, and the periodic table.

A ring carries a name and nothing else. What is to be done stands in rows of PostgreSQL: a ring that is lost delays, a
ring that comes twice finds nothing to do. Kept in Redis when there is one and it is no cluster, else in PostgreSQL.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from huey import Huey, PostgresHuey, RedisHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from psycopg.errors import UniqueViolation
from redis import ConnectionPool, Redis

from mtchat.config.settings import Settings
from mtchat.core.attachments import FILES

WEBHOOKS: Final = "webhooks"
NOTIFICATIONS: Final = "notifications"
ARCHIVE: Final = "archive"
CLEANUP: Final = "cleanup"
NAMES: Final = (WEBHOOKS, NOTIFICATIONS, ARCHIVE, CLEANUP, FILES)

_QUEUE: Final = "mtchat"
# How long a consumer's thread waits for a ring before it looks whether it is to stop.
_WAIT_SECS: Final = 1
# A Redis that hangs must not hang a consumer beyond that wait, nor a ringer for long.
_REDIS_TIMEOUT_SECS: Final = 5
_CONNECT_TIMEOUT_SECS: Final = 2

Ring = Callable[[str], Any]


class JsonSerializer(Serializer):  # type: ignore[misc]  # the library has no types
    """Rings as JSON: whoever can write to the queue can ring, and cannot run code here as with pickles."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, data.args]).encode()

    def _deserialize(self, data: bytes) -> Message:
        ident, name, arguments = json.loads(data)
        return Message(ident, name, None, 0, 0, None, tuple(arguments), {})


class ThreadConsumer(Consumer):  # type: ignore[misc]  # the library has no types
    """A consumer that may live in any thread: signals are the business of whoever starts it."""

    def _set_signal_handlers(self) -> None:
        pass


def make_huey(settings: Settings, perform: Callable[[str], None]) -> tuple[Huey, Ring]:
    """Return the Huey of this process and what puts a ring into it; a consumer of it calls perform(name).

    Connects, and raises what redis and psycopg raise when they cannot. Blocks: not for the event loop.
    """
    redis_url = settings.realtime.redis_url
    pool = None if redis_url is None else _pool_of_single(redis_url)
    common = {"results": False, "serializer": JsonSerializer()}
    if pool is not None:
        huey: Huey = RedisHuey(_QUEUE, connection_pool=pool, read_timeout=_WAIT_SECS, **common)
    else:
        options = {"connect_timeout": _CONNECT_TIMEOUT_SECS, "application_name": "mtchat-jobs", **common}
        try:
            huey = PostgresHuey(_QUEUE, dsn=settings.database.url, read_timeout=_WAIT_SECS, **options)
        except UniqueViolation:
            # Another process has made its tables at the same moment.
            huey = PostgresHuey(_QUEUE, dsn=settings.database.url, read_timeout=_WAIT_SECS, **options)

    @huey.task(name="ring")  # type: ignore[untyped-decorator]
    def ring(name: str) -> None:
        perform(name)

    # A consumer's thread has a connection of its own that listens; only that thread can close it.
    huey.on_shutdown("let_go")(huey.storage.close)

    # Beside what each loop of a worker does by its own clock.
    @huey.periodic_task(crontab(minute="17", hour="*/6"), name="clean_up")  # type: ignore[untyped-decorator]
    def clean_up() -> None:
        perform(CLEANUP)

    return huey, ring


def _pool_of_single(url: str) -> ConnectionPool | None:
    """Return connections to a Redis, or None when it is a cluster: Huey's keys would lie on different nodes of it."""
    pool = ConnectionPool.from_url(
        url, socket_timeout=_REDIS_TIMEOUT_SECS, socket_connect_timeout=_CONNECT_TIMEOUT_SECS
    )
    with Redis(connection_pool=pool) as client:
        if not client.info("cluster").get("cluster_enabled"):
            return pool
    pool.disconnect()
    return None


def close_huey(huey: Huey) -> None:
    """Let go of the connections of the calling thread; never raises."""
    with suppress(Exception):
        huey.storage.close()
        if isinstance(huey, RedisHuey):
            huey.storage.pool.disconnect()
