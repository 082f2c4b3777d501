"""Sends per second: 16 clients over 100 dialogs, 16 into one, one alone."""

from collections.abc import Iterator

from bench.run import Row, bare_http, commits, errors_of, load, post_request, ratio
from bench.server import serving

PEOPLE = ["anna", "boris", "vera", "gleb"]
BODY = '{"content":"<p>The truck is at the terminal, which <strong>gate</strong> should it take?</p>"}'


def run(quick: bool) -> Iterator[Row]:
    """Measure on one server, in turn."""
    seconds = 3.0 if quick else 10.0
    with serving() as server:
        dialogs = server.make_dialogs(100, PEOPLE)
        limit_http, limit_commits = bare_http("POST", 16, seconds / 2), commits(server.database_url, 16, seconds / 2)

        def measure(clients: int, into: list[str]) -> dict[str, object]:
            requests = [
                post_request(f"/api/v1/dialogs/{dialog_id}/messages", PEOPLE[number % 4], BODY)
                for number, dialog_id in enumerate(into)
            ]
            return load(
                {"kind": "http", "port": server.port, "clients": clients, "seconds": seconds, "requests": requests}
            )

        for name, clients, into, least, aim in (
            ("sends/s, 16 clients, 100 dialogs × 4", 16, dialogs, "1,500, p99 ≤ 25 ms", "2,500"),
            ("sends/s, 16 clients, one dialog", 16, dialogs[:1] * 16, "1,400", "2,500"),
            ("sends/s, one client", 1, dialogs, "450, p50 ≤ 2.2 ms", "700"),
        ):
            result = measure(clients, into)
            rate = float(str(result["per_sec"]))
            limit = f"POST {ratio(rate, limit_http)}, commits {ratio(rate, limit_commits)}" if clients > 1 else ""
            measured = f"{rate:,.0f}, p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms"
            yield Row(name, measured, least, aim, limit, errors_of(result))
