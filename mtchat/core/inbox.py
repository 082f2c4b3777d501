"""Which dialogs a person finds, and how he sees them.

Scopes sent with a request decide what he may find and join; they also hide from lists his own dialogs whose scopes do
not match: somebody who works for two tenants sees one at a time.
"""

from dataclasses import dataclass
from typing import Any, Final

from mtchat.core.access import Actor
from mtchat.core.errors import BadRequest, DialogNotFound, ScopeMismatch
from mtchat.core.fields import MAX_OBJECT_TYPE_CHARS, check_id, check_text
from mtchat.core.services import Services
from mtchat.persistence import inbox as rows
from mtchat.persistence.dialogs import dialog_exists
from mtchat.persistence.inbox import Kind, Selection

PARTICIPATING: Final = "participating"
AVAILABLE: Final = "available"

MAX_PAGE: Final = 100
MAX_SEARCH_CHARS: Final = 200

_WILDCARDS: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a list is asked for; nothing of it is checked yet.

    type: participating, available, or None for both. archived: only dialogs archived by the caller, only others, or
    None for both. limit: None for all.
    """

    type: str | None = None
    archived: bool | None = None
    search: str | None = None
    limit: int | None = None
    offset: int = 0


async def list_dialogs(services: Services, actor: Actor, asked: ListRequest) -> bytes:
    """Return a page of the caller's dialogs, or of those he could join, as a JSON array.

    Pinned ones come first, then newest activity. A limit is taken as 0..100, an offset as 0 or more.
    Raises BadRequest (available without scopes), InvalidInput (search).
    """
    available = asked.type == AVAILABLE
    if available and actor.scopes is None:
        raise BadRequest("Available dialogs are found by scopes; send the X-Scope-Config header")
    selection = Selection(
        kind=Kind.AVAILABLE if available else Kind.PARTICIPATING,
        own=not available,
        others=available,
        **_filters(asked),
        **_scope_filters(actor),
        limit=min(max(asked.limit or 0, 0), MAX_PAGE),
        offset=max(asked.offset, 0),
    )
    return await rows.list_dialog_items(services.database, selection)


async def list_object_dialogs(
    services: Services, actor: Actor, object_type: str, object_id: str, asked: ListRequest
) -> bytes:
    """Return the dialogs of an object that the caller is in or could join, as a JSON array, ordered as list_dialogs.

    Without scopes there is nothing he could join. Raises InvalidInput.
    """
    _check_object(object_type, object_id)
    selection = Selection(
        kind=Kind.OBJECT,
        object_type=object_type,
        object_id=object_id,
        own=asked.type != AVAILABLE,
        others=asked.type != PARTICIPATING and actor.scopes is not None,
        **_filters(asked),
        **_scope_filters(actor),
    )
    return await rows.list_dialog_items(services.database, selection)


async def find_object_dialog(services: Services, actor: Actor, object_type: str, object_id: str) -> bytes | None:
    """Return the latest made dialog of an object that the caller may see, as JSON, or None. Raises InvalidInput."""
    _check_object(object_type, object_id)
    selection = Selection(
        kind=Kind.OBJECT,
        object_type=object_type,
        object_id=object_id,
        others=actor.scopes is not None,
        **_scope_filters(actor),
        newest=True,
        limit=1,
    )
    return await rows.find_dialog_item(services.database, selection)


async def get_dialog(services: Services, actor: Actor, dialog_id: str) -> bytes:
    """Return one dialog as JSON; scopes never hide it from its participants. Raises DialogNotFound, ScopeMismatch."""
    selection = Selection(
        kind=Kind.ONE,
        dialog_id=dialog_id,
        others=actor.scopes is not None,
        **_scope_filters(actor) | {"judge_own": False},
        by_id=True,
        limit=1,
    )
    found = await rows.find_dialog_item(services.database, selection)
    if found is not None:
        return found
    if await dialog_exists(services.database, dialog_id):
        raise ScopeMismatch("Forbidden: only participants, and people whose scopes match, may see this dialog")
    raise DialogNotFound("There is no such dialog")


def _filters(asked: ListRequest) -> dict[str, Any]:
    return {
        "archived": [False, True] if asked.archived is None else [asked.archived],
        "pattern": search_pattern(asked.search),
    }


def _scope_filters(actor: Actor) -> dict[str, Any]:
    scopes = actor.scopes
    if scopes is None:
        return {"user_id": actor.user_id}
    level0, level1, level2 = scopes.as_lists()
    return {"user_id": actor.user_id, "judge_own": True, "level0": level0, "level1": level1, "level2": level2}


def search_pattern(search: str | None) -> str | None:
    """Return the ILIKE pattern of a searched text, in which every character stands for itself; None when it is blank.

    Raises InvalidInput over 200 characters, blanks around it not counted.
    """
    text = (search or "").strip()
    if not text:
        return None
    check_text("search", text, MAX_SEARCH_CHARS)
    return f"%{text.translate(_WILDCARDS)}%"


def _check_object(object_type: str, object_id: str) -> None:
    check_id("object_type", object_type, MAX_OBJECT_TYPE_CHARS)
    check_id("object_id", object_id)
