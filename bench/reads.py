"""Reads per second: a list of 50 out of 1,000 dialogs, a page of 50 messages."""

from collections.abc import Iterator

import psycopg

from bench.run import Row, bare_http, errors_of, get_request, load, ratio
from bench.server import serving

PEOPLE = ["anna", "boris", "vera", "gleb"]


def run(quick: bool) -> Iterator[Row]:
    """Measure on one server with 1,000 dialogs of one person."""
    seconds = 3.0 if quick else 8.0
    with serving() as server:
        dialogs = server.make_dialogs(1_000, PEOPLE)
        for number, dialog_id in enumerate(dialogs):
            server.send(dialog_id, PEOPLE[number % 4], f"<p>Message {number}</p>")
        for number in range(120):
            server.send(dialogs[0], PEOPLE[number % 4], f"<p>Message {number} of many, of a usual length</p>")
        with psycopg.connect(server.database_url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # as autovacuum does within a minute
        limit = bare_http("GET", 8, seconds / 2)
        for name, path, least, aim in (
            ("lists/s, 50 of 1,000 dialogs, 8 clients", "/api/v1/dialogs", "700", "1,500"),
            ("pages/s, 50 messages, 8 clients", f"/api/v1/dialogs/{dialogs[0]}/messages", "1,100", "2,000"),
        ):
            plan = {"kind": "http", "port": server.port, "clients": 8, "seconds": seconds}
            result = load({**plan, "requests": [get_request(path, "anna")]})
            measured = f"{result['per_sec']:,.0f}, p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms"
            yield Row(name, measured, least, aim, f"GET {ratio(result['per_sec'], limit)}", errors_of(result))
