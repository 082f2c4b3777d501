"""What the hot paths cost: by index, few pages, one statement, whatever the size of a dialog (P6, design 4 and 11)."""

import re
from collections.abc import Awaitable, Callable, Iterator
from importlib import resources
from typing import Any

import psycopg
import pytest
from psycopg import sql

from mtchat.core.services import Services
from mtchat.persistence.inbox import Kind, Selection
from mtchat.persistence.messages import Draft, Repeat, Sent, send_messages
from mtchat.persistence.pool import PLANNER_OPTIONS
from mtchat.persistence.queries import all_queries, parse_queries
from tests.support.clients import Answer, ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_sockets import Connect

Plan = dict[str, Any]
Api = Callable[[str], ApiClient]

MESSAGES = 100_000
DIALOG = "01900000-0000-7000-8000-000000000001"

# One dialog of 100,000 messages and 500 people, 2,000 dialogs of 20 messages and 4 people; anna is in 100 of them all.
_FILL = """
INSERT INTO dialogs (id, object_id, object_type, title, created_at, clock_at, user_no, last_seq, participants_count)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'order-' || n / 5, 'order', 'Order ' || n,
       at, at, size, size, CASE n WHEN 1 THEN 500 ELSE 4 END
FROM generate_series(1, 2001) AS n,
     LATERAL (SELECT timestamptz '2026-01-01' AS at, CASE n WHEN 1 THEN 100000 ELSE 20 END AS size) AS made;

INSERT INTO participants (dialog_id, user_id, joined_at, display_name, company, read_no, is_archived)
SELECT d.id,
       CASE WHEN k = 1 AND d.id < '01900000-0000-7000-8000-000000000065' THEN 'anna' ELSE 'user-' || k || d.id END,
       d.created_at, 'Name', 'Company', d.user_no - 10, k % 10 = 4
FROM dialogs AS d, generate_series(1, d.participants_count) AS k;

INSERT INTO access_scopes (dialog_id, id, position, scope_level0, created_at)
SELECT d.id, gen_random_uuid(), 1, ARRAY['tenant-' || right(d.id::text, 2)], d.created_at FROM dialogs AS d;

INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at)
SELECT d.id, uuid7_at(at), k, k, 'user-2', '<p>a message as people write them, of a line or two</p>', at
FROM dialogs AS d, generate_series(1, d.user_no) AS k,
     LATERAL (SELECT d.created_at + k * interval '1 second' AS at) AS made;

INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
SELECT m.dialog_id, m.seq, 'message.new', m.id, m.sent_at FROM messages AS m;

INSERT INTO deleted_messages (dialog_id, user_no)
SELECT d.id, d.user_no + 1 - n FROM dialogs AS d, generate_series(1, 5) AS n;

UPDATE dialogs AS d SET last_message_id = m.id, last_message_at = m.sent_at
FROM (SELECT DISTINCT ON (dialog_id) * FROM messages ORDER BY dialog_id, id DESC) AS m WHERE m.dialog_id = d.id;
"""

# Where a request of the Chat API or a socket gets its rows from.
_HOT_FILES = ("messages", "reads", "own_state", "inbox", "joining", "roster", "resume", "event_log", "participants")
_KEYS = {"dialog_id", "dialog_ids", "user_id", "user_ids"}
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan")
_FILLED = {"dialogs", "participants", "access_scopes", "messages", "dialog_events", "deleted_messages"}
# Everything is found by dialog or by person, except dialogs by the object they belong to or the scopes that open them.
_KEYED = re.compile(r"\b(dialog_id|id|user_id) = ")
_OTHER_WAYS_IN = {"dialogs_by_object", "access_scopes_by_level0"}
_PARAMETER = re.compile(r"%\((\w+)\)s")

_PARAMS: dict[str, Any] = {
    "dialog_id": DIALOG, "dialog_ids": [DIALOG], "user_id": "anna", "user_ids": ["anna"], "sender_ids": ["anna"],
    "contents": ["<p>x</p>"], "reply_to_ids": [None], "client_message_ids": ["key"], "content": "x",
    "older": 50, "newer": 0, "limit": 50, "seq": MESSAGES - 10, "seqs": [MESSAGES - 10], "askers": [1],
    "max_missed": 500, "max_readers": 50, "is_archived": True, "is_pinned": None, "notifications_enabled": None,
    "display_name": "Anna", "company": None, "email": None, "phone": None, "has_scopes": True,
    **Selection(user_id="anna", kind=Kind.PARTICIPATING, dialog_id=DIALOG, limit=50, level0=["tenant-01"]).params(),
}  # fmt: skip


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


