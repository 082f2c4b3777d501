"""Owns the connections to PostgreSQL. They run in autocommit: a lone statement is one round trip instead of three.

Ids come back as text and JSON as bytes: nothing on the way from a row to the wire needs them parsed.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from psycopg import AsyncConnection, AsyncCursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.rows import dict_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool

from mtchat.config.settings import DatabaseSettings
from mtchat.persistence.errors import is_connection_loss, translated_errors
from mtchat.persistence.queries import query

Row = dict[str, Any]
Connection = AsyncConnection[Row]
Cursor = AsyncCursor[Row]
Params = Mapping[str, Any]

# Every query reads few rows by index and is written to have one good plan. With the defaults, made for turning disks
# and reports, the planner takes a wrong index for a message (a list of 50 takes 2.4 instead of 1.5 ms), starts workers
# for 1,000 rows, compiles plans of 2 ms, and plans a send anew each time (2 ms; running it takes 0.4).
PLANNER_OPTIONS = (
    "-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0"
)

# While the database is known to be away a request waits this long for a connection, not the full acquire timeout.
_ACQUIRE_WHEN_DOWN_SECS = 1.0


class _TextLoader(Loader):
    """Returns a uuid as the text PostgreSQL sent: lower case, hyphenated."""

    def load(self, data: Buffer) -> str:
        return str(data, "ascii")


class _BytesLoader(Loader):
    """Returns json unparsed: it goes to the wire as it is."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class Database:
    """A pool of connections and the four ways to run a named query.

    Every method raises Unavailable when the database is away or too busy, InvalidInput for a value it cannot store.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        if settings.url is None:
            raise ValueError("a database url is needed")
        self.settings = settings
        self.statements = 0  # statements run so far: tests assert the cost of a path with it
        self._down = False
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            settings.url,
            min_size=min(settings.min_connections, settings.max_connections),
            max_size=settings.max_connections,
            timeout=settings.acquire_timeout_secs,
            max_idle=settings.idle_timeout_secs,
            max_lifetime=settings.max_lifetime_secs,
            configure=_configure,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "application_name": "mtchat",
                "connect_timeout": 5,
                "options": f"-c statement_timeout={settings.statement_timeout_ms} -c timezone=UTC {PLANNER_OPTIONS}",
            },
            open=False,
        )

    async def open(self) -> None:
        """Connect; raises Unavailable when the database does not answer within the acquire timeout."""
        with translated_errors():
            await self._pool.open(wait=True, timeout=self.settings.acquire_timeout_secs)

    async def close(self) -> None:
        """Let running statements finish and close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit mode."""
        timeout = _ACQUIRE_WHEN_DOWN_SECS if self._down else self.settings.acquire_timeout_secs
        with translated_errors():
            try:
                async with self._pool.connection(timeout=timeout) as connection:
                    yield connection
                self._down = False
            except Exception as error:
                if is_connection_loss(error):
                    self._down = True
                raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction: committed at the end of the block, rolled back on an exception."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def fetch_all(self, name: str, params: Params | None = None, within: Connection | None = None) -> list[Row]:
        """Run a named query and return all rows; `within` is a connection lent by transaction()."""
        async with self._cursor(name, params, within) as cursor:
            return await cursor.fetchall()

    async def fetch_one(self, name: str, params: Params | None = None, within: Connection | None = None) -> Row | None:
        """Run a named query and return its first row, or None."""
        async with self._cursor(name, params, within) as cursor:
            return await cursor.fetchone()

    async def fetch_value(self, name: str, params: Params | None = None, within: Connection | None = None) -> Any:
        """Run a named query and return the first column of its first row, or None."""
        row = await self.fetch_one(name, params, within)
        return None if row is None else next(iter(row.values()))

    async def execute(self, name: str, params: Params | None = None, within: Connection | None = None) -> int:
        """Run a named query and return the number of rows it touched."""
        async with self._cursor(name, params, within) as cursor:
            return cursor.rowcount

    @asynccontextmanager
    async def _cursor(self, name: str, params: Params | None, within: Connection | None) -> AsyncIterator[Cursor]:
        self.statements += 1
        if within is not None:
            yield await within.execute(query(name), params)
            return
        async with self.connection() as connection:
            yield await connection.execute(query(name), params)


async def _configure(connection: Connection) -> None:
    connection.prepare_threshold = 2
    connection.adapters.register_loader("uuid", _TextLoader)
    connection.adapters.register_loader("json", _BytesLoader)
    set_json_loads(orjson.loads, connection)
    set_json_dumps(orjson.dumps, connection)
    # set_json_loads registers its own loader for json as well; ours must come last.
    connection.adapters.register_loader("json", _BytesLoader)
