"""Removal of old rows in pieces so small that nobody waits for one."""

from collections.abc import AsyncIterator
from typing import Final

from mtchat.persistence.pool import Database

# About 20,000 events: some ten milliseconds.
PAGES_PER_SLICE: Final = 200
ROWS_PER_BATCH: Final = 1_000


async def prune_events(database: Database, age_secs: int) -> AsyncIterator[int]:
    """Delete events older than this; yields the number of each piece."""
    async for first, end in _slices(database, "dialog_events"):
        yield await database.execute("prune_events", {"first": first, "end": end, "age_secs": age_secs})


async def prune_lanes(database: Database) -> AsyncIterator[int]:
    """Delete lanes that hold no delivery; yields the number of each piece."""
    async for first, end in _slices(database, "webhook_lanes"):
        yield await database.execute("prune_lanes", {"first": first, "end": end})


async def prune_idempotency_keys(database: Database, age_secs: int) -> int:
    """Delete a batch of keys older than this."""
    return await database.execute("prune_idempotency_keys", {"age_secs": age_secs, "limit": ROWS_PER_BATCH})


async def prune_notifications(database: Database, age_secs: int) -> int:
    """Delete a batch of messages that were never announced and are older than this."""
    return await database.execute("prune_notifications", {"age_secs": age_secs, "limit": ROWS_PER_BATCH})


async def prune_deliveries(database: Database, before: str) -> int:
    """Delete a batch of deliveries made before an id, a UUID version 7."""
    return await database.execute("prune_deliveries", {"before": before, "limit": ROWS_PER_BATCH})


async def prune_deliveries_of_deleted(database: Database) -> int:
    """Delete a batch of deliveries of endpoints that are gone."""
    return await database.execute("prune_deliveries_of_deleted", {"limit": ROWS_PER_BATCH})


async def prune_endpoints(database: Database) -> int:
    """Delete endpoints that are gone and have nothing left."""
    return await database.execute("prune_endpoints")


async def _slices(database: Database, table: str) -> AsyncIterator[tuple[str, str]]:
    """Yield the borders of slices that cover a table as it is now."""
    pages: int = await database.fetch_value("count_pages", {"table": table})
    for first in range(0, pages, PAGES_PER_SLICE):
        yield f"({first},0)", f"({first + PAGES_PER_SLICE},0)"