def hot_queries() -> list[str]:
    """The names of the queries in those files."""
    folder = resources.files("mtchat.persistence") / "sql"
    return [
        name
        for file in _HOT_FILES
        for name in parse_queries((folder / f"{file}.sql").read_text(encoding="utf-8"), file)
    ]


def plan_of(connection: psycopg.Connection, name: str, params: dict[str, Any], mode: str = "auto") -> Plan:
    """Run a query as a prepared statement and return its plan with what it read; nothing it writes stays."""
    text = all_queries()[name]
    names = list(dict.fromkeys(_PARAMETER.findall(text)))
    body = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%").rstrip("; \n")
    values = sql.SQL(", ").join(sql.Literal(params.get(parameter)) for parameter in names)
    connection.execute("SELECT set_config('plan_cache_mode', %s, false)", [mode])
    connection.execute(f"PREPARE asked AS {body}".encode())
    try:
        with connection.transaction(force_rollback=True):
            explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked ({})").format(values)
            row = connection.execute(explain).fetchone()
    finally:
        connection.execute("DEALLOCATE asked")
    assert row is not None
    plan: Plan = row[0][0]["Plan"]
    return plan


def scans_of(plan: Plan) -> Iterator[Plan]:
    """Every place where the plan reads a table or an index."""
    if plan["Node Type"] in _SCANS:
        yield plan
    for inner in plan.get("Plans", []):
        yield from scans_of(inner)


def pages_read(plan: Plan) -> int:
    """Pages looked at, from memory or disk."""
    pages: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


def is_keyed(scan: Plan) -> bool:
    """Whether a scan goes by the key of a dialog or a person."""
    if scan["Node Type"] == "Bitmap Heap Scan" or scan.get("Relation Name", "messages") not in _FILLED:
        return True  # its Bitmap Index Scan is looked at; how an empty table is read says nothing
    return bool(_KEYED.search(scan.get("Index Cond", ""))) or scan.get("Index Name") in _OTHER_WAYS_IN


