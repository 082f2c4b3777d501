"""Messages that wait to be announced, as rows: one per message, whatever the number of people to be told."""

from typing import Final

from mtchat.persistence.pool import Database

_LOCK: Final = 7_301_556
# What one transaction expands: some hundred milliseconds. One message may have more, in a dialog of more people.
MAX_NOTICES: Final = 2_000
# A digest says "so many messages"; beyond this nobody counts, and a burst of thousands costs no more than this.
MAX_COUNTED: Final = 100


async def announce_due(database: Database, *, delay_secs: int, digest_secs: int, limit: int) -> tuple[int, int]:
    """Turn due messages into deliveries of `notification.pending`; returns how many messages, how many deliveries.

    limit: messages, of which fewer are taken when many people are to be told. digest_secs: 0 announces each message;
    else one notice per person and dialog for what came within that time.
    Nothing is done while another process is at it. One transaction.
    """
    params = {
        "delay_secs": delay_secs,
        "digest_secs": max(digest_secs, delay_secs),
        "limit": limit,
        "most": MAX_NOTICES,
        "burst": MAX_COUNTED,
    }
    async with database.transaction() as connection:
        if not await database.fetch_value("lock_notifications", {"lock": _LOCK}, connection):
            return 0, 0
        if digest_secs:
            due = await database.fetch_all("list_due_bursts", params, connection)
        else:
            due = await database.fetch_all("list_due_notifications", params, connection)
        if not due:
            return 0, 0
        made = await database.execute(
            "expand_notifications",
            {
                "dialog_ids": [row["dialog_id"] for row in due],
                "message_ids": [row["message_id"] for row in due],
                "counts": [row.get("counts", True) for row in due],
                "digest": digest_secs > 0,
            },
            connection,
        )
    return len(due), made


async def oldest_age_secs(database: Database) -> float | None:
    """Return how long the oldest message has waited to be announced; None when none waits."""
    age: float | None = await database.fetch_value("next_notification_age")
    return age
