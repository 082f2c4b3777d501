"""Archiving of dialogs in which nothing happens, on a schedule, by one process among all."""

from datetime import UTC, datetime, timedelta
from typing import Final

from mtchat.config.cron import CronSchedule
from mtchat.core import events
from mtchat.core.services import Services
from mtchat.persistence import archiving as rows

# Some ten milliseconds of work, during which a send into one of these dialogs waits.
_PEOPLE_PER_SLICE: Final = 2_000
_FIRST_ID: Final = "00000000-0000-0000-0000-000000000000"
# 29 February on a given weekday comes within 28 years, or 40 across a century.
_MAX_DAYS: Final = 366 * 41


async def archive_idle_dialogs(services: Services) -> int:
    """Archive what has been silent for long enough and tell each person concerned; returns for how many people.

    Nothing is done while another process is at it.
    """
    count = 0
    after: str | None = _FIRST_ID
    async with rows.sole_archiver(services.database) as is_mine:
        while is_mine and after is not None:
            done = await rows.archive_slice(
                services.database,
                after=after,
                after_secs=services.settings.archive.after_secs,
                limit=_PEOPLE_PER_SLICE,
            )
            for dialog_id, user_id in done.people:
                services.publisher.publish_to_user(user_id, {"type": events.DIALOG_ARCHIVED, "dialog_id": dialog_id})
            count += len(done.people)
            after = done.last
    return count


def next_run(schedule: CronSchedule, after: datetime) -> datetime | None:
    """Return the first time of a schedule later than `after` (aware), in UTC; None when there is none."""
    start = after.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    midnight = start.replace(hour=0, minute=0, second=0)
    for days in range(_MAX_DAYS):
        day = midnight + timedelta(days=days)
        if not _admits_day(schedule, day):
            continue
        found = _first_in_day(schedule, day, start)
        if found is not None:
            return found
    return None


def _admits_day(schedule: CronSchedule, day: datetime) -> bool:
    if day.month not in schedule.months or (schedule.years is not None and day.year not in schedule.years):
        return False
    by_day = day.day in schedule.days
    by_weekday = day.isoweekday() % 7 in schedule.weekdays
    if schedule.any_day or schedule.any_weekday:
        return by_day and by_weekday
    return by_day or by_weekday


def _first_in_day(schedule: CronSchedule, day: datetime, start: datetime) -> datetime | None:
    for hour in sorted(schedule.hours):
        if day + timedelta(hours=hour + 1) <= start:
            continue
        for minute in sorted(schedule.minutes):
            if day + timedelta(hours=hour, minutes=minute + 1) <= start:
                continue
            for second in sorted(schedule.seconds):
                found = day.replace(hour=hour, minute=minute, second=second)
                if found >= start:
                    return found
    return None
