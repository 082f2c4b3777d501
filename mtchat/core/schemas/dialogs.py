"""The dialog on the wire, in and out."""

from marshmallow import EXCLUDE, Schema, fields

from mtchat.core.fields import MAX_ID_CHARS, MAX_OBJECT_TYPE_CHARS, MAX_OBJECT_URL_CHARS, MAX_TITLE_CHARS
from mtchat.core.schemas.access_scopes import MAX_ACCESS_SCOPES, AccessScopeIn, AccessScopeOut
from mtchat.core.schemas.bounded import BoundedList
from mtchat.core.schemas.participants import ParticipantIn, ParticipantOut

# Larger dialogs are filled by adding people one by one; five thousand take an eighth of a second.
MAX_PARTICIPANTS_PER_CALL = 5_000


class _ObjectIn(Schema):
    class Meta:
        unknown = EXCLUDE

    object_id = fields.String(
        required=True, metadata={"description": f"the host's id of the object, 1 to {MAX_ID_CHARS} characters"}
    )
    object_type = fields.String(
        required=True, metadata={"description": f"the kind of object, 1 to {MAX_OBJECT_TYPE_CHARS} characters"}
    )
    access_scopes = BoundedList(fields.Nested(AccessScopeIn), max_items=MAX_ACCESS_SCOPES, load_default=list)


class CreateDialogIn(_ObjectIn):
    """A new dialog with its people and scopes."""

    title = fields.String(
        load_default=None, allow_none=True, metadata={"description": f"at most {MAX_TITLE_CHARS} characters"}
    )
    object_url = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": f"http, https or relative, at most {MAX_OBJECT_URL_CHARS:,} characters"},
    )
    participants = BoundedList(fields.Nested(ParticipantIn), max_items=MAX_PARTICIPANTS_PER_CALL, required=True)
    meta = fields.Raw(
        load_default=None, allow_none=True, metadata={"description": "any JSON, given back unchanged; null is absent"}
    )


class FindDialogIn(_ObjectIn):
    """Which object, and exactly which set of scopes."""


class DialogOut(Schema):
    """The fields of a dialog that every dialog answer of both APIs has; `meta` is left out when there is none."""

    id = fields.UUID(required=True)
    object_id = fields.String(required=True)
    object_type = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    object_url = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    meta = fields.Raw()


class DialogDetailsOut(DialogOut):
    """A dialog with everybody in it, by the time they came, and its scopes in the order they were given."""

    participants = fields.List(fields.Nested(ParticipantOut), required=True)
    access_scopes = fields.List(fields.Nested(AccessScopeOut), required=True)
