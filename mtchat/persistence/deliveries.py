"""Webhook deliveries as rows: taken by workers lane by lane, answered, listed, replayed.

A lane is what must stay in order; the head of it alone may be tried. A worker that lives holds the lock of its number.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from psycopg.types.json import Jsonb

from mtchat.persistence.pool import Connection, Database, Row

# Advisory locks of two numbers: this one, and the number of a worker.
WORKER_LOCK_CLASS: Final = 7_301_555

# Some 60 ms of work, during which no other worker enqueues.
_ENQUEUED_AT_ONCE: Final = 1_000

FIRST_ID: Final = "00000000-0000-0000-0000-000000000000"
LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery to be tried; body: the exact text to send. no: its place in the lane."""

    no: int
    id: str
    event: str
    body: str


@dataclass(slots=True)
class ClaimedLane:
    """A lane this worker has taken, with the first deliveries in it, in order.

    attempts: failed tries of the first one so far. url, secret: None for the built-in endpoint.
    """

    id: int
    endpoint_id: str
    url: str | None
    secret: str | None
    previous_secret: str | None
    attempts: int
    enqueued: int
    deliveries: list[Waiting]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one try.

    outcome: delivered, failed or retry, which is due after retry_secs. keep: the worker goes on with the lane.
    attempt: at, status, duration_ms, error, answer.
    """

    lane_id: int
    no: int
    outcome: str
    retry_secs: float
    keep: bool
    attempt: dict[str, Any]


class Recorded(NamedTuple):
    """Whether the lane was still ours, and whether something waits in it that nobody has taken."""

    is_ours: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries of an endpoint to list: made since and before these ids; None admits all."""

    before: str = LAST_ID
    since: str = FIRST_ID
    event: str | None = None
    state: str | None = None
    dialog_ids: list[str] | None = None
    limit: int = 50


@asynccontextmanager
async def worker_number(database: Database) -> AsyncIterator[tuple[int, Connection]]:
    """Lend a number of its own to a worker, with the connection whose life tells that the worker lives."""
    async with database.connection() as connection:
        worker: int = await database.fetch_value("next_webhook_worker", within=connection)
        await database.execute("hold_webhook_worker", {"class": WORKER_LOCK_CLASS, "worker": worker}, connection)
        yield worker, connection


async def enqueue(database: Database, rounds: int = 1) -> None:
    """Put what sends have left in the outbox into its lanes, so many times a thousand events at most."""
    for _ in range(rounds):
        moved: int = await database.fetch_value("enqueue_webhooks", {"most": _ENQUEUED_AT_ONCE})
        if moved < _ENQUEUED_AT_ONCE:
            return


async def claim_lanes(
    database: Database,
    worker: int,
    busy: dict[str, int],
    *,
    most: int,
    most_per_lane: int,
    lease_secs: float,
    has_builtin: bool,
) -> list[ClaimedLane]:
    """Take due lanes. busy: lanes under way by endpoint; at most `most` of each. One statement."""
    rows = await database.fetch_all(
        "claim_webhook_lanes",
        {
            "worker": worker,
            "busy_ids": list(busy),
            "busy_numbers": list(busy.values()),
            "most": most,
            "most_per_lane": most_per_lane,
            "lease_secs": lease_secs,
            "has_builtin": has_builtin,
        },
    )
    lanes: dict[int, ClaimedLane] = {}
    for row in rows:
        lane = lanes.get(row["lane_id"])
        if lane is None:
            lane = lanes[row["lane_id"]] = _claimed(row)
        if row["id"] is not None:
            lane.deliveries.append(Waiting(row["no"], row["id"], row["event"], row["body"]))
    return list(lanes.values())


def _claimed(row: Row) -> ClaimedLane:
    return ClaimedLane(
        id=row["lane_id"],
        endpoint_id=row["endpoint_id"],
        url=row["url"],
        secret=row["secret"],
        previous_secret=row["previous_secret"],
        attempts=row["attempts"],
        enqueued=row["enqueued"],
        deliveries=[],
    )


async def record_results(database: Database, worker: int, results: Sequence[Result]) -> list[Recorded]:
    """Write what became of tries, each of another lane. One statement."""
    rows = await database.fetch_all(
        "record_webhook_results",
        {
            "worker": worker,
            "lane_ids": [result.lane_id for result in results],
            "nos": [result.no for result in results],
            "outcomes": [result.outcome for result in results],
            "retry_secs": [result.retry_secs for result in results],
            "keeps": [result.keep for result in results],
            "attempts": [Jsonb(result.attempt) for result in results],
        },
    )
    waits = {row["lane_id"]: row["waits"] for row in rows}
    return [Recorded(result.lane_id in waits, waits.get(result.lane_id, False)) for result in results]


