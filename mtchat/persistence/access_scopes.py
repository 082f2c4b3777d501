"""Access scopes of a dialog as rows."""

import orjson

from mtchat.core.inputs import AccessScopeFields
from mtchat.persistence.pool import Database


async def replace_access_scopes(
    database: Database, dialog_id: str, access_scopes: list[AccessScopeFields]
) -> bytes | None:
    """Put these scopes in place of all others and return them as a JSON array, in order; None without such a dialog."""
    params = {"dialog_id": dialog_id, "access_scopes": orjson.dumps(access_scopes).decode()}
    async with database.transaction() as connection:
        if await database.fetch_one("lock_dialog", params, connection) is None:
            return None
        stored: bytes = await database.fetch_value("replace_access_scopes", params, connection)
        return stored
