"""The one shape of every failure."""

from collections.abc import Iterator

from marshmallow import Schema, fields, validate

from mtchat.core.errors import ChatError


def _codes(error: type[ChatError] = ChatError) -> Iterator[str]:
    yield error.code
    for child in error.__subclasses__():
        yield from _codes(child)


class ErrorBodyOut(Schema):
    """What went wrong."""

    code = fields.String(
        required=True, validate=validate.OneOf(sorted(set(_codes()))), metadata={"description": "for programs"}
    )
    message = fields.String(required=True, metadata={"description": "for people: what to change; not for programs"})


class ErrorOut(Schema):
    """The envelope of every failure."""

    error = fields.Nested(ErrorBodyOut, required=True)
