"""Nothing a client can send is a 500 (issue 3, item 8): nasty requests to every address, and what each is told.

One server stands all of them, on connections that serve on; `live` checks its log at the end.
"""

import pytest

from handlers.application import ROUTES
from handlers.routing import RouteTable
from tests.contracts.nasty_host_rows import HOST_ROWS
from tests.contracts.nasty_rows import ROWS as CHAT_ROWS
from tests.support.fix_live import Ids, check_answer
from tests.support.live import LiveServer
from tests.support.nasty import Nasty, filled

ROWS = [*CHAT_ROWS, *HOST_ROWS]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.method} {row.what}") for row in ROWS])
def test_a_nasty_request(row: Nasty, live: LiveServer, ids: Ids) -> None:
    sent = filled(row, ids)
    with live.wire() as wire:
        answer = wire.ask(sent.method, sent.path.encode("latin-1"), sent.headers, sent.body)
        check_answer(answer, sent.expected, wire)


def test_the_table_is_long_and_names_each_row_once() -> None:
    names = [(row.method, row.what) for row in ROWS]
    assert len(names) >= 60
    assert [name for name in names if names.count(name) > 1] == []


def test_the_table_reaches_every_address_of_both_apis() -> None:
    """Those that take no more than an id are covered by the ids of others."""
    table = RouteTable(ROUTES)
    found = (table.find(row.path.partition("?")[0]) for row in ROWS)
    reached = {match.template for match in found if match is not None}
    assert {template for template, _ in ROUTES if template.startswith("/api/v1/")} - reached == set()