@pytest.mark.parametrize("name", hot_queries())
def test_a_hot_query_names_one_dialog_or_one_person(name: str) -> None:
    """Design 11: so that tables can be distributed by dialog."""
    assert _KEYS & set(_PARAMETER.findall(all_queries()[name]))


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("name", hot_queries())
def test_a_hot_query_reads_every_table_by_that_key(
    name: str, mode: str, filled: psycopg.Connection, message_ids: list[str]
) -> None:
    """P6: in a dialog of 100,000 messages and 500 people, whether planned for these values or for any."""
    middle = message_ids[MESSAGES // 2]
    params = _PARAMS | {"message_ids": [middle], "message_id": middle, "pivot": middle}
    plan = plan_of(filled, name, params, mode)
    scans = list(scans_of(plan))
    assert scans
    assert [scan for scan in scans if not is_keyed(scan)] == []
    assert [scan for scan in scans if scan["Actual Rows"] > 600] == []


@pytest.mark.parametrize(
    ("pivot", "older", "newer"),
    [
        (None, 50, 0),
        (MESSAGES // 2, 50, 0),
        (MESSAGES // 2, 0, 50),
        (MESSAGES // 2, 25, 26),
        (0, 0, 50),
        (0, 50, 0),
        (MESSAGES - 1, 50, 0),
    ],
)
def test_a_page_of_a_hundred_thousand_messages_reads_the_page(
    pivot: int | None, older: int, newer: int, filled: psycopg.Connection, message_ids: list[str]
) -> None:
    """F38, issue 3: by the primary key, 51 rows at most in either direction, few pages wherever it lies."""
    place = "ffffffff-ffff-ffff-ffff-ffffffffffff" if pivot is None else message_ids[pivot]
    plan = plan_of(filled, "page_messages", _PARAMS | {"pivot": place, "older": older, "newer": newer})
    reading = [scan for scan in scans_of(plan) if scan["Relation Name"] == "messages"]
    assert {scan["Index Name"] for scan in reading} == {"messages_pkey"}
    assert sum(scan["Actual Rows"] for scan in reading) <= older + newer + 2
    assert sum(pages_read(scan) for scan in reading) <= 20
    # The rest is the dialog, the reader, his unread count (taken once), and what functions read of the catalog.
    assert pages_read(plan) <= 100


def test_what_a_send_reads_and_writes_does_not_grow_with_the_dialog(filled: psycopg.Connection) -> None:
    """P6: into 100,000 messages and 500 people at most a few pages more than into 20 and 4."""
    short = DIALOG[:-2] + "02"
    pages = {}
    for dialog_id in (DIALOG, short, DIALOG, short):
        pages[dialog_id] = pages_read(plan_of(filled, "send_messages", _PARAMS | {"dialog_ids": [dialog_id]}))
    # 49 people of the long one have archived it: each is un-archived.
    assert pages[DIALOG] <= pages[short] + 49 * 20


# --- statements of each hot path, counted where they leave for the database


@pytest.fixture
def counted(services: Services) -> Callable[[], int]:
    """A function: how many statements were run since the last call."""
    last = services.database.statements

    def since() -> int:
        nonlocal last
        before, last = last, services.database.statements
        return last - before

    return since


@pytest.mark.gen_test
async def test_a_batch_of_sends_is_one_statement_whoever_is_in_it(
    host: ApiClient, services: Services, counted: Callable[[], int]
) -> None:
    """P4: what a stranger or a repeat is answered is looked up after it, not while others wait."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    first, nowhere = Draft(dialog_id, "anna", "first", client_message_id="key"), "01900000-0000-7000-8000-000000000009"
    (sent,) = await send_messages(services.database, [first])
    counted()
    drafts = [Draft(dialog_id, "vera", "x"), first, Draft(dialog_id, "boris", "second"), Draft(nowhere, "anna", "x")]
    stranger, repeat, second, missing = await send_messages(services.database, drafts)
    assert counted() == 1
    assert stranger is missing is None
    assert isinstance(sent, Sent)
    assert repeat == Repeat(sent.message["id"])
    assert isinstance(second, Sent)
    assert second.event.seq == sent.event.seq + 1


@pytest.mark.gen_test
async def test_each_hot_path_is_one_statement(
    api: Api, host: ApiClient, connect: Connect, counted: Callable[[], int]
) -> None:
    """Design 4: and delivering to sockets takes none."""
    dialog_id = await make_dialog(host, ["anna", "boris"], scopes=[{"scope_level0": ["north"]}], object_id="o-1")
    anna, boris = api("anna"), api("boris").with_scopes(scope_level0=["north"])
    sockets = [await connect("anna"), await connect("boris")]
    counted()
    path = f"/dialogs/{dialog_id}"
    message = await send(anna, dialog_id)
    for socket in sockets:
        await socket.expect("message.new", id=message["id"])
    assert counted() == 1
    calls: dict[str, Callable[[], Awaitable[Answer]]] = {
        "page": lambda: boris.get(f"{path}/messages"),
        "page around": lambda: boris.get(f"{path}/messages", around=message["id"]),
        "list": lambda: boris.get("/dialogs"),
        "available": lambda: boris.get("/dialogs", type="available"),
        "one": lambda: boris.get(path),
        "of an object": lambda: boris.get("/dialogs/by-object/order/o-1"),
        "all of an object": lambda: boris.get("/dialogs/by-object/order/o-1/list"),
        "people": lambda: boris.get(f"{path}/participants"),
        "message": lambda: boris.get(f"{path}/messages/{message['id']}"),
        "read": lambda: boris.post(f"{path}/read", {"last_read_message_id": message["id"]}),
        "pin": lambda: boris.post(f"{path}/pin"),
        "archive": lambda: boris.post(f"{path}/archive"),
    }
    spent = {}
    for name, ask in calls.items():
        assert (await ask()).status == 200
        spent[name] = counted()
    assert spent == dict.fromkeys(calls, 1)


@pytest.mark.gen_test
async def test_a_socket_costs_two_statements_however_many_dialogs_and_a_second_tab_none(
    host: ApiClient, connect: Connect, counted: Callable[[], int]
) -> None:
    """Design 5: one query loads a person's dialogs, one compares them after they are listened to."""
    for _ in range(5):
        await make_dialog(host, ["anna", "boris"])
    counted()
    for _ in range(3):
        tab = await connect("anna")
        await tab.heard()
    assert counted() <= 2
