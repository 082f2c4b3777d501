"""The quiet jobs of a worker, each a loop of its own: notifications, archiving, housekeeping.

A loop ends by being cancelled; an error ends a round, never the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog

from mtchat.config.cron import parse_cron
from mtchat.core.archiving import archive_idle_dialogs, next_run
from mtchat.core.errors import Unavailable
from mtchat.core.notifications import announce_due, secs_until_due
from mtchat.core.services import Services
from mtchat.core.webhooks import first_id_of
from mtchat.jobs import metrics
from mtchat.jobs.app import ARCHIVE, CLEANUP, NOTIFICATIONS, WEBHOOKS
from mtchat.jobs.bridge import Bridge
from mtchat.persistence import housekeeping

log = structlog.get_logger(__name__)

_SWEEP_SECS: Final = 5.0
# Under load messages are due all the time; together they cost less than one by one.
_BETWEEN_ROUNDS_SECS: Final = 0.05
_DAY_SECS: Final = 86_400
# Longer than the 24 hours promised; the clock of who repeats a call may be off by hours.
_KEY_AGE_SECS: Final = 2 * _DAY_SECS
_PAUSE_SECS: Final = 0.01
# Clocks may be set while a loop sleeps.
_LONGEST_SLEEP_SECS: Final = 60.0


async def notify(services: Services, bridge: Bridge) -> None:
    """Announce messages as they become due."""

    async def round_() -> None:
        messages, made = await announce_due(services)
        metrics.NOTICES.inc(made)
        if made:
            bridge.wake(WEBHOOKS)
        secs = await secs_until_due(services)
        if secs is None:
            await bridge.wait(NOTIFICATIONS, _SWEEP_SECS)
        elif messages and secs < -_BETWEEN_ROUNDS_SECS:
            return  # more is late than one round takes
        else:
            await asyncio.sleep(min(max(secs, _BETWEEN_ROUNDS_SECS), _SWEEP_SECS))

    await _for_ever(NOTIFICATIONS, round_)


async def archive(services: Services, bridge: Bridge) -> None:
    """Archive silent dialogs on the schedule of the settings, and when rung for."""
    schedule = parse_cron(services.settings.archive.cron)

    async def round_() -> None:
        at = next_run(schedule, datetime.now(UTC))
        while True:
            left = _LONGEST_SLEEP_SECS if at is None else (at - datetime.now(UTC)).total_seconds()
            if left <= 0 or await bridge.wait(ARCHIVE, min(left, _LONGEST_SLEEP_SECS)):
                break
        count = await archive_idle_dialogs(services)
        metrics.ARCHIVED.inc(count)
        if count:
            log.info("archived", people=count)

    await _for_ever(ARCHIVE, round_)


async def clean_up(services: Services, bridge: Bridge) -> None:
    """Remove what is too old whenever Huey's periodic table, or an operator, rings for it."""

    async def round_() -> None:
        if await bridge.wait(CLEANUP, _LONGEST_SLEEP_SECS):
            removed = await clean_up_once(services)
            log.info("cleaned_up", **removed)

    await _for_ever(CLEANUP, round_)


async def clean_up_once(services: Services) -> dict[str, int]:
    """Remove old events, keys, deliveries, lanes and notifications in small pieces; returns how many of each."""
    database, settings = services.database, services.settings
    removed = {"events": 0, "keys": 0, "deliveries": 0, "lanes": 0, "notifications": 0, "endpoints": 0}
    async for count in housekeeping.prune_events(database, settings.events.retention_days * _DAY_SECS):
        removed["events"] += count
        await asyncio.sleep(_PAUSE_SECS)
    age_secs = settings.webhooks.retention_days * _DAY_SECS
    oldest_kept = first_id_of(datetime.fromtimestamp(datetime.now(UTC).timestamp() - age_secs, UTC))
    batches: tuple[tuple[str, Callable[[], Awaitable[int]]], ...] = (
        ("keys", lambda: housekeeping.prune_idempotency_keys(database, _KEY_AGE_SECS)),
        ("notifications", lambda: housekeeping.prune_notifications(database, age_secs)),
        ("deliveries", lambda: housekeeping.prune_deliveries(database, oldest_kept)),
        ("deliveries", lambda: housekeeping.prune_deliveries_of_deleted(database)),
    )
    for kind, prune in batches:
        while count := await prune():
            removed[kind] += count
            await asyncio.sleep(_PAUSE_SECS)
    async for count in housekeeping.prune_lanes(database):
        removed["lanes"] += count
        await asyncio.sleep(_PAUSE_SECS)
    removed["endpoints"] = await housekeeping.prune_endpoints(database)
    for kind, number in removed.items():
        metrics.PRUNED.labels(kind).inc(number)
    return removed


async def _for_ever(name: str, round_: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await round_()
        except Unavailable:
            # Said once by those who serve; here it is only waited for.
            await asyncio.sleep(_SWEEP_SECS)
        except Exception:
            log.exception("job_failed", job=name)
            metrics.JOB_FAILURES.labels(name).inc()
            await asyncio.sleep(_SWEEP_SECS)
