"""The queries of the Management API ask by index, and keep their promises when several calls meet."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.rows import dict_row

from mtchat.persistence.queries import query

_BIG_TABLES = re.compile(r"Seq Scan on (dialogs|participants|access_scopes|messages|idempotency_keys|dialog_events)\b")

_FILL = """
INSERT INTO dialogs (id, object_id, object_type, created_at, clock_at)
    SELECT md5(n::text)::uuid, 'order-' || n / 10, 'order', at, at
    FROM generate_series(1, 5000) AS n, LATERAL (SELECT now() - n * interval '1 minute' AS at) AS made;
INSERT INTO participants (dialog_id, user_id, joined_at)
    SELECT d.id, 'user-' || n, d.created_at FROM dialogs AS d, generate_series(1, 3) AS n;
INSERT INTO access_scopes (dialog_id, id, position, scope_level0, created_at)
    SELECT d.id, gen_random_uuid(), 1, ARRAY['north'], d.created_at FROM dialogs AS d;
INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at)
    SELECT d.id, gen_random_uuid(), n, n, 'user-1', 'text', d.created_at FROM dialogs AS d, generate_series(1, 3) AS n;
INSERT INTO idempotency_keys (key, dialog_id, created_at) SELECT 'key-' || d.id, d.id, d.created_at FROM dialogs AS d;
ANALYZE;
"""

_PARAMS = {
    "idempotency_key": "key-1", "object_id": "order-7", "object_type": "order", "title": None, "object_url": None,
    "meta": None, "opening": "{}", "access_scopes": '[{"scope_level0":["north"],"scope_level1":[],"scope_level2":[]}]',
    "user_ids": ["anna"], "display_names": ["Anna"], "companies": [None], "emails": [None], "phones": [None],
    "dialog_id": "c4ca4238-a0b9-2382-0dcc-509a6f75849b", "user_id": "user-1",
    "display_name": "Anna", "company": None, "email": None, "phone": None, "most": 1_000,
}  # fmt: skip

_NAMES = [
    "create_dialog", "find_dialog_by_key", "release_idempotency_key", "find_dialog", "find_dialog_details",
    "dialog_exists", "empty_dialog", "delete_small_dialog", "delete_some_messages", "add_participant",
    "remove_participant", "replace_access_scopes",
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(new_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A database with 5,000 dialogs, 15,000 people in them and as many messages."""
    with psycopg.connect(new_database(), autocommit=True) as connection:
        connection.execute(_FILL)
        yield connection


@pytest.mark.parametrize("name", _NAMES)
def test_no_query_reads_a_whole_table(name: str, filled: psycopg.Connection) -> None:
    plan = "\n".join(line for (line,) in filled.execute(b"EXPLAIN " + query(name), _PARAMS))
    assert _BIG_TABLES.search(plan) is None, plan


def test_an_object_with_many_dialogs_is_searched_newest_first(filled: psycopg.Connection) -> None:
    """The search stops at the first dialog that fits instead of comparing all of them."""
    params = {**_PARAMS, "object_id": "order-7"}
    with filled.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query("find_dialog"), params).fetchone()
        newest = cursor.execute(
            "SELECT id FROM dialogs WHERE object_id = 'order-7' ORDER BY created_at DESC LIMIT 1"
        ).fetchone()
    assert found is not None
    assert newest is not None
    assert found["id"] == newest["id"]
    plan = "\n".join(line for (line,) in filled.execute(b"EXPLAIN " + query("find_dialog"), params))
    assert "dialogs_by_object" in plan


def test_a_person_added_while_a_message_arrives_stands_at_that_message(new_database: Callable[[], str]) -> None:
    """F34: the position is read under the lock, not from before it."""
    url = new_database()
    dialog_id = _PARAMS["dialog_id"]
    newest = "00000000-0000-7000-8000-000000000009"
    with psycopg.connect(url, autocommit=True) as host, psycopg.connect(url) as sender, ThreadPoolExecutor(1) as pool:
        host.execute(
            "INSERT INTO dialogs (id, object_id, object_type, created_at, clock_at) SELECT %s, 'o', 't', now(), now()",
            [dialog_id],
        )
        sender.execute("UPDATE dialogs SET last_seq = 9, user_no = 9, last_message_id = %s", [newest])
        waiting = pool.submit(lambda: host.execute(query("add_participant"), _PARAMS).fetchone())
        while not sender.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
            sender.execute("SELECT pg_sleep(0.005)")
        sender.commit()
        added = waiting.result()
        stored = host.execute("SELECT read_no, read_message_id::text FROM participants").fetchone()
    assert added is not None
    assert added[0] == 10
    assert stored == (9, newest)
