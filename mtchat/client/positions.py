"""How far each dialog has come at this client, and so which events are new. Pure: knows no network."""

from enum import Enum


class Verdict(Enum):
    """What to do with an event."""

    TAKE = "take"
    DROP = "drop"
    # Something before it is missing: drop it, and ask for what is missing.
    ASK = "ask"


class Positions:
    """Dialog id -> seq of the last event taken."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._asked: dict[str, int] = {}

    @property
    def known(self) -> dict[str, int]:
        """A copy of all positions."""
        return dict(self._known)

    def __contains__(self, dialog_id: str) -> bool:
        return dialog_id in self._known

    def note(self, dialog_id: str, seq: int) -> None:
        """What was loaded by HTTP includes everything up to seq."""
        self._known[dialog_id] = max(seq, self._known.get(dialog_id, 0))

    def place(self, dialog_id: str, seq: int) -> None:
        """Count on from seq, whatever was known before; for a dialog that has to be loaded again."""
        self._known[dialog_id] = seq

    def forget(self, dialog_id: str) -> None:
        """The dialog is not this person's any more."""
        self._known.pop(dialog_id, None)

    def judge(self, dialog_id: str, seq: int) -> Verdict:
        """Say what to do with an event of a dialog, and count it if it is taken."""
        last = self._known.get(dialog_id)
        if last is None or seq == last + 1:
            self._known[dialog_id] = seq
            return Verdict.TAKE
        if seq <= last or self._asked.get(dialog_id):
            return Verdict.DROP
        return Verdict.ASK

    def asked(self, dialog_ids: list[str]) -> None:
        """A resume of these dialogs is under way: whatever is ahead of its turn comes again in its place."""
        for dialog_id in dialog_ids:
            self._asked[dialog_id] = self._asked.get(dialog_id, 0) + 1

    def answered(self, dialog_ids: list[str]) -> None:
        """That resume is done."""
        for dialog_id in dialog_ids:
            left = self._asked.get(dialog_id, 0) - 1
            if left > 0:
                self._asked[dialog_id] = left
            else:
                self._asked.pop(dialog_id, None)

    def disconnected(self) -> None:
        """Nothing that was asked will be answered."""
        self._asked.clear()
