"""Who is writing where: told to the other members, kept nowhere, never asked of the database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final, Protocol

from mtchat.core import events
from mtchat.core.presence import MAX_MEMBERS_TOLD, Signals

# The same person in the same dialog is passed on this often; clients send about every 3 s.
EVERY_SECS: Final = 2.0
# A receiver takes the sign away by then if no other comes.
SHOWN_SECS: Final = 6.0
# Times remembered before old ones are swept out, some 200 KiB.
SWEEP_AT: Final = 2_048


class Memberships(Protocol):
    """What typing needs of the hub."""

    def room_size(self, user_id: str, dialog_id: str) -> int | None:
        """Return the number of members of a dialog, None when the person is not in it."""


class TypingSignals:
    """Passes on that somebody is typing."""

    def __init__(self, memberships: Memberships, signals: Signals, clock: Callable[[], float] = monotonic) -> None:
        self._memberships = memberships
        self._signals = signals
        self._clock = clock
        self._next_at: dict[tuple[str, str], float] = {}
        self._sweep_at = SWEEP_AT

    def typing(self, user_id: str, dialog_id: str) -> None:
        """Tell the other members, unless he is not one, did so within two seconds, or they are more than 200."""
        size = self._memberships.room_size(user_id, dialog_id)
        now = self._clock()
        if size is None or size > MAX_MEMBERS_TOLD or now < self._next_at.get((user_id, dialog_id), 0.0):
            return
        self._next_at[user_id, dialog_id] = now + EVERY_SECS
        if len(self._next_at) >= self._sweep_at:
            self._next_at = {key: moment for key, moment in self._next_at.items() if moment > now}
            self._sweep_at = max(SWEEP_AT, 2 * len(self._next_at))
        until = (datetime.now(UTC) + timedelta(seconds=SHOWN_SECS)).isoformat(timespec="microseconds")
        frame: dict[str, object] = {
            "type": events.TYPING,
            "dialog_id": dialog_id,
            "user_id": user_id,
            "until": until.replace("+00:00", "Z"),
        }
        self._signals.publish_signal(dialog_id, user_id, frame)
