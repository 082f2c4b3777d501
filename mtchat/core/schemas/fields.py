"""Fields that accept exactly what the wire allows, where marshmallow's own would be generous.

Bodies: `WireUuid`, `StrictInteger`, `StrictBoolean`. Query strings: `WireUuid`, `QueryInteger`, `QueryBoolean`.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}(?:\1[0-9a-fA-F]{4}){2}\1[0-9a-fA-F]{12}")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_INT64: Final = range(-(2**63), 2**63)


def normal_uuid(text: str) -> str | None:
    """Return a UUID, hyphenated or as 32 hex digits, in lower case with hyphens; None when it is not one."""
    if not _UUID.fullmatch(text):
        return None
    return text.lower() if "-" in text else str(uuid.UUID(text))


class WireUuid(fields.Field[str]):
    """An id of ours, loaded as text: lower case, hyphenated."""

    default_error_messages = {"invalid": "Not a UUID."}  # noqa: RUF012  # as marshmallow declares it

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        found = normal_uuid(value) if isinstance(value, str) else None
        if found is None:
            raise self.make_error("invalid")
        return found

    def _serialize(self, value: str | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value


class StrictInteger(fields.Integer):
    """A JSON number without a fraction, within 64 bits; not a string, not a boolean."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if type(value) is not int or value not in _INT64:
            raise self.make_error("invalid")
        return value


class StrictBoolean(fields.Boolean):
    """JSON true or false and nothing that resembles them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


class QueryInteger(fields.Integer):
    """Decimal digits with an optional sign, within 64 bits."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _INTEGER.fullmatch(value) or int(value) not in _INT64:
            raise self.make_error("invalid")
        return int(value)


class QueryBoolean(fields.Boolean):
    """Exactly `true` or `false`."""

    default_error_messages = {"invalid": "Must be true or false."}  # noqa: RUF012  # as marshmallow declares it

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return bool(value == "true")
