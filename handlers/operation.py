"""`@operation`: what a handler method takes and answers, once: it parses the request and feeds the OpenAPI document."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, TypeVar

from marshmallow import Schema

from handlers.parsing import parser
from mtchat.core.errors import ChatError

Method = TypeVar("Method", bound=Callable[..., Any])
SchemaClass = type[Schema]


@dataclass(frozen=True, slots=True)
class Data:
    """`{"data": <object>}`, or `{"data": [..]}` with many, or also `{"data": null}` with nullable."""

    schema: SchemaClass
    many: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Bare:
    """An object without envelope."""

    schema: SchemaClass


@dataclass(frozen=True, slots=True)
class Empty:
    """No body."""


@dataclass(frozen=True, slots=True)
class Text:
    """A body that is not JSON of ours, by its media type."""

    media_type: str


Answer = Data | Bare | Empty | Text


@dataclass(frozen=True, slots=True)
class Operation:
    """The description of one handler method."""

    summary: str
    answer: Answer
    status: int
    errors: tuple[type[ChatError], ...]
    body: SchemaClass | None
    query: SchemaClass | None
    tags: tuple[str, ...]
    description: str
    example: Any
    body_example: Any
    headers: dict[str, str] = field(default_factory=dict)
    also: dict[int, Answer] = field(default_factory=dict)


_ATTRIBUTE: Final = "__mtchat_operation__"


def operation(
    summary: str,
    *,
    answer: Answer | None = None,
    status: int = 200,
    errors: tuple[type[ChatError], ...] = (),
    body: SchemaClass | None = None,
    query: SchemaClass | None = None,
    tags: tuple[str, ...] = (),
    description: str = "",
    example: Any = None,
    body_example: Any = None,
    headers: dict[str, str] | None = None,
    also: dict[int, Answer] | None = None,
) -> Callable[[Method], Method]:
    """Describe a handler method and parse its request.

    answer: shape of the body answered with `status`; None means no body. errors: the ChatError classes this method may
    raise beside those that follow from its access, path, body and query. body, query: schemas; the method takes the
    loaded dictionaries as keyword arguments `body` and `query`. headers: further request headers, name -> sentence.
    also: further statuses with their answers. example: what stands inside `data`, or the bare answer. body_example: a
    request body.
    """
    described = Operation(
        summary=summary,
        answer=answer or Empty(),
        status=status,
        errors=errors,
        body=body,
        query=query,
        tags=tags,
        description=description,
        example=example,
        body_example=body_example,
        headers=headers or {},
        also=also or {},
    )
    # Made once: building a schema costs more than loading one.
    query_schema = query() if query is not None else None
    body_schema = body() if body is not None else None

    def decorate(method: Method) -> Method:
        if query_schema is None and body_schema is None:
            setattr(method, _ATTRIBUTE, described)
            return method

        # Not a coroutine itself: it hands on the method's awaitable, so parsing costs no extra hop.
        @wraps(method)
        def parsed(self: Any, *args: Any, **kwargs: Any) -> Any:
            if query_schema is not None:
                kwargs["query"] = parser.parse(query_schema, self.request, location="query")
            if body_schema is not None:
                kwargs["body"] = parser.parse(body_schema, self.request, location="json")
            return method(self, *args, **kwargs)

        setattr(parsed, _ATTRIBUTE, described)
        return parsed  # type: ignore[return-value]

    return decorate


def operation_of(method: Callable[..., Any]) -> Operation | None:
    """Return what `@operation` said about a method, or None."""
    found: Operation | None = getattr(method, _ATTRIBUTE, None)
    return found
