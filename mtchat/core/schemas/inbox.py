"""The Chat API's dialogs on the wire: what lists are asked for, and a dialog as one person sees it."""

from typing import TypedDict

from marshmallow import EXCLUDE, Schema, fields, validate

from mtchat.core.fields import (
    MAX_COMPANY_CHARS,
    MAX_DISPLAY_NAME_CHARS,
    MAX_EMAIL_CHARS,
    MAX_PHONE_CHARS,
)
from mtchat.core.schemas.dialogs import DialogOut
from mtchat.core.schemas.fields import QueryBoolean, QueryInteger, StrictBoolean
from mtchat.core.schemas.participants import ParticipantOut


class _ListQuery(Schema):
    class Meta:
        unknown = EXCLUDE

    archived = QueryBoolean(
        load_default=None,
        metadata={"description": "true: only those the caller has archived; false: only the others"},
    )
    search = fields.String(
        load_default=None,
        metadata={"description": "part of the title or of a participant's company, at most 200 characters"},
    )


class DialogsQuery(_ListQuery):
    """Which page of which dialogs."""

    type = fields.String(
        load_default="participating",
        validate=validate.OneOf(["participating", "available"]),
        metadata={"description": "dialogs the caller is in, or dialogs he could join"},
    )
    limit = QueryInteger(load_default=50, metadata={"description": "0 to 100; values outside are moved to the bound"})
    offset = QueryInteger(load_default=0, metadata={"description": "how many to skip; negative is 0"})


class ObjectDialogsQuery(_ListQuery):
    """Which dialogs of an object."""

    type = fields.String(
        load_default=None,
        validate=validate.OneOf(["participating", "available"]),
        metadata={"description": "dialogs the caller is in, or dialogs he could join; both when left out"},
    )


class LastMessageOut(Schema):
    """The newest message of a dialog; system messages have no sender_id, people who have left no sender_name."""

    id = fields.UUID(required=True)
    content = fields.String(required=True, metadata={"description": "clean HTML; JSON text in system messages"})
    sender_id = fields.String()
    sender_name = fields.String()
    sent_at = fields.DateTime(required=True)
    message_type = fields.String(required=True, validate=validate.OneOf(["user", "system"]))


class PersonOut(Schema):
    """A participant by name; what is not known is left out."""

    user_id = fields.String(required=True)
    display_name = fields.String()
    company = fields.String()


class DialogItemOut(DialogOut):
    """A dialog as one person sees it. His own counters and flags, `seq` and `last_message` are there when he is in it.

    `seq` is the dialog's event number it was read at: live events above it are news.
    """

    participants_count = fields.Integer(
        metadata={"description": "left out of one dialog by id for those who could join it"}
    )
    i_am_participant = fields.Boolean(required=True)
    can_join = fields.Boolean(required=True)
    unread_count = fields.Integer()
    is_archived = fields.Boolean()
    is_pinned = fields.Boolean()
    notifications_enabled = fields.Boolean()
    seq = fields.Integer()
    last_message_at = fields.DateTime(metadata={"description": "left out when there is no message"})
    last_message = fields.Nested(LastMessageOut)
    participants = fields.List(
        fields.Nested(PersonOut), metadata={"description": "those who came first first; left out when nobody is in"}
    )


class RosterEntryOut(ParticipantOut):
    """A participant as another one sees him; what each keeps for himself is true in one's own entry alone."""

    is_online = fields.Boolean(required=True)


class JoinFields(TypedDict):
    """The profile a person joins with."""

    display_name: str
    company: str
    email: str | None
    phone: str | None


class JoinIn(Schema):
    """How the caller wants to be shown."""

    class Meta:
        unknown = EXCLUDE

    display_name = fields.String(
        required=True, metadata={"description": f"not blank, at most {MAX_DISPLAY_NAME_CHARS} characters"}
    )
    company = fields.String(
        required=True, metadata={"description": f"may be empty, at most {MAX_COMPANY_CHARS} characters"}
    )
    email = fields.String(
        load_default=None, allow_none=True, metadata={"description": f"at most {MAX_EMAIL_CHARS} characters"}
    )
    phone = fields.String(
        load_default=None, allow_none=True, metadata={"description": f"at most {MAX_PHONE_CHARS} characters"}
    )


class NotificationsIn(Schema):
    """Whether the host may notify the caller of new messages in a dialog."""

    class Meta:
        unknown = EXCLUDE

    enabled = StrictBoolean(required=True)


class StatusOut(Schema):
    """What a call has done, in one word."""

    status = fields.String(required=True)


class JoinedOut(StatusOut):
    """The answer of a join."""

    dialog_id = fields.UUID(required=True)
