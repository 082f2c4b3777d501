"""A list whose length is looked at before its items."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from mtchat.core.errors import ChatError, InvalidInput


class BoundedList(fields.List[Any]):
    """A list of at most `max_items`: a body may hold 700,000 empty items, and reading them would hold the event loop.

    A longer one raises `too_many`, as a rule InvalidInput (400), the status of every limit; a wrong shape is a 422.
    """

    def __init__(
        self,
        cls_or_instance: fields.Field[Any] | type[fields.Field[Any]],
        *,
        max_items: int,
        too_many: type[ChatError] = InvalidInput,
        **kwargs: Any,
    ):
        # The validator never fires; it is where the OpenAPI document reads `maxItems` from.
        super().__init__(cls_or_instance, validate=validate.Length(max=max_items), **kwargs)
        self.max_items = max_items
        self.too_many = too_many

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.max_items:
            name = attr or "the list"
            raise self.too_many(f"{name} has {len(value):,} items; at most {self.max_items:,} are allowed")
        return super()._deserialize(value, attr, data, **kwargs)
