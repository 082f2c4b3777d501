"""Two processes against one: sends per second, and delivery between them over Redis."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psutil

from bench.run import Holder, Row, at_once, bare_tornado, errors_of, get_request, load, post_request, timed_post
from bench.server import Server, redis, serving, serving_on, token_of

MEMBERS = 4
DIALOGS = 100
# Two load clients of so many connections each, whether they meet one process or two.
CLIENTS = 16


def _sends(ports: list[int], requests: list[str], seconds: float) -> tuple[float, float, str]:
    """Return what is answered per second by all of these processes, how busy the machine was, and the errors."""
    plan = {"kind": "http", "clients": CLIENTS, "seconds": seconds, "requests": requests}
    psutil.cpu_percent()
    results = at_once(*(plan | {"port": ports[number % len(ports)]} for number in range(2)))
    busy = psutil.cpu_percent() / 100
    errors = ", ".join(found for result in results if (found := errors_of(result)) != "0")
    return sum(result["per_sec"] for result in results), busy, errors or "0"


def _bare_growth(seconds: float) -> float:
    """How much faster two bare Tornado processes answer than one, under the same clients on the same cores."""
    requests = [get_request("/get", "anna")]
    with ExitStack() as stack:
        ports = [stack.enter_context(bare_tornado()) for _ in range(2)]
        alone, _, _ = _sends(ports[:1], requests, seconds)
        both, _, _ = _sends(ports, requests, seconds)
    return both / alone


def _throughput(one: Server, other: Server, seconds: float) -> Iterator[Row]:
    requests = []
    for number in range(DIALOGS):
        people = [f"t{number}-{seat}" for seat in range(MEMBERS)]
        path = f"/api/v1/dialogs/{one.make_dialog(f'throughput-{number}', people)}/messages"
        requests += [post_request(path, people[0], '{"content":"<p>Gate 4 is open now.</p>"}')]
    alone, alone_busy, alone_errors = _sends([one.port], requests, seconds)
    both, busy, errors = _sends([one.port, other.port], requests, seconds)
    name = f"sends/s, {2 * CLIENTS} clients"
    yield Row(f"{name}, one process", f"{alone:,.0f}, cores {alone_busy:.0%} busy", "", "", "", alone_errors)
    yield Row(
        f"{name}, two processes",
        f"{both:,.0f}, {both / alone:.2f} times as many, cores {busy:.0%} busy",
        "1.6 times while cores are free",
        "",
        f"bare Tornado {_bare_growth(seconds / 2):.2f} times",
        errors,
    )


def _across(one: Server, other: Server, sockets: int, rate: float, seconds: float) -> Row:
    """Half of the members of each dialog are at the process that takes the sends, half at the other one."""
    here: list[dict[str, Any]] = []
    there: list[dict[str, Any]] = []
    posts = []
    for number in range(sockets // MEMBERS):
        people = [f"a{number}-{seat}" for seat in range(MEMBERS)]
        dialog_id = one.make_dialog(f"across-{rate:g}-{number}", people)
        entries = [{"path": "/api/v1/ws?token=" + token_of(user), "expected": dialog_id} for user in people]
        here += entries[::2]
        there += entries[1::2]
        posts.append(timed_post(f"/api/v1/dialogs/{dialog_id}/messages", people[0]))
    holder = Holder({"kind": "sockets", "port": other.port, "sockets": there})
    plan = {"kind": "sockets", "port": one.port, "sockets": here, "posts": posts, "posters": 32}
    near = load(plan | {"rate": rate, "seconds": seconds})
    far = holder.release()
    return Row(
        f"{sockets:,} sockets on two processes, {rate:,.0f} sends/s: to the other process",
        f"p50 {far['p50_ms']} ms, p99 {far['p99_ms']} ms, {near['strangers'] + far['strangers']} strangers",
        "",
        "",
        f"to the same process p50 {near['p50_ms']} ms, p99 {near['p99_ms']} ms",
        errors_of(near) if near["delivered"] == far["delivered"] else f"{near['delivered'] - far['delivered']} lost",
    )


def run(quick: bool) -> Iterator[Row]:
    """Throughput of one and of two processes, and what crosses Redis between them."""
    seconds = 4.0 if quick else 15.0
    with redis() as url, serving(REDIS_URL=url) as one, serving_on(one.database_url, REDIS_URL=url) as other:
        yield from _throughput(one, other, seconds)
        for rate in (50, 500):
            yield _across(one, other, 400 if quick else 2_000, rate, seconds)
