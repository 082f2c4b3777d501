"""Who is asking. Guards that need the database live with the noun they guard."""

from dataclasses import dataclass

from mtchat.core.scopes import ScopeSet


@dataclass(frozen=True, slots=True)
class Actor:
    """A chat user as one request knows him.

    scopes: what he may find and join; None when the request names none and none are signed (lists are not filtered).
    """

    user_id: str
    scopes: ScopeSet | None = None
