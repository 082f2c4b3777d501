"""How long to wait before the next attempt: twice as long each time, anywhere within, so that clients do not come back
in step."""

import random
from typing import Final

FIRST_SECS: Final = 0.2
MAX_SECS: Final = 15.0


class Backoff:
    """Counts failures in a row."""

    def __init__(self, first_secs: float = FIRST_SECS, max_secs: float = MAX_SECS) -> None:
        self._first_secs = first_secs
        self._max_secs = max_secs
        self._failures = 0

    def next(self, at_least: float = 0.0) -> float:
        """Return the seconds to wait after one more failure."""
        span = min(self._max_secs, self._first_secs * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return max(at_least, span * random.uniform(0.5, 1.0))

    def reset(self) -> None:
        """It worked."""
        self._failures = 0
