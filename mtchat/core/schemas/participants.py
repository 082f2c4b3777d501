"""The participant on the wire, in and out."""

from marshmallow import EXCLUDE, Schema, fields, validate

from mtchat.core.fields import (
    MAX_COMPANY_CHARS,
    MAX_DISPLAY_NAME_CHARS,
    MAX_EMAIL_CHARS,
    MAX_ID_CHARS,
    MAX_PHONE_CHARS,
)


def _optional(max_chars: int) -> fields.String:
    return fields.String(
        load_default=None, allow_none=True, metadata={"description": f"at most {max_chars} characters"}
    )


class ParticipantIn(Schema):
    """Somebody to put into a dialog."""

    class Meta:
        unknown = EXCLUDE

    user_id = fields.String(
        required=True, metadata={"description": f"the host's id of the person, 1 to {MAX_ID_CHARS} characters"}
    )
    display_name = fields.String(
        required=True, metadata={"description": f"not blank, at most {MAX_DISPLAY_NAME_CHARS} characters"}
    )
    company = _optional(MAX_COMPANY_CHARS)
    email = _optional(MAX_EMAIL_CHARS)
    phone = _optional(MAX_PHONE_CHARS)


class ParticipantOut(Schema):
    """A person's place in a dialog; every field is always present."""

    dialog_id = fields.UUID(required=True)
    user_id = fields.String(required=True)
    joined_at = fields.DateTime(required=True)
    joined_as = fields.String(required=True, validate=validate.OneOf(["creator", "participant", "joined"]))
    notifications_enabled = fields.Boolean(required=True)
    last_read_message_id = fields.UUID(required=True, allow_none=True)
    unread_count = fields.Integer(required=True)
    display_name = fields.String(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    is_archived = fields.Boolean(required=True)
    is_pinned = fields.Boolean(required=True)
