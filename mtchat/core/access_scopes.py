"""The rules of a dialog's access scopes: what may be in them, and how the host replaces them."""

from mtchat.core.errors import InvalidInput, NotFound
from mtchat.core.fields import check_text
from mtchat.core.inputs import AccessScopeFields
from mtchat.core.scopes import MAX_VALUE_CHARS
from mtchat.core.services import Services
from mtchat.persistence import access_scopes as rows
from mtchat.persistence.dialogs import dialog_exists


def check_access_scopes(access_scopes: list[AccessScopeFields]) -> None:
    """Refuse a value that is too long for the index or cannot be stored. Raises InvalidInput naming its place."""
    for index, scope in enumerate(access_scopes):
        levels = (
            ("scope_level0", scope["scope_level0"]),
            ("scope_level1", scope["scope_level1"]),
            ("scope_level2", scope["scope_level2"]),
        )
        for level, values in levels:
            for place, value in enumerate(values):
                if len(value) > MAX_VALUE_CHARS or "\x00" in value:
                    check_text(f"access_scopes[{index}].{level}[{place}]", value, MAX_VALUE_CHARS)


async def replace_access_scopes(services: Services, dialog_id: str, access_scopes: list[AccessScopeFields]) -> bytes:
    """Put these scopes in place of all others and return them as a JSON array, in order; whoever is in stays in.

    Raises NotFound, then InvalidInput.
    """
    try:
        check_access_scopes(access_scopes)
    except InvalidInput:
        if not await dialog_exists(services.database, dialog_id):
            raise NotFound("There is no such dialog") from None
        raise
    stored = await rows.replace_access_scopes(services.database, dialog_id, access_scopes)
    if stored is None:
        raise NotFound("There is no such dialog")
    return stored
