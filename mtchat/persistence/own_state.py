"""What a participant keeps for himself: archived, pinned, muted."""

from dataclasses import dataclass

from mtchat.persistence.pool import Database


@dataclass(frozen=True, slots=True)
class OwnState:
    """A participant's flags after a call, and whether it changed one."""

    changed: bool
    is_pinned: bool
    notifications_enabled: bool


async def set_own_state(
    database: Database,
    dialog_id: str,
    user_id: str,
    *,
    is_archived: bool | None = None,
    is_pinned: bool | None = None,
    notifications_enabled: bool | None = None,
) -> OwnState | None:
    """Set the flags that are given; None when the user is not in the dialog. One statement."""
    row = await database.fetch_one(
        "set_own_state",
        {
            "dialog_id": dialog_id,
            "user_id": user_id,
            "is_archived": is_archived,
            "is_pinned": is_pinned,
            "notifications_enabled": notifications_enabled,
        },
    )
    return None if row is None else OwnState(**row)
