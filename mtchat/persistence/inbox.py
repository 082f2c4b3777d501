"""Dialogs as one person sees them, read as the JSON the wire has: nothing of a list is parsed on its way through."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from mtchat.persistence.pool import Database


class Kind(StrEnum):
    """Which index gives the candidates."""

    PARTICIPATING = "participating"
    AVAILABLE = "available"
    OBJECT = "object"
    ONE = "one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which dialogs a person sees, in which form and order; the fields are the parameters of the query.

    own, others: whether dialogs he is in, and such that one of their scopes matches, belong to it.
    judge_own: dialogs he is in are hidden when they have scopes and none matches.
    archived: which states of his own archive flag belong to it.
    level0..level2: his scopes. pattern: for ILIKE, over title and companies.
    newest: the latest made comes first, instead of pinned ones and the latest active.
    by_id: people and times are left out for somebody who only matches a scope.
    limit: None for all.
    """

    user_id: str
    kind: Kind
    dialog_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    own: bool = True
    others: bool = False
    judge_own: bool = False
    archived: list[bool] = field(default_factory=lambda: [False, True])
    level0: list[str] = field(default_factory=list)
    level1: list[str] = field(default_factory=list)
    level2: list[str] = field(default_factory=list)
    pattern: str | None = None
    newest: bool = False
    by_id: bool = False
    limit: int | None = None
    offset: int = 0

    def params(self) -> dict[str, Any]:
        """The parameters of the query."""
        return {name: getattr(self, name) for name in _PARAMS}


_PARAMS = tuple(parameter.name for parameter in fields(Selection))


async def list_dialog_items(database: Database, selection: Selection) -> bytes:
    """Return a JSON array of dialog items. One statement."""
    return b"[" + await _items(database, selection) + b"]"


async def find_dialog_item(database: Database, selection: Selection) -> bytes | None:
    """Return the first dialog item of a selection, or None. One statement."""
    return await _items(database, selection) or None


async def _items(database: Database, selection: Selection) -> bytes:
    items: str | None = await database.fetch_value("list_dialog_items", selection.params())
    return b"" if items is None else items.encode()
