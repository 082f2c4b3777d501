"""Webhook endpoints and deliveries on the wire of the Management API, in and out."""

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from mtchat.core.fields import MAX_ID_CHARS, MAX_OBJECT_TYPE_CHARS
from mtchat.core.schemas.bounded import BoundedList
from mtchat.core.schemas.fields import QueryInteger, StrictBoolean, StrictInteger, WireUuid

DEFAULT_EVENTS: Final = ("message.new", "participant.joined", "participant.left", "notification.pending")
OPTIONAL_EVENTS: Final = ("message.edited", "message.deleted", "dialog.created", "dialog.deleted", "attachment.ready")
EVENTS: Final = (*DEFAULT_EVENTS, *OPTIONAL_EVENTS)
TEST_EVENT: Final = "webhook.test"
STATES: Final = ("waiting", "delivered", "failed")

MAX_URL_CHARS: Final = 2_048
MAX_DESCRIPTION_CHARS: Final = 500
MAX_TENANTS: Final = 100
MAX_OVERLAP_SECS: Final = 7 * 86_400
DEFAULT_OVERLAP_SECS: Final = 86_400
DEFAULT_PAGE: Final = 50
MAX_PAGE: Final = 200

_URL: Final = f"http or https, at most {MAX_URL_CHARS:,} characters, without user and password"
_EVENTS: Final = f"at least one of {', '.join(EVENTS)}"
_TENANTS: Final = (
    "values of scope level 0: only dialogs whose scopes name one of them, and a scope that leaves the level open names "
    "none; empty: all dialogs"
)


def _strings(max_items: int, description: str, **options: Any) -> BoundedList:
    return BoundedList(fields.String(), max_items=max_items, metadata={"description": description}, **options)


class CreateWebhookIn(Schema):
    """A new endpoint."""

    class Meta:
        unknown = EXCLUDE

    url = fields.String(required=True, metadata={"description": _URL})
    events = _strings(len(EVENTS), f"{_EVENTS}; by default the first four", load_default=lambda: list(DEFAULT_EVENTS))
    tenants = _strings(MAX_TENANTS, _TENANTS, load_default=list)
    description = fields.String(
        load_default=None, allow_none=True, metadata={"description": f"at most {MAX_DESCRIPTION_CHARS} characters"}
    )


class ChangeWebhookIn(Schema):
    """What to change of an endpoint; what is left out stays as it is."""

    class Meta:
        unknown = EXCLUDE

    url = fields.String(metadata={"description": f"{_URL}; not of the built-in endpoint"})
    events = _strings(len(EVENTS), _EVENTS)
    tenants = _strings(MAX_TENANTS, _TENANTS)
    description = fields.String(
        allow_none=True, metadata={"description": f"at most {MAX_DESCRIPTION_CHARS} characters; null removes it"}
    )
    enabled = StrictBoolean(metadata={"description": "false keeps what waits until it is true again; nothing is added"})


class RotateSecretIn(Schema):
    """How long the old secret signs beside the new one."""

    class Meta:
        unknown = EXCLUDE

    overlap_secs = StrictInteger(
        load_default=DEFAULT_OVERLAP_SECS,
        metadata={"description": f"0 to {MAX_OVERLAP_SECS:,}; by default a day"},
    )


class WebhookOut(Schema):
    """An endpoint; its secret is shown only when it is made or rotated."""

    id = fields.UUID(required=True)
    url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "of the built-in endpoint without query; null when off"},
    )
    description = fields.String(required=True, allow_none=True)
    events = fields.List(fields.String(), required=True)
    tenants = fields.List(fields.String(), required=True)
    enabled = fields.Boolean(required=True)
    disabled_by = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["host", "gone", "settings", None]),
        metadata={"description": "host: by this API; gone: it answered 410; settings: the variables are empty"},
    )
    builtin = fields.Boolean(required=True, metadata={"description": "whether it is the one of WEBHOOK_URL"})
    created_at = fields.DateTime(required=True)
    previous_secret_until = fields.DateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True, metadata={"description": "deliveries not made yet"})


class CreatedWebhookOut(WebhookOut):
    """An endpoint just made, with its secret."""

    secret = fields.String(required=True, metadata={"description": "shown this once; keep it"})


class RotatedSecretOut(Schema):
    """A new secret."""

    secret = fields.String(required=True, metadata={"description": "shown this once; keep it"})
    previous_secret_until = fields.DateTime(required=True)


class AttemptOut(Schema):
    """One try of a delivery."""

    at = fields.DateTime(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "null: there was no answer"})
    duration_ms = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True, metadata={"description": "why there was no answer"})
    answer = fields.String(required=True, allow_none=True, metadata={"description": "its first 1,000 characters"})


class DeliveryOut(Schema):
    """One event on its way to one endpoint; id is that of the headers and the body."""

    id = fields.UUID(required=True)
    webhook_id = fields.UUID(required=True)
    dialog_id = fields.UUID(required=True, allow_none=True)
    recipient_id = fields.String(required=True, allow_none=True)
    event = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    created_at = fields.DateTime(required=True)
    next_attempt_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "when its dialog's oldest waiting delivery is tried"}
    )
    attempts = fields.List(fields.Nested(AttemptOut), required=True)


class DeliveryDetailsOut(DeliveryOut):
    """A delivery with what is sent."""

    body = fields.String(
        required=True, allow_none=True, metadata={"description": "the exact body; null: its message was deleted"}
    )


class DeliveriesQuery(Schema):
    """Which deliveries to list; those that meet every condition."""

    dialog_id = WireUuid(load_default=None)
    object_type = fields.String(
        load_default=None, metadata={"description": f"with object_id; 1 to {MAX_OBJECT_TYPE_CHARS} characters"}
    )
    object_id = fields.String(
        load_default=None, metadata={"description": f"with object_type; 1 to {MAX_ID_CHARS} characters"}
    )
    event = fields.String(load_default=None, validate=validate.OneOf([*EVENTS, TEST_EVENT]))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    since = fields.AwareDateTime(
        format="iso", load_default=None, metadata={"description": "made then or later; RFC 3339 with a zone"}
    )
    until = fields.AwareDateTime(format="iso", load_default=None, metadata={"description": "made before"})
    before = WireUuid(load_default=None, metadata={"description": "id of the last delivery of the page before"})
    limit = QueryInteger(load_default=DEFAULT_PAGE, metadata={"description": f"taken as 1 to {MAX_PAGE}"})

    @validates_schema
    def _object_is_named_whole(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("object_type") is None) != (data.get("object_id") is None):
            raise ValidationError("Give object_type and object_id together.")


class ReplayIn(Schema):
    """Which deliveries to make again."""

    class Meta:
        unknown = EXCLUDE

    since = fields.AwareDateTime(format="iso", required=True, metadata={"description": "made then or later"})
    until = fields.AwareDateTime(
        format="iso", load_default=None, allow_none=True, metadata={"description": "made before; null: all since"}
    )
    states = BoundedList(
        fields.String(validate=validate.OneOf(["delivered", "failed"])),
        max_items=2,
        load_default=lambda: ["failed"],
        metadata={"description": "failed, delivered or both; by default failed"},
    )
    event = fields.String(load_default=None, allow_none=True, validate=validate.OneOf([*EVENTS, TEST_EVENT]))
    dialog_id = WireUuid(load_default=None, allow_none=True)


class ReplayedOut(Schema):
    """How many deliveries are made again."""

    replayed = fields.Integer(required=True)
    next_since = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "where to go on when there were more than one call replays; else null"},
    )
