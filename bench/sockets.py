"""Sockets: memory of an idle one, connects per second, and everybody coming back at once."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.run import Row, load
from bench.server import Server, serving, token_of

DIALOGS_EACH = 20
GROUP = 20


def _entries(people: list[str], frame: str | None = None) -> list[dict[str, Any]]:
    return [{"path": "/api/v1/ws?token=" + token_of(user_id), "first_frame": frame} for user_id in people]


def _idle_bytes(server: Server, people: list[str]) -> float:
    """Open sockets, hold them, and return what the server grew by per socket."""
    plan = {"kind": "sockets", "port": server.port, "sockets": _entries(people), "hold": True}
    before = server.rss_bytes
    with subprocess.Popen(
        [sys.executable, "-m", "bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(json.dumps(plan) + "\n")
        holder.stdin.flush()
        opened = json.loads(holder.stdout.readline())["opened"]
        grown = server.rss_bytes - before
        holder.stdin.write("\n")
        holder.stdin.flush()
        holder.stdout.read()
    return float(grown / opened)


def run(quick: bool) -> Iterator[Row]:
    """Measure idle memory, connects, and a reconnect storm with resume."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 30_000), hard))
    many = min(2_000 if quick else 10_000, (min(hard, 30_000) - 200))
    with serving(SOCKETS_PER_USER="20") as server:
        people = [f"idle-{number}" for number in range(many)]
        for start in range(0, many, 500):
            server.make_dialog(f"idle-{start}", people[start : start + 500])
        _idle_bytes(server, people[:200])
        kib = _idle_bytes(server, people) / 1024
        yield Row(f"memory per idle socket, {many:,}", f"{kib:.1f} KiB", "≤ 24 KiB", "≤ 11 KiB")

        result = load({"kind": "sockets", "port": server.port, "sockets": _entries(people[:2_000])})
        rate = result["opened"] / result["open_secs"]
        yield Row(
            "connects/s, signed, membership loaded", f"{rate:,.0f}", "1,200", "2,000", "", str(2_000 - result["opened"])
        )

        back = 1_000 if quick else 4_000
        returning = [f"back-{number}" for number in range(back)]
        entries = []
        for start in range(0, back, GROUP):
            group = returning[start : start + GROUP]
            seqs = {server.make_dialog(f"back-{start}-{number}", group): 0 for number in range(DIALOGS_EACH)}
            entries += _entries(group, json.dumps({"type": "resume", "dialogs": seqs}))
        plan = {"kind": "sockets", "port": server.port, "sockets": entries, "opening": back, "await_resumed": True}
        result = load(plan)
        yield Row(
            f"{back:,} clients return, resume of {DIALOGS_EACH} dialogs each",
            f"{result['all_secs']:.1f} s",
            "≤ 8 s",
            "≤ 4 s",
            "",
            str(back - result["resumed"]),
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
