"""What loaded bodies hold, for those who pass them on. Imports nothing of ours: every layer may name these types."""

from typing import Any, TypedDict


class ParticipantFields(TypedDict):
    """One person as a body names him."""

    user_id: str
    display_name: str
    company: str | None
    email: str | None
    phone: str | None


class AccessScopeFields(TypedDict):
    """One access scope as a body gives it."""

    scope_level0: list[str]
    scope_level1: list[str]
    scope_level2: list[str]


class ReplaceAccessScopesFields(TypedDict):
    """All scopes that a dialog is to have."""

    access_scopes: list[AccessScopeFields]


class DialogFields(TypedDict):
    """A new dialog as a body gives it; `meta` is any JSON, None for none."""

    object_id: str
    object_type: str
    title: str | None
    object_url: str | None
    participants: list[ParticipantFields]
    access_scopes: list[AccessScopeFields]
    meta: Any