async def settle_lane(database: Database, worker: int, lane: ClaimedLane) -> None:
    """Give back a lane in which nothing was found."""
    await database.execute("settle_webhook_lane", {"worker": worker, "lane_id": lane.id, "enqueued": lane.enqueued})


async def release_lanes(database: Database, worker: int, lane_ids: list[int] | None = None) -> None:
    """Give back lanes, by default all of the worker, so that anybody may take them at once."""
    await database.execute("release_webhook_lanes", {"worker": worker, "lane_ids": lane_ids})


async def release_lanes_of_dead_workers(database: Database) -> int:
    """Free what killed workers had taken; returns the number of lanes."""
    return await database.execute("release_lanes_of_dead_workers", {"class": WORKER_LOCK_CLASS})


async def secs_until_due(database: Database, *, has_builtin: bool, full_ids: list[str]) -> float | None:
    """Return in how many seconds a lane is due, below zero for late; None when nothing waits.

    full_ids: endpoints this worker has no room for.
    """
    secs: float | None = await database.fetch_value(
        "next_webhook_due", {"has_builtin": has_builtin, "full_ids": full_ids}
    )
    return secs


async def list_deliveries(database: Database, endpoint_id: str, wanted: Filter) -> list[Row]:
    """Return deliveries of one endpoint, newest first."""
    params: dict[str, Any] = {
        "endpoint_id": endpoint_id,
        "before": wanted.before,
        "since": wanted.since,
        "event": wanted.event,
        "limit": wanted.limit,
    }
    if wanted.dialog_ids is not None:
        params |= {"dialog_ids": wanted.dialog_ids, "state": wanted.state}
        return await database.fetch_all("search_webhook_deliveries", params)
    if wanted.state == "failed":
        return await database.fetch_all("list_failed_deliveries", params)
    if wanted.state == "waiting":
        return await database.fetch_all("list_waiting_deliveries", params)
    return await database.fetch_all("list_webhook_deliveries", params | {"state": wanted.state})


async def list_failures(database: Database, limit: int) -> list[Row]:
    """Return the newest failures of all endpoints."""
    return await database.fetch_all(
        "list_failed_deliveries",
        {"endpoint_id": None, "before": LAST_ID, "since": FIRST_ID, "event": None, "limit": limit},
    )


async def find_delivery(database: Database, endpoint_id: str, delivery_id: str) -> Row | None:
    """Return one delivery with its body, or None."""
    return await database.fetch_one("find_webhook_delivery", {"endpoint_id": endpoint_id, "id": delivery_id})


async def list_dialogs_of_object(database: Database, object_type: str, object_id: str) -> list[str]:
    """Return the ids of an object's dialogs, newest first, at most a thousand."""
    rows = await database.fetch_all("list_dialogs_of_object", {"object_type": object_type, "object_id": object_id})
    return [row["id"] for row in rows]


async def list_replayable(
    database: Database,
    endpoint_id: str,
    *,
    after: str,
    until: str,
    states: list[str],
    event: str | None,
    dialog_id: str | None,
    limit: int,
) -> list[str]:
    """Return ids of finished deliveries between two ids, oldest first."""
    rows = await database.fetch_all(
        "list_replayable_deliveries",
        {
            "endpoint_id": endpoint_id,
            "after": after,
            "until": until,
            "states": states,
            "event": event,
            "dialog_id": dialog_id,
            "limit": limit,
        },
    )
    return [row["id"] for row in rows]


async def replay(database: Database, ids: list[str]) -> int:
    """Queue finished deliveries again, with the same ids and bodies; returns how many. One statement."""
    return len(await database.fetch_all("replay_webhook_deliveries", {"ids": ids}))


async def hasten(database: Database, delivery_id: str) -> bool:
    """Make the lane of a waiting delivery due now; False when it does not wait, or a worker has it."""
    return bool(await database.execute("hasten_webhook_delivery", {"id": delivery_id}))


async def insert_test_delivery(database: Database, endpoint_id: str) -> None:
    """Queue an event that tests an endpoint, enabled or not."""
    await database.execute("insert_test_delivery", {"endpoint_id": endpoint_id})


async def count_waiting(database: Database) -> list[Row]:
    """Return what waits, by endpoint: id, disabled_by, waiting, due_lanes, overdue_secs."""
    return await database.fetch_all("count_waiting_deliveries")
