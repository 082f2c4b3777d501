"""The rule of `notification.pending`: whoever has not read a message for a while is told of by a webhook."""

from typing import Final

from mtchat.core.services import Services
from mtchat.persistence import notifications as rows

# Messages one query expands, per unit of NOTIFICATION_CONCURRENCY: 64 messages to 40 people each by default.
_MESSAGES_PER_UNIT: Final = 16


async def announce_due(services: Services) -> tuple[int, int]:
    """Turn the messages that are due into deliveries; returns how many messages, how many deliveries."""
    settings = services.settings.notifications
    return await rows.announce_due(
        services.database,
        delay_secs=settings.delay_secs,
        digest_secs=settings.digest_secs,
        limit=settings.concurrency * _MESSAGES_PER_UNIT,
    )


async def secs_until_due(services: Services) -> float | None:
    """Return in how many seconds the next message is to be announced, below zero for late; None when none waits."""
    age = await rows.oldest_age_secs(services.database)
    settings = services.settings.notifications
    return None if age is None else max(settings.delay_secs, settings.digest_secs) - age
