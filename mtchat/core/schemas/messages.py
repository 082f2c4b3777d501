"""The message on the wire, in and out."""

from marshmallow import EXCLUDE, Schema, fields, validate

from mtchat.core.errors import BadRequest
from mtchat.core.schemas.bounded import BoundedList
from mtchat.core.schemas.fields import QueryInteger, StrictInteger, WireUuid

# Far more than a message may carry, so that who may not write is still told that; reading 690,000 takes 18 s.
_MAX_ATTACHMENTS_READ = 100


class AttachmentIn(Schema):
    """A stored object that a message names; every field as it was at presign."""

    class Meta:
        unknown = EXCLUDE

    s3_key = fields.String(required=True)
    filename = fields.String(required=True)
    content_type = fields.String(required=True)
    size = StrictInteger(required=True)


class SendMessageIn(Schema):
    """A new message. Note the name `reply_to`: it comes back as `reply_to_id`."""

    class Meta:
        unknown = EXCLUDE

    content = fields.String(required=True, metadata={"description": "HTML or text, at most 50,000 characters"})
    reply_to = WireUuid(
        load_default=None,
        allow_none=True,
        metadata={"description": "id of a message of this dialog; others are dropped"},
    )
    attachments = BoundedList(
        fields.Nested(AttachmentIn),
        max_items=_MAX_ATTACHMENTS_READ,
        too_many=BadRequest,
        load_default=list,
        metadata={"description": "at most 10", "maxItems": 10},
    )
    client_message_id = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "1 to 255 characters; a repeat answers the first message again"},
    )


class EditMessageIn(Schema):
    """A new text for one's own message."""

    class Meta:
        unknown = EXCLUDE

    content = fields.String(required=True)


class ReadIn(Schema):
    """The newest message the reader has seen."""

    class Meta:
        unknown = EXCLUDE

    last_read_message_id = WireUuid(required=True)


class MessagesQuery(Schema):
    """Which page; `around` wins over `after` over `before`."""

    class Meta:
        unknown = EXCLUDE

    before = WireUuid(load_default=None)
    after = WireUuid(load_default=None)
    around = WireUuid(load_default=None)
    limit = QueryInteger(load_default=50, metadata={"description": "0 to 1,000; values outside are moved to the bound"})


class AttachmentOut(Schema):
    """A file of a message; `url` expires."""

    id = WireUuid(required=True)
    filename = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)
    url = fields.String(required=True)
    width = fields.Integer()
    height = fields.Integer()
    thumbnail_url = fields.String()
    state = fields.String(
        validate=validate.OneOf(["scanning", "infected"]),
        metadata={"description": "why `url` is empty: not looked at yet, or removed because of malware"},
    )


class MessageOut(Schema):
    """A message, complete, the same everywhere; `attachments` is left out when there are none."""

    id = WireUuid(required=True)
    dialog_id = WireUuid(required=True)
    sender_id = fields.String(required=True, allow_none=True)
    content = fields.String(required=True, metadata={"description": "clean HTML; JSON text in system messages"})
    sent_at = fields.DateTime(required=True)
    last_edited_at = fields.DateTime(required=True, allow_none=True)
    reply_to_id = WireUuid(required=True, allow_none=True)
    message_type = fields.String(required=True, validate=validate.OneOf(["user", "system"]))
    attachments = fields.List(fields.Nested(AttachmentOut))


class MessagePageOut(Schema):
    """Oldest first. `seq` is the dialog's event number the page was read at: live events above it are news."""

    messages = fields.List(fields.Nested(MessageOut), required=True)
    first_unread_message_id = WireUuid()
    has_more_before = fields.Boolean(required=True)
    has_more_after = fields.Boolean(required=True)
    seq = fields.Integer(required=True)
