"""docs/deployment.md, docs/scaling.md and docs/python-client.md say what is so: keys, numbers, code, links."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mtchat.commands.serve import CLOSE_CONNECTIONS_SECS, FINISH_REQUESTS_SECS
from mtchat.config.settings import variables
from tests.support.fix_app import ADMIN_TOKEN

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROOT = DOCS.parent
PAGES = sorted(DOCS.glob("*.md"))
NAMES = {variable.name for _, _, variable in variables()}


def read(name: str) -> str:
    """The text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_every_key_of_an_example_is_a_variable(page: Path) -> None:
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    keys = [key for block in blocks for key in re.findall(r"^([A-Z][A-Z0-9_]+)=", block, re.MULTILINE)]
    assert set(keys) <= NAMES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (DOCS / link).exists()] == []


def test_the_readme_links_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"(docs/{page.name})" not in readme] == []


def test_supervisor_waits_longer_than_a_process_takes_to_stop() -> None:
    waits = [
        int(number) for number in re.findall(r"^stopwaitsecs=(\d+)", (ROOT / "supervisord.conf").read_text(), re.M)
    ]
    assert min(waits) > 20 > FINISH_REQUESTS_SECS + CLOSE_CONNECTIONS_SECS
    assert f"at most {FINISH_REQUESTS_SECS:.0f} s" in read("deployment.md")
    assert f"`stopwaitsecs` is {min(waits)}" in read("deployment.md")


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables of a page: first cell -> the others."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0]: row[1:] for row in cells}


def test_the_arithmetic_follows_from_the_assumptions() -> None:
    table = rows(read("scaling.md"))

    def given(name: str) -> int:
        return int(table[name][0].removesuffix(" s"))

    dialogs, members = given("dialogs of a person"), given("members of a dialog connected at the same time")
    for column, people in enumerate((10**4, 10**6, 10**8)):
        messages = people / given("a connected person sends a message every")
        reads = messages * (members - 1)
        moves = 2 * people / given("stays connected for")
        publishes = messages + reads + moves * dialogs
        frames = publishes * members
        size = messages * members * given("bytes of a message frame")
        size += (frames - messages * members) * given("bytes of a read, presence or typing frame")
        pages = people / given("opens a list or a page of messages every")
        expected = {
            "messages": messages,
            "reads": reads,
            "lists and pages": pages,
            "comings and goings": moves,
            "publishes": publishes,
            "deliveries by Redis, at most": frames,
            "frames to sockets, at most": frames,
        }
        assert {name: table[name][column] for name in expected} == {
            name: f"{number:,.0f}" for name, number in expected.items()
        }
        megabytes = size / 1e6
        assert table["MB to clients"][column] == (f"{megabytes:.1f}" if megabytes < 1 else f"{megabytes:,.0f}")


Run = Callable[..., Awaitable[Any]]


def examples() -> dict[str, Run]:
    """The functions of the code in docs/python-client.md."""
    found: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", read("python-client.md"), re.DOTALL | re.MULTILINE):
        exec(compile(block, "python-client.md", "exec"), found)  # noqa: S102  # our own page
    return {name: value for name, value in found.items() if callable(value) and not isinstance(value, type)}


@pytest.mark.gen_test(timeout=30)
async def test_the_code_of_the_python_client_page_runs(base_url: str, http_server: object) -> None:
    run = examples()
    assert set(run) == {"open_chat", "say", "export", "next_message", "watch"}
    dialog_id = await run["open_chat"](base_url, ADMIN_TOKEN)
    assert await run["open_chat"](base_url, ADMIN_TOKEN) == dialog_id
    listening = asyncio.ensure_future(run["next_message"](base_url, "boris"))
    number = 0
    while not listening.done():
        number += 1
        assert await run["say"](base_url, "anna", dialog_id, f"gate {number}") is not None
    assert re.fullmatch(r"<p>gate \d+</p>", await listening)
    assert await run["say"](base_url, "grace", dialog_id, "hello") is None
    exported = await run["export"](base_url, "boris", dialog_id)
    assert exported[-number:] == [f"<p>gate {count}</p>" for count in range(1, number + 1)]
    watched = await run["watch"](base_url, "boris", len(exported))
    assert list(watched[dialog_id].values()) == exported
