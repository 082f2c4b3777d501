"""Files on the wire: leave to upload, and links."""

from marshmallow import EXCLUDE, Schema, fields

from mtchat.core.schemas.fields import StrictInteger, WireUuid


class PresignIn(Schema):
    """The file a client is about to upload."""

    class Meta:
        unknown = EXCLUDE

    dialog_id = WireUuid(required=True)
    filename = fields.String(required=True)
    content_type = fields.String(required=True, metadata={"description": "may be empty when the browser does not know"})
    size = StrictInteger(required=True, metadata={"description": "bytes, 1 to 104,857,600"})


class UploadOut(Schema):
    """Where to PUT the bytes, and the key to name in the message."""

    upload_url = fields.String(required=True)
    s3_key = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})


class AttachmentUrlOut(Schema):
    """Links that expire."""

    url = fields.String(required=True)
    thumbnail_url = fields.String(required=True, allow_none=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})


class PartOut(Schema):
    """One part of an upload; `upload_url` is there until it has arrived."""

    number = fields.Integer(required=True, metadata={"description": "from 1"})
    size = fields.Integer(required=True, metadata={"description": "bytes"})
    is_stored = fields.Boolean(required=True)
    upload_url = fields.String()


class PartsOut(Schema):
    """An upload in parts."""

    upload_id = WireUuid(required=True)
    s3_key = fields.String(required=True)
    part_size = fields.Integer(required=True, metadata={"description": "bytes of each part but the last"})
    parts = fields.List(fields.Nested(PartOut), required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})


class CompletedUploadOut(Schema):
    """An upload that is one object now: name its key in a message."""

    s3_key = fields.String(required=True)
    size = fields.Integer(required=True)
