"""Events of dialogs nobody here was in yet, heard while somebody's dialogs were being loaded.

On a bus that brings everything, this is what stands between the moment his rows were read and the moment his dialogs
are followed: one look here instead of a second query at each connect.
"""

import asyncio
from typing import Final

# Longer than any load may take: 30 s for a connection and 10 s for the statement. Two generations of this age are kept.
GENERATION_SECS: Final = 60.0


class Overheard:
    """Dialog id -> newest seq, noted only while a load is under way."""

    def __init__(self) -> None:
        self._loads = 0
        self._young: dict[str, int] = {}
        self._old: dict[str, int] = {}
        self._turned_at = 0.0

    def begin(self) -> None:
        """A load begins: its question is not asked yet."""
        self._loads += 1

    def end(self) -> None:
        """A load has ended: its dialogs are followed, or it failed."""
        self._loads -= 1
        if not self._loads:
            self._young, self._old = {}, {}

    @property
    def listening(self) -> bool:
        """Whether what is heard now may matter to somebody."""
        return self._loads > 0

    def note(self, dialog_id: str, seq: int) -> None:
        """Remember that this event exists."""
        now = asyncio.get_running_loop().time()
        if now - self._turned_at > GENERATION_SECS:
            # People who connect without a pause must not make it grow for ever.
            self._young, self._old, self._turned_at = {}, self._young, now
        self._young[dialog_id] = max(seq, self._young.get(dialog_id, 0))

    def newest(self, dialog_id: str) -> int:
        """Return the newest seq heard, 0 for none."""
        return max(self._young.get(dialog_id, 0), self._old.get(dialog_id, 0))
