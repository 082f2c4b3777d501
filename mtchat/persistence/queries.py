"""Loads the named queries of `sql/*.sql`; the only way SQL text enters the program.

A query starts with `-- name: <name>`; the comment lines under it say what it is for. Names are unique over all files.
"""

import re
from functools import cache
from importlib import resources

_HEADING = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


class QueryError(Exception):
    """A query file is malformed, a name is used twice, or an unknown name was asked for."""


def parse_queries(text: str, source: str) -> dict[str, str]:
    """Return name -> SQL of one file. Raises QueryError on text before the first heading or a repeated name."""
    parts = _HEADING.split(text)
    if parts[0].strip() and not all(line.startswith("--") or not line.strip() for line in parts[0].splitlines()):
        raise QueryError(f"{source}: SQL before the first `-- name:` line")
    found: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in found:
            raise QueryError(f"{source}: query {name} is defined twice")
        found[name] = _without_comments(body)
    return found


def _without_comments(body: str) -> str:
    """Drop whole-line comments: they would travel to the server with each call of an unprepared statement."""
    return "\n".join(line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("--"))


@cache
def all_queries() -> dict[str, str]:
    """Return every named query of the package. Raises QueryError when two files define one name."""
    queries: dict[str, str] = {}
    folder = resources.files("mtchat.persistence") / "sql"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".sql"):
            continue
        for name, sql in parse_queries(entry.read_text(encoding="utf-8"), entry.name).items():
            if name in queries:
                raise QueryError(f"{entry.name}: query {name} is already defined in another file")
            queries[name] = sql
    return queries


def query(name: str) -> bytes:
    """Return the SQL of a named query as psycopg wants it. Raises QueryError for an unknown name."""
    try:
        return all_queries()[name].encode()
    except KeyError:
        raise QueryError(f"there is no query named {name}") from None
