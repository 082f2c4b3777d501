"""The queries of dialogs as one person sees them ask by index, whatever the size of the tables."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import psycopg
import pytest

from mtchat.persistence.inbox import Kind, Selection
from mtchat.persistence.pool import PLANNER_OPTIONS
from mtchat.persistence.queries import query

_BIG_TABLES = re.compile(r"Seq Scan on (dialogs|participants|access_scopes|messages)\b")

# Anna is in 1,000 of 5,000 dialogs, of four people each, with a hundred messages in hers.
_FILL = """
INSERT INTO dialogs (id, object_id, object_type, title, created_at, clock_at, user_no, last_seq, participants_count)
    SELECT md5(n::text)::uuid, 'order-' || n / 5, 'order', 'Order ' || n, at, at, 100, 100, 4
    FROM generate_series(1, 5000) AS n, LATERAL (SELECT now() - n * interval '1 hour' AS at) AS made;
INSERT INTO participants (dialog_id, user_id, joined_at, display_name, company, is_pinned, is_archived)
    SELECT md5(n::text)::uuid, CASE WHEN k = 1 AND n <= 1000 THEN 'anna' ELSE 'user-' || n % 97 || '-' || k END, now(),
           'Name ' || k, 'Company ' || k, n % 100 = 0, n % 10 = 0
    FROM generate_series(1, 5000) AS n, generate_series(1, 4) AS k;
INSERT INTO access_scopes (dialog_id, id, position, scope_level0, created_at)
    SELECT md5(n::text)::uuid, gen_random_uuid(), 1, ARRAY['tenant-' || n % 5], now()
    FROM generate_series(1, 5000) AS n;
INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at)
    SELECT md5(n::text)::uuid, uuid7_at(at), k, k, 'user-1', '<p>text</p>', at
    FROM generate_series(1, 5000) AS n, generate_series(1, CASE WHEN n <= 1000 THEN 100 ELSE 1 END) AS k,
         LATERAL (SELECT now() - n * interval '1 minute' + k * interval '1 second' AS at) AS made;
UPDATE dialogs AS d SET last_message_id = m.id, last_message_at = m.sent_at
    FROM (SELECT DISTINCT ON (dialog_id) * FROM messages ORDER BY dialog_id, id DESC) AS m WHERE m.dialog_id = d.id;
"""

_DIALOG = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"
_SELECTIONS = {
    "participating": Selection(user_id="anna", kind=Kind.PARTICIPATING, limit=50),
    "participating, not archived": Selection(user_id="anna", kind=Kind.PARTICIPATING, archived=[False], limit=50),
    "participating, scoped": Selection(
        user_id="anna", kind=Kind.PARTICIPATING, limit=50, judge_own=True, level0=["tenant-1"]
    ),
    "participating, searched": Selection(user_id="anna", kind=Kind.PARTICIPATING, limit=50, pattern="%nothing%"),
    "participating, deep": Selection(user_id="anna", kind=Kind.PARTICIPATING, limit=50, offset=900),
    "available": Selection(
        user_id="vera", kind=Kind.AVAILABLE, own=False, others=True, level0=["tenant-1"], judge_own=True, limit=50
    ),
    "object": Selection(
        user_id="anna", kind=Kind.OBJECT, object_type="order", object_id="order-7", others=True, level0=["tenant-1"]
    ),
    "one": Selection(user_id="anna", kind=Kind.ONE, dialog_id=_DIALOG, by_id=True, limit=1),
}


@pytest.fixture(scope="module")
def filled(new_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A database of 5,000 dialogs, asked as the pool asks."""
    with psycopg.connect(new_database(), autocommit=True, options=PLANNER_OPTIONS) as connection:
        connection.execute(_FILL)
        connection.execute("VACUUM ANALYZE")
        yield connection


def plan_of(connection: psycopg.Connection, name: str, params: dict[str, Any]) -> str:
    """The plan with its real row counts."""
    sql = b"EXPLAIN (ANALYZE, TIMING OFF) " + query(name)
    return "\n".join(line for (line,) in connection.execute(sql, params))


@pytest.mark.parametrize("name", _SELECTIONS)
def test_no_list_reads_a_whole_table(name: str, filled: psycopg.Connection) -> None:
    """Issue 3, item 4: lists by index only, for somebody in 1,000 dialogs."""
    plan = plan_of(filled, "list_dialog_items", _SELECTIONS[name].params())
    assert _BIG_TABLES.search(plan) is None, plan


def test_only_what_is_shown_is_built(filled: psycopg.Connection) -> None:
    """F39: people, newest messages and scopes are looked up 50 times, the order alone looks at all 1,000 dialogs."""
    everybody = Selection(
        user_id="anna", kind=Kind.PARTICIPATING, limit=50, judge_own=True, level0=[f"tenant-{n}" for n in range(5)]
    )
    plan = plan_of(filled, "list_dialog_items", everybody.params())
    for scan in ("on messages m", "on participants o ", "on access_scopes s_2"):
        line = next(line for line in plan.splitlines() if scan in line and "never executed" not in line)
        assert "loops=50" in line, plan
    assert "messages_pkey on messages m" in plan


def test_a_list_has_the_pinned_ones_first_and_then_by_activity(filled: psycopg.Connection) -> None:
    """F39: over all pages each dialog comes once, in order."""
    seen: list[dict[str, Any]] = []
    for offset in range(0, 1_000, 100):
        page = Selection(user_id="anna", kind=Kind.PARTICIPATING, limit=100, offset=offset)
        seen += items(filled, page)
    assert len({item["id"] for item in seen}) == len(seen) == 1_000
    keys = [(item["is_pinned"], item["last_message_at"], item["id"]) for item in seen]
    assert keys == sorted(keys, reverse=True)
    assert sum(item["is_pinned"] for item in seen) == 10


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("find_standing", {}),
        ("list_roster", {"has_scopes": True}),
        ("set_own_state", {"is_archived": True, "is_pinned": None, "notifications_enabled": None}),
        ("join_dialog", {"display_name": "Vera", "company": "", "email": None, "phone": None, "content": "{}"}),
        ("leave_dialog", {"content": "{}"}),
    ],
)
def test_no_query_of_one_dialog_reads_a_whole_table(
    name: str, more: dict[str, Any], filled: psycopg.Connection
) -> None:
    """Design 11: a hot query names one dialog."""
    params = {"dialog_id": _DIALOG, "user_id": "anna", "level0": ["tenant-1"], "level1": [], "level2": []} | more
    plan = "\n".join(line for (line,) in filled.execute(b"EXPLAIN " + query(name), params))
    assert _BIG_TABLES.search(plan) is None, plan


def items(connection: psycopg.Connection, selection: Selection) -> list[dict[str, Any]]:
    """What the list gives."""
    row = connection.execute(query("list_dialog_items"), selection.params()).fetchone()
    assert row is not None
    found: list[dict[str, Any]] = orjson.loads(f"[{row[0] or ''}]")
    return found
