"""Every named query is valid against the newest schema and asks by index."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import mtchat
from mtchat.persistence.queries import QueryError, all_queries, parse_queries, query

_PARAMETER = re.compile(r"%\((\w+)\)s")
_SOURCES = Path(mtchat.__file__).parent


@pytest.fixture(scope="module")
def planner(new_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A connection to a migrated database of this module's own."""
    with psycopg.connect(new_database(), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("name", sorted(all_queries()))
def test_the_database_accepts_the_query(name: str, planner: psycopg.Connection) -> None:
    """A renamed column or a mistyped parameter fails here within a millisecond."""
    sql = all_queries()[name]
    planner.execute(f"EXPLAIN {sql}".encode(), dict.fromkeys(_PARAMETER.findall(sql)))


def test_every_query_is_used() -> None:
    sources = "\n".join(path.read_text() for path in _SOURCES.rglob("*.py"))
    assert [name for name in all_queries() if f'"{name}"' not in sources] == []


def test_the_name_of_a_query_is_unique_in_a_file() -> None:
    with pytest.raises(QueryError, match="defined twice"):
        parse_queries("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n", "x.sql")


def test_sql_without_a_name_is_refused() -> None:
    with pytest.raises(QueryError, match="before the first"):
        parse_queries("SELECT 1;\n-- name: a\nSELECT 2;\n", "x.sql")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(QueryError, match="no query named nowhere"):
        query("nowhere")
