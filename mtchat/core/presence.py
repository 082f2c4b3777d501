"""Online while one connection lives, offline after the grace; tells those who share a dialog of bounded size."""

from collections.abc import Callable, Collection, Iterable
from typing import Final, Protocol

from mtchat.core import events

# Everybody coming and going in a dialog of thousands would tell thousands; larger dialogs read presence when they list
# people.
MAX_MEMBERS_TOLD: Final = 200

# (dialog id, number of members) of each dialog a person is in.
Dialogs = list[tuple[str, int]]
Change = Callable[[str, bool, Dialogs], None]


class Connected(Protocol):
    """Who has a socket: what presence needs of the hub."""

    def is_online(self, user_id: str) -> bool:
        """Whether the person has a socket, or had one within the grace."""

    def on_presence(self, listener: Change) -> None:
        """Set who is told: user id, online, (dialog id, number of members) of each of his dialogs."""


class Signals(Protocol):
    """What presence needs of the publisher."""

    def publish_signal(self, dialog_id: str, user_id: str, frame: dict[str, object]) -> None:
        """Send a frame about one member to the other members of a dialog."""


class Ledger(Protocol):
    """Who is connected to any process: what presence needs of whatever joins them."""

    def on_change(self, tell: Change) -> None:
        """Set who is told that a person came online anywhere, or has left everywhere."""

    def changed(self, user_id: str, online: bool, dialogs: Dialogs) -> None:
        """Take note that a person came online in this process, or went."""

    async def is_online(self, user_ids: Collection[str]) -> set[str]:
        """Return those who are online in any process, or nobody when that cannot be known now."""


class Presence:
    """Who is online."""

    def __init__(self, connected: Connected, signals: Signals, ledger: Ledger | None = None) -> None:
        """ledger: None for a process that is alone."""
        self._connected = connected
        self._signals = signals
        self._ledger = ledger
        if ledger is None:
            connected.on_presence(self._changed)
        else:
            connected.on_presence(ledger.changed)
            ledger.on_change(self._changed)

    async def is_online(self, user_ids: Iterable[str]) -> set[str]:
        """Return those of these people who are online."""
        asked = set(user_ids)
        here = {user_id for user_id in asked if self._connected.is_online(user_id)}
        if self._ledger is None:
            return here
        return here | await self._ledger.is_online(asked - here)

    def _changed(self, user_id: str, online: bool, dialogs: Dialogs) -> None:
        frame: dict[str, object] = {"type": events.PRESENCE_UPDATE, "user_id": user_id, "is_online": online}
        for dialog_id, members in dialogs:
            # 1 is nobody else; 0 is a dialog so new that its size is not known here yet.
            if members != 1 and members <= MAX_MEMBERS_TOLD:
                self._signals.publish_signal(dialog_id, user_id, frame)
