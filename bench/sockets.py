"""Sockets: memory and CPU of idle ones, connects per second, and everybody coming back at once."""

import json
import time
from collections.abc import Iterator
from typing import Any

import psutil

from bench.run import Holder, Row, bare_process, bare_tornado, load, many_files, ratio
from bench.server import Server, serving, token_of

DIALOGS_EACH = 20
GROUP = 20
PING_SECS = "25"


def _entries(people: list[str], frame: str | None = None) -> list[dict[str, Any]]:
    return [{"path": "/api/v1/ws?token=" + token_of(user_id), "first_frame": frame} for user_id in people]


def _bare_entries(count: int) -> list[dict[str, Any]]:
    return [{"path": f"/ws?{number}"} for number in range(count)]


def _idle(port: int, pid: int, entries: list[dict[str, Any]], seconds: float) -> tuple[float, float]:
    """Open sockets and hold them; returns the KiB the server grew by per socket, and the share of a core it uses."""
    server = psutil.Process(pid)
    before = server.memory_info().rss
    holder = Holder({"kind": "sockets", "port": port, "sockets": entries})
    grown = server.memory_info().rss - before
    used, began = sum(server.cpu_times()[:2]), time.monotonic()
    time.sleep(seconds)
    share = (sum(server.cpu_times()[:2]) - used) / (time.monotonic() - began)
    holder.release()
    return grown / holder.opened / 1024, share


def _idle_rows(server: Server, many: int, seconds: float) -> Iterator[Row]:
    people = [f"idle-{number}" for number in range(many)]
    for start in range(0, many, 500):
        server.make_dialog(f"idle-{start}", people[start : start + 500])
    _idle(server.port, server.process.pid, _entries(people[:200]), 0)
    kib, share = _idle(server.port, server.process.pid, _entries(people), seconds)
    with bare_process(PING_SECS) as (port, pid):
        _idle(port, pid, _bare_entries(200), 0)
        bare_kib, bare_share = _idle(port, pid, _bare_entries(many), seconds)
    limit = f"{bare_kib:.1f} KiB ({kib / bare_kib:.0%})"
    yield Row(f"memory per idle socket, {many:,}", f"{kib:.1f} KiB", "≤ 24 KiB", "≤ 11 KiB", limit)
    limit = f"{bare_share:.1%} ({share / bare_share:.0%})" if bare_share else ""
    yield Row(f"CPU of {many:,} idle sockets, pinged every {PING_SECS} s", f"{share:.1%} of a core", "", "", limit)


def _connects_row(server: Server, count: int) -> Row:
    people = [f"idle-{number}" for number in range(count)]
    result = load({"kind": "sockets", "port": server.port, "sockets": _entries(people)})
    with bare_tornado() as port:
        bare = load({"kind": "sockets", "port": port, "sockets": _bare_entries(count)})
    rate = result["opened"] / result["open_secs"]
    return Row(
        "connects/s, signed, membership loaded",
        f"{rate:,.0f}",
        "1,200",
        "2,000",
        ratio(rate, bare["opened"] / bare["open_secs"]),
        str(count - result["opened"]),
    )


def _return_row(server: Server, back: int) -> Row:
    returning = [f"back-{number}" for number in range(back)]
    entries = []
    for start in range(0, back, GROUP):
        group = returning[start : start + GROUP]
        seqs = {server.make_dialog(f"back-{start}-{number}", group): 0 for number in range(DIALOGS_EACH)}
        entries += _entries(group, json.dumps({"type": "resume", "dialogs": seqs}))
    plan = {"kind": "sockets", "opening": back}
    result = load(plan | {"port": server.port, "sockets": entries, "await_resumed": True})
    with bare_tornado() as port:
        bare = load(plan | {"port": port, "sockets": _bare_entries(back)})
    return Row(
        f"{back:,} clients return, resume of {DIALOGS_EACH} dialogs each",
        f"{result['all_secs']:.1f} s",
        "≤ 8 s",
        "≤ 4 s",
        f"{bare['open_secs']:.1f} s for their handshakes alone",
        str(back - result["resumed"]),
    )


def run(quick: bool) -> Iterator[Row]:
    """Measure idle sockets, connects, and a reconnect storm with resume."""
    with many_files() as files, serving(SOCKETS_PER_USER="20", SOCKET_PING_SECS=PING_SECS) as server:
        yield from _idle_rows(server, min(2_000 if quick else 10_000, files - 200), 5.0 if quick else 50.0)
        yield _connects_row(server, 2_000)
        yield _return_row(server, 1_000 if quick else 4_000)
