"""The people of a dialog as one person may see them."""

from mtchat.persistence.pool import Database

# A user id, and his entry as JSON without its last brace: presence, which the database does not know, goes before it.
OpenEntry = tuple[str, str]


async def list_roster(
    database: Database, dialog_id: str, user_id: str, levels: tuple[list[str], list[str], list[str]] | None
) -> list[OpenEntry] | None:
    """Return everybody in the dialog, those who came first first; None when the user is not in it and no scope matches.

    levels: the user's scopes, None when he has none. One statement.
    """
    level0, level1, level2 = levels or ([], [], [])
    rows = await database.fetch_all(
        "list_roster",
        {
            "dialog_id": dialog_id,
            "user_id": user_id,
            "has_scopes": levels is not None,
            "level0": level0,
            "level1": level1,
            "level2": level2,
        },
    )
    if not rows:
        return None
    return [(row["user_id"], row["entry"]) for row in rows if row["user_id"] is not None]
