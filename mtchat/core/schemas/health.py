"""What a load balancer and an operator read."""

from marshmallow import Schema, fields, validate


class HealthOut(Schema):
    """The process answers."""

    status = fields.String(required=True, validate=validate.OneOf(["ok"]))
    version = fields.String(required=True, metadata={"description": "of the running program"})


class ReadyDetailsOut(Schema):
    """Part by part; only the database decides about readiness."""

    database = fields.String(required=True, validate=validate.OneOf(["ok", "not answering"]))
    redis = fields.String(required=True, validate=validate.OneOf(["on", "off"]))
    storage = fields.String(required=True, validate=validate.OneOf(["ok", "not answering"]))
    webhooks = fields.String(required=True, validate=validate.OneOf(["on", "off"]))


class ReadyOut(Schema):
    """Whether requests can be served."""

    status = fields.String(required=True, validate=validate.OneOf(["ready", "not_ready"]))
    details = fields.Nested(ReadyDetailsOut, required=True)
