"""Delivery: from before the POST to the frame at each member's socket, and to nobody else."""

from collections.abc import Iterator
from typing import Any

from bench.run import Row, bare_tornado, errors_of, load, many_files, timed_post
from bench.server import Server, serving, token_of

MEMBERS = 4


def _sockets(people: list[str], expected: dict[str, str], bare: bool) -> list[dict[str, Any]]:
    return [
        {
            "path": f"/ws?/api/v1/dialogs/{expected[user_id]}/messages"
            if bare
            else "/api/v1/ws?token=" + token_of(user_id),
            # Strangers are whoever gets a message of a dialog that is not his; bare frames do not name theirs.
            "expected": None if bare else expected[user_id],
        }
        for user_id in people
    ]


def _measure(
    port: int, dialog_of: dict[str, str], rate: float, seconds: float, *, bare: bool = False
) -> dict[str, Any]:
    people = list(dialog_of)
    senders = {dialog_id: user_id for user_id, dialog_id in dialog_of.items()}
    return load(
        {
            "kind": "sockets",
            "port": port,
            "sockets": _sockets(people, dialog_of, bare),
            "posts": [timed_post(f"/api/v1/dialogs/{dialog}/messages", user) for dialog, user in senders.items()],
            "posters": 32,
            "rate": rate,
            "seconds": seconds,
        }
    )


def _dialogs(server: Server, sockets: int, name: str) -> dict[str, str]:
    """User id -> his dialog: groups of four, each in a dialog of its own."""
    groups = [[f"{name}-{group}-{seat}" for seat in range(MEMBERS)] for group in range(sockets // MEMBERS)]
    return {user: dialog for group in groups for dialog in [server.make_dialog(group[0], group)] for user in group}


def _big_row(server: Server, members: int, rate: float, seconds: float, least: str, aim: str) -> Row:
    """One dialog, everybody connected; a message has arrived when the last of them has it."""
    people = [f"{members}-member-{number}" for number in range(members)]
    big = dict.fromkeys(people, server.make_dialog(f"big-{members}", people))
    result = _measure(server.port, big, rate, seconds)
    with bare_tornado() as port:
        limit = _measure(port, big, rate, seconds / 2, bare=True)
    last, bare = result["last_member"], limit["last_member"]
    return Row(
        f"one dialog, {members:,} members, {rate:g} sends/s: last member",
        f"p50 {last['p50_ms']} ms, p99 {last['p99_ms']} ms, {result['strangers']} strangers",
        least,
        aim,
        f"p99 {bare['p99_ms']} ms ({last['p99_ms'] / bare['p99_ms']:.0%})" if bare["p99_ms"] else "",
        errors_of(result),
    )


def run(quick: bool) -> Iterator[Row]:
    """400 and 2,000 sockets in dialogs of four; one dialog with 500 and one with 5,000 connected members."""
    seconds = 4.0 if quick else 15.0
    with many_files(), serving(DATABASE_MAX_CONNECTIONS="10") as server:
        for sockets in (400, 2_000):
            dialog_of = _dialogs(server, sockets, f"s{sockets}")
            for rate, least, aim in (
                (50, "p50 ≤ 5, p99 ≤ 15 ms", "p99 ≤ 8 ms"),
                (1_000, "800/s, p99 ≤ 50 ms", "950/s, p99 ≤ 25 ms"),
            ):
                result = _measure(server.port, dialog_of, rate, seconds)
                with bare_tornado() as port:
                    limit = _measure(port, dialog_of, rate, seconds / 2, bare=True)
                yield _row(f"{sockets:,} sockets, {rate:,} sends/s offered", result, least, aim, limit)
        yield _big_row(server, 500, 10, seconds, "p99 ≤ 45 ms", "p99 ≤ 20 ms")
        # Ten times the members at a tenth of the rate: the same number of frames a second.
        yield _big_row(server, 5_000, 1, seconds * 2, "", "")


def _row(name: str, result: dict[str, Any], least: str, aim: str, limit: dict[str, Any]) -> Row:
    measured = (
        f"{result['posted_per_sec']:,.0f}/s, p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms, "
        f"{result['strangers']} strangers"
    )
    bare = f"{limit['posted_per_sec']:,.0f}/s, p99 {limit['p99_ms']} ms"
    if limit["p99_ms"]:
        bare += f" ({result['p99_ms'] / limit['p99_ms']:.0%})"
    return Row(name, measured, least, aim, bare, errors_of(result))
