"""Objects that are to be removed from the storage: queued by the statements that make them useless."""

from collections.abc import Sequence
from dataclasses import dataclass

from mtchat.persistence.pool import Database


@dataclass(frozen=True, slots=True)
class Deletion:
    """An object to remove; in_parts: parts of it may lie there as well."""

    id: int
    key: str
    in_parts: bool


async def queue_deletions(database: Database, keys: Sequence[str], delay_secs: float = 0.0) -> None:
    """Let objects be removed, after a while."""
    await database.execute("queue_deletions", {"keys": list(keys), "delay_secs": delay_secs})


async def claim_deletions(database: Database, most: int) -> list[Deletion]:
    """Take on up to `most` removals that are due; those not finished come back later."""
    return [Deletion(**row) for row in await database.fetch_all("claim_deletions", {"most": most})]


async def finish_deletions(database: Database, ids: Sequence[int]) -> None:
    """Forget removals that are done."""
    await database.execute("finish_deletions", {"ids": list(ids)})
