"""Answers that are not inside the `data` envelope."""

from marshmallow import Schema, fields


class SuccessOut(Schema):
    """The answer of a read mark."""

    success = fields.Boolean(required=True, metadata={"description": "always true"})
