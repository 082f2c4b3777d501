"""100,000 deliveries that wait cost neither a send nor a worker's look (P4, P6): by index, few pages."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from mtchat.persistence.deliveries import FIRST_ID, LAST_ID, WORKER_LOCK_CLASS
from mtchat.persistence.pool import PLANNER_OPTIONS
from mtchat.persistence.webhooks import BUILTIN_ID
from tests.persistence.test_plans import Plan, pages_read, plan_of, scans_of

DIALOG = "01900000-0000-7000-8000-000000000001"

# Each lane waits with 500 deliveries behind a head that has failed; its endpoint has been away.
_FILL = """
UPDATE webhook_endpoints SET disabled_by = NULL;

INSERT INTO webhook_lanes (dialog_id, endpoint_id, enqueued, attempts, next_attempt_at)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '00000000-0000-0000-0000-000000000001', 500, 3,
       now() + interval '1 hour'
FROM generate_series(1, 200) AS n;

INSERT INTO webhook_deliveries (id, lane_id, no, event, body)
SELECT uuid7_at(timestamptz '2026-01-01' + (n * 200 + l.id) * interval '1 ms'), l.id, n, 'message.new', repeat('x', 400)
FROM webhook_lanes AS l, generate_series(1, 500) AS n;
"""

_CLAIM: dict[str, Any] = {
    "worker": 1, "busy_ids": [], "busy_numbers": [], "most": 32, "most_per_lane": 16, "lease_secs": 60.0,
    "has_builtin": True,
}  # fmt: skip
_PAGE: dict[str, Any] = {
    "endpoint_id": BUILTIN_ID, "before": LAST_ID, "since": FIRST_ID, "event": None, "state": None, "limit": 50,
    "dialog_ids": [DIALOG],
}  # fmt: skip


@pytest.fixture(scope="module")
def waiting(new_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A connection to a database in which they wait."""
    with psycopg.connect(new_database(), autocommit=True, options=PLANNER_OPTIONS) as connection:
        connection.execute(_FILL)
        connection.execute("VACUUM ANALYZE")
        yield connection


def _reads_all(plan: Plan) -> bool:
    """Whether every delivery is looked at."""
    return any(
        scan["Node Type"] == "Seq Scan" and scan["Relation Name"] == "webhook_deliveries" for scan in scans_of(plan)
    )


@pytest.mark.parametrize(
    ("name", "params", "most_pages"),
    [
        # Nothing is due: what an idle worker asks every few seconds.
        ("claim_webhook_lanes", _CLAIM, 20),
        ("next_webhook_due", {"has_builtin": True, "full_ids": []}, 10),
        ("release_lanes_of_dead_workers", {"class": WORKER_LOCK_CLASS}, 10),
        ("list_webhook_endpoints", {"id": BUILTIN_ID}, 60),
        ("list_webhook_deliveries", _PAGE, 200),
        ("search_webhook_deliveries", _PAGE, 600),
        ("list_failed_deliveries", _PAGE, 20),
        # Nothing waits for this one.
        ("list_waiting_deliveries", _PAGE | {"endpoint_id": DIALOG}, 20),
    ],
)
def test_a_look_costs_no_more_because_they_wait(
    name: str, params: dict[str, Any], most_pages: int, waiting: psycopg.Connection
) -> None:
    plan = plan_of(waiting, name, params)
    assert pages_read(plan) <= most_pages
    assert not _reads_all(plan)


def test_taking_lanes_reads_only_what_is_taken(waiting: psycopg.Connection) -> None:
    """32 lanes of 200 are due: 512 deliveries with their texts are read, none of the other 99,488."""
    with waiting.transaction(force_rollback=True):
        waiting.execute("UPDATE webhook_lanes SET next_attempt_at = now() - interval '1 second' WHERE id <= 32")
        plan = plan_of(waiting, "claim_webhook_lanes", _CLAIM)
    assert plan["Actual Rows"] == 512
    # A row of the heap and one of the index for each, and the lanes with the indexes they are in.
    assert pages_read(plan) <= 2_500
    assert not _reads_all(plan)


def test_adding_one_more_costs_what_the_first_one_cost(
    waiting: psycopg.Connection, new_database: Callable[[], str]
) -> None:
    """What a worker does with an event of a dialog; a send only leaves it in the outbox."""
    left = (
        "INSERT INTO webhook_outbox (endpoint_id, dialog_id, event, at, payload)"
        " VALUES (%s, %s, 'message.new', now(), json_build_object('a', 1))"
    )
    enqueue = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT webhook_enqueue(1000)"

    def cost(connection: psycopg.Connection) -> int:
        pages = []
        for _ in range(7):
            connection.execute(left, [BUILTIN_ID, DIALOG])
            row = connection.execute(enqueue).fetchone()
            assert row is not None
            pages.append(pages_read(row[0][0]["Plan"]))
        return sorted(pages)[0]

    with psycopg.connect(new_database(), autocommit=True, options=PLANNER_OPTIONS) as empty:
        empty.execute("UPDATE webhook_endpoints SET disabled_by = NULL")
        alone = cost(empty)
    # Indexes are one or two levels higher.
    assert cost(waiting) <= alone + 12
