"""What an answer to a webhook means, and when to try again. Pure functions."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

Verdict = Literal["delivered", "retry", "failed", "gone"]

# Seconds from a failed try to the next one: 1, 2, 4 as receivers know it, then slower; 13 tries in 3.2 days.
RETRY_DELAYS_SECS: Final = (1, 2, 4, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
# A tenth later at most: endpoints that failed together do not come back together.
_JITTER: Final = 0.1
_MAX_RETRY_AFTER_SECS: Final = 86_400.0
# What a client error may mean for a while: too slow, too early, too many.
_PASSING: Final = frozenset({408, 425, 429})


def verdict_of(status: int | None) -> Verdict:
    """Judge an answer; None: there was none. Redirects are not followed, so they are failures that may pass."""
    if status is None:
        return "retry"
    if 200 <= status < 300:
        return "delivered"
    if status == 410:
        return "gone"
    if 400 <= status < 500 and status not in _PASSING:
        return "failed"
    return "retry"


def next_delay_secs(failed_before: int, retry_after_secs: float | None = None) -> float | None:
    """Return when to try again after a failed try; None when this was the last one.

    failed_before: tries that failed before this one. retry_after_secs: what the receiver asked for; at most a day.
    """
    if failed_before >= len(RETRY_DELAYS_SECS):
        return None
    planned = RETRY_DELAYS_SECS[failed_before] * random.uniform(1, 1 + _JITTER)
    if retry_after_secs is None:
        return planned
    return max(planned, min(retry_after_secs, _MAX_RETRY_AFTER_SECS))


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for, as a number or a date; None when it makes no sense."""
    if value is None:
        return None
    number = value.strip(" \t")
    if number.isascii() and number.isdigit():
        return float(number[:10])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
