"""Access scopes on the wire, in and out."""

from marshmallow import EXCLUDE, Schema, fields

from mtchat.core.schemas.bounded import BoundedList
from mtchat.core.scopes import MAX_VALUE_CHARS, MAX_VALUES_PER_LEVEL

# One scope per audience of a dialog; a host that needs more means one scope with longer levels.
MAX_ACCESS_SCOPES = 100


def _level(what: str) -> BoundedList:
    description = f"{what}; values of at most {MAX_VALUE_CHARS} characters, compared exactly; empty admits everyone"
    return BoundedList(
        fields.String(), max_items=MAX_VALUES_PER_LEVEL, load_default=list, metadata={"description": description}
    )


class AccessScopeIn(Schema):
    """Who may find and join: a person matches when each level is empty or shares a value with his own."""

    class Meta:
        unknown = EXCLUDE

    scope_level0 = _level("tenants")
    scope_level1 = _level("departments")
    scope_level2 = _level("roles or rights")


class ReplaceAccessScopesIn(Schema):
    """The whole new list; an empty one closes the dialog to newcomers."""

    class Meta:
        unknown = EXCLUDE

    access_scopes = BoundedList(fields.Nested(AccessScopeIn), max_items=MAX_ACCESS_SCOPES, required=True)


class AccessScopeOut(Schema):
    """A stored scope."""

    id = fields.UUID(required=True)
    dialog_id = fields.UUID(required=True)
    scope_level0 = fields.List(fields.String(), required=True)
    scope_level1 = fields.List(fields.String(), required=True)
    scope_level2 = fields.List(fields.String(), required=True)
    created_at = fields.DateTime(required=True)
