"""Unread counts never drift: after any interleaving of what several people do at once, they equal a recount."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog

pytestmark = pytest.mark.slow

PEOPLE = ["anna", "boris", "vera"]
ACTIONS = ["send", "edit", "delete", "read", "join", "leave"]

# Counted from the messages alone: none of the stored numbers takes part.
RECOUNT = """
SELECT p.user_id, unread_count(d, p) AS counted,
       (SELECT count(*) FROM messages AS m
        WHERE m.dialog_id = p.dialog_id AND m.message_type = 'user' AND m.sender_id <> p.user_id
          AND (p.read_message_id IS NULL OR m.id > p.read_message_id)) AS recounted
FROM participants AS p JOIN dialogs AS d ON d.id = p.dialog_id WHERE d.id = %s
"""
TOTALS = """
SELECT d.participants_count, (SELECT count(*) FROM participants AS p WHERE p.dialog_id = d.id) AS people,
       d.last_seq, (SELECT array_agg(e.seq ORDER BY e.seq) FROM dialog_events AS e WHERE e.dialog_id = d.id) AS seqs,
       d.last_message_id, (SELECT m.id FROM messages AS m WHERE m.dialog_id = d.id ORDER BY m.id DESC LIMIT 1) AS newest
FROM dialogs AS d WHERE d.id = %s
"""


@given(
    steps=st.lists(
        st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTIONS), st.integers(0, 20)), min_size=1, max_size=8
        ),
        min_size=1,
        max_size=8,
    )
)
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_counters_equal_a_recount_after_any_interleaving(
    steps: list[list[tuple[str, str, int]]],
    io_loop: IOLoop,
    http_server: HTTPServer,
    api: Callable[[str], ApiClient],
    host: ApiClient,
    services: Services,
) -> None:
    """Design 4: the actions of one step run at once, the steps one after another; also seq stays dense."""
    io_loop.run_sync(lambda: _play(steps, api, host, services), timeout=60)


async def _play(
    steps: list[list[tuple[str, str, int]]], api: Callable[[str], ApiClient], host: ApiClient, services: Services
) -> None:
    dialog_id = await make_dialog(host, PEOPLE, scopes=[{}])
    sent: list[tuple[str, str]] = []
    for step in steps:
        answers = await asyncio.gather(
            *(_act(api(person), dialog_id, action, pick, sent) for person, action, pick in step)
        )
        assert all(status < 500 for status in answers), answers
    async with services.database.connection() as connection:
        people = await (await connection.execute(RECOUNT, [dialog_id])).fetchall()
        totals = await (await connection.execute(TOTALS, [dialog_id])).fetchone()
    assert {row["user_id"]: row["counted"] for row in people} == {row["user_id"]: row["recounted"] for row in people}
    assert totals is not None
    assert totals["participants_count"] == totals["people"]
    assert totals["seqs"] == list(range(1, totals["last_seq"] + 1))
    assert totals["last_message_id"] == totals["newest"]


async def _act(client: ApiClient, dialog_id: str, action: str, pick: int, sent: list[tuple[str, str]]) -> int:
    path = f"/dialogs/{dialog_id}"
    target = sent[pick % len(sent)][1] if sent else "00000000-0000-0000-0000-000000000000"
    if action == "send":
        answer = await client.post(f"{path}/messages", {"content": f"<p>{pick}</p>"})
        if answer.status == 200:
            sent.append((str(client.user_id), answer.data["id"]))
        return answer.status
    calls: dict[str, Callable[[], Any]] = {
        "edit": lambda: client.put(f"{path}/messages/{target}", {"content": "<p>edited</p>"}),
        "delete": lambda: client.delete(f"{path}/messages/{target}"),
        "read": lambda: client.post(f"{path}/read", {"last_read_message_id": target}),
        "join": lambda: client.with_scopes().post(f"{path}/join", {"display_name": "Somebody", "company": ""}),
        "leave": lambda: client.post(f"{path}/leave"),
    }
    status: int = (await calls[action]()).status
    return status
