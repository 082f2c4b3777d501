"""What the hot paths cost: by index, few pages, one statement, whatever the size of a dialog (P6, design 4 and 11)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from mtchat.core.services import Services
from mtchat.persistence.pool import PLANNER_OPTIONS
from mtchat.persistence.queries import all_queries
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_sockets import Connect

Plan = dict[str, Any]
Api = Callable[[str], ApiClient]

MESSAGES = 100_000
DIALOG = "01900000-0000-7000-8000-000000000001"
_PARAMETER = re.compile(r"%\((\w+)\)s")

# One dialog of 100,000 messages and 500 people, beside 2,000 dialogs of 4 people and 20 messages.
_FILL = """
INSERT INTO dialogs (id, object_id, object_type, title, created_at, clock_at, user_no, last_seq, participants_count)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'order-' || n / 5, 'order', 'Order ' || n, at, at,
           CASE n WHEN 1 THEN 100000 ELSE 20 END, CASE n WHEN 1 THEN 100000 ELSE 20 END, CASE n WHEN 1 THEN 500 ELSE 4 END
    FROM generate_series(1, 2001) AS n, LATERAL (SELECT timestamptz '2026-01-01' AS at) AS made;
INSERT INTO participants (dialog_id, user_id, joined_at, display_name, company, read_no)
    SELECT d.id, CASE k WHEN 1 THEN 'anna' ELSE 'user-' || k END, d.created_at, 'Name', 'Company', d.user_no / 2
    FROM dialogs AS d, generate_series(1, d.participants_count) AS k;
INSERT INTO access_scopes (dialog_id, id, position, scope_level0, created_at)
    SELECT d.id, gen_random_uuid(), 1, ARRAY['tenant-' || right(d.id::text, 1)], d.created_at FROM dialogs AS d;
INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at)
    SELECT d.id, uuid7_at(at), k, k, 'user-2', '<p>a message as people write them, of a line or two</p>', at
    FROM dialogs AS d, generate_series(1, d.user_no) AS k, LATERAL (SELECT d.created_at + k * interval '1 second' AS at) AS made;
INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT m.dialog_id, m.seq, 'message.new', m.id, m.sent_at FROM messages AS m;
INSERT INTO deleted_messages (dialog_id, user_no) SELECT d.id, n FROM dialogs AS d, generate_series(1, 5) AS n;
INSERT INTO idempotency_keys (key, dialog_id, created_at) SELECT 'key-' || d.id, d.id, d.created_at FROM dialogs AS d;
UPDATE dialogs AS d SET last_message_id = m.id, last_message_at = m.sent_at
    FROM (SELECT DISTINCT ON (dialog_id) * FROM messages ORDER BY dialog_id, id DESC) AS m WHERE m.dialog_id = d.id;
"""  # noqa: E501


@pytest.fixture(scope="module")
def filled(new_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A connection that plans as the pool's do."""
    with psycopg.connect(new_database(), autocommit=True, options=PLANNER_OPTIONS) as connection:
        connection.execute(_FILL)
        connection.execute("VACUUM ANALYZE")
        yield connection


@pytest.fixture(scope="module")
def message_ids(filled: psycopg.Connection) -> list[str]:
    """The ids of the long dialog, oldest first."""
    rows = filled.execute("SELECT id::text FROM messages WHERE dialog_id = %s ORDER BY id", [DIALOG]).fetchall()
    assert len(rows) == MESSAGES
    return [row[0] for row in rows]


def plan_of(connection: psycopg.Connection, name: str, params: dict[str, Any], mode: str) -> Plan:
    """Run a query as a prepared statement and return its plan with what it read; nothing it writes stays."""
    text = all_queries()[name]
    names = list(dict.fromkeys(_PARAMETER.findall(text)))
    body = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%").rstrip("; \n")
    values = sql.SQL(", ").join(sql.Literal(params[parameter]) for parameter in names)
    connection.execute("SELECT set_config('plan_cache_mode', %s, false)", [mode])
    connection.execute(f"PREPARE asked AS {body}".encode())
    try:
        with connection.transaction(force_rollback=True):
            call = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked({})").format(values)
            if not names:
                call = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked")
            row = connection.execute(call).fetchone()
    finally:
        connection.execute("DEALLOCATE asked")
    assert row is not None
    plan: Plan = row[0][0]["Plan"]
    return plan


def nodes(plan: Plan) -> Iterator[Plan]:
    """The node and everything below it."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def pages_read(plan: Plan) -> int:
    """Pages looked at, from memory or disk."""
    pages: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


each_plan_mode = pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
