"""The OpenAPI 3.1 document, made from the routes, their @operation and the schemas: nothing of it is written twice."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema
from tornado.web import RequestHandler

from handlers.base import HTTP_METHODS, UUID_PARAMETERS, ApiHandler
from handlers.identity import Access, access_of, open_to_all
from handlers.operation import Answer, Bare, Data, Operation, Text, operation, operation_of
from handlers.routing import RouteEntry
from mtchat.core import errors
from mtchat.core.errors import ChatError
from mtchat.core.fields import MAX_ID_CHARS, MAX_OBJECT_TYPE_CHARS
from mtchat.core.schemas.errors import ErrorOut
from mtchat.core.schemas.fields import WireUuid

JSON: Final = "application/json"

TAGS: Final = {
    "dialogs": "Dialogs as a chat user sees them: find, join, leave, archive, pin, mute.",
    "participants": "Who is in a dialog.",
    "messages": "Pages of messages, send, edit, delete, and the read position.",
    "attachments": "Files: leave to upload, links to open.",
    "realtime": "The WebSocket.",
    "management": "For the host's backend: make dialogs, add and remove people, set who may join.",
    "operations": "For load balancers, monitoring and developers.",
}

_DESCRIPTION: Final = """\
A chat for the objects of your product. The **Chat API** (`/api/v1`) is spoken by the SDK in the browser, as one user; \
the **Management API** (`/api/v1/management`) by your backend, with an admin token.

Every failure has the same body, `{"error": {"code": "...", "message": "..."}}`: programs look at the code, people \
read the message, which says what to change. An address that does not exist answers 404 `NOT_FOUND`, a method it does \
not have 405 `BAD_REQUEST` with `Allow`. `GET` addresses answer `HEAD`, `OPTIONS` is answered everywhere.

Bodies hold at most 2 MiB; unknown fields in them are ignored. Times are RFC 3339 in UTC with six digits. Ids of ours \
are UUIDs; user and object ids are your own strings of at most 255 characters.\
"""

_SECURITY_SCHEMES: Final[dict[str, dict[str, str]]] = {
    "userToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token signed by the host; its claim is the user. With JWT_AUTH_ENABLED.",
    },
    "userId": {
        "type": "apiKey",
        "in": "query",
        "name": "user_id",
        "description": "The user, believed as it is; `sender_id` is another name for it. Without JWT_AUTH_ENABLED.",
    },
    "scopeConfig": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Scope-Config",
        "description": 'What the user may find and join: base64 of `{"scope_level0": [..], "scope_level1": [..], '
        '"scope_level2": [..]}`. Scopes signed into the token can only be narrowed by it.',
    },
    "adminToken": {"type": "http", "scheme": "bearer", "description": "One of the ADMIN_API_TOKENs."},
}

_USER_SECURITY: Final[list[dict[str, list[str]]]] = [{"userId": []}, {"userToken": []}]
_SCOPED_SECURITY: Final[list[dict[str, list[str]]]] = [
    {"userId": [], "scopeConfig": []},
    {"userToken": [], "scopeConfig": []},
]
_SECURITY: Final[dict[Access, list[dict[str, list[str]]]]] = {
    Access("open"): [],
    Access("admin"): [{"adminToken": []}],
    Access("user"): _USER_SECURITY,
    Access("user", "optional"): _USER_SECURITY + _SCOPED_SECURITY,
    # With scopes signed into the token the header is not needed.
    Access("user", "required"): [*_SCOPED_SECURITY, {"userToken": []}],
}

_PARAMETERS: Final = {
    "object_type": "The host's name for a kind of object, percent-encoded",
    "object_id": "The host's id of an object, percent-encoded",
    "user_id": "The host's id of a person, percent-encoded",
}
# A user_id has none here: removing somebody nobody can be is done already.
_PATH_LIMITS: Final = {
    "object_type": {"maxLength": MAX_OBJECT_TYPE_CHARS},
    "object_id": {"maxLength": MAX_ID_CHARS},
}


def build_document(routes: Iterable[RouteEntry]) -> dict[str, Any]:
    """Return the document of these routes."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="MTChat",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": _DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": "/"}],
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    assert plugin.converter is not None
    plugin.map_to_openapi_type(WireUuid, "string", "uuid")  # type: ignore[no-untyped-call]  # of the library
    for name, scheme in _SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, dict(scheme))
    table = sorted(routes, key=lambda entry: entry[0])
    with warnings.catch_warnings():
        # A schema that is used as it is and inside of another is one component, not two.
        warnings.filterwarnings("ignore", message="Multiple schemas resolved to the name")
        for name, alike in _failures(table).items():
            spec.components.response(name, _failure(alike))
        for template, handler in table:
            spec.path(
                path=template,
                parameters=[_path_parameter(name) for name in _names_in(template)],
                operations=dict(_operations(template, handler)),
            )
    document = spec.to_dict()
    for key, name in plugin.converter.refs.items():
        document["components"]["schemas"][name]["description"] = _first_line(key[0].__doc__)
    _drop_nulls_of_queries(document)
    return document


def _failures(routes: Iterable[RouteEntry]) -> dict[str, list[type[ChatError]]]:
    """Name each set of failures that some method answers with one status: they are written once and referred to."""
    found: dict[str, list[type[ChatError]]] = {}
    for template, handler in routes:
        for _, method, _ in described_methods(handler):
            failures = errors_of(template, handler, method)
            for status in {error.status for error in failures}:
                alike = [error for error in failures if error.status == status]
                found["Or".join(error.__name__ for error in alike)] = alike
    return dict(sorted(found.items()))


def _drop_nulls_of_queries(document: dict[str, Any]) -> None:
    """A query parameter is there or not; that our code then sees None is nobody else's business."""
    for path in document["paths"].values():
        for content in path.values():
            for parameter in content.get("parameters", []) if isinstance(content, dict) else []:
                schema = parameter["schema"]
                if schema.get("default", 0) is None:
                    del schema["default"]
                if isinstance(schema.get("type"), list):
                    schema["type"] = next(name for name in schema["type"] if name != "null")


def document_bytes(routes: Iterable[RouteEntry]) -> bytes:
    """Return the document as JSON for people: indented, fields in the order of their schemas, a final line break."""
    return orjson.dumps(build_document(routes), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def described_methods(handler: type[RequestHandler]) -> Iterator[tuple[str, Callable[..., Any], Operation]]:
    """List the HTTP methods of a handler with their @operation. Raises TypeError naming one that has none."""
    for name in HTTP_METHODS:
        method = getattr(handler, name.lower())
        if access_of(method) is None:
            continue
        described = operation_of(method)
        if described is None:
            raise TypeError(f"{handler.__module__}.{handler.__qualname__}.{name.lower()} needs @operation")
        yield name.lower(), method, described


def errors_of(template: str, handler: type[RequestHandler], method: Callable[..., Any]) -> list[type[ChatError]]:
    """List every failure a method may answer: its own, and those of identity, path, query, body and the server."""
    access, described = access_of(method), operation_of(method)
    if access is None or described is None:
        raise TypeError(f"{handler.__qualname__} needs an access decorator and @operation")
    found: set[type[ChatError]] = {errors.InternalError, errors.PayloadTooLarge, *described.errors}
    if getattr(handler, "rate_limited", True):
        found.add(errors.RateLimited)
    if access.kind == "user":
        found |= {errors.Unauthorized, errors.Forbidden, errors.BadRequest, errors.InvalidInput}
    if access.kind == "admin":
        found |= {errors.Unauthorized, errors.Forbidden}
    if access.kind != "open":
        found.add(errors.Unavailable)
    if "{" in template or described.query is not None:
        found.add(errors.BadRequest)
    if described.body is not None:
        found |= {errors.BadRequest, errors.InvalidInput, errors.UnsupportedMedia, errors.UnprocessableInput}
    return sorted(found, key=lambda error: (error.status, error.code, error.__name__))


def _operations(template: str, handler: type[RequestHandler]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, method, described in described_methods(handler):
        access = access_of(method)
        assert access is not None
        content: dict[str, Any] = {
            "operationId": _operation_id(name, template),
            "summary": described.summary,
            "tags": list(described.tags),
            "security": _SECURITY[access],
            "responses": _responses(template, handler, method, described),
        }
        if described.description:
            content["description"] = described.description
        parameters = _query_and_headers(described)
        if parameters:
            content["parameters"] = parameters
        if described.body is not None:
            body: dict[str, Any] = {"schema": described.body}
            if described.body_example is not None:
                body["example"] = described.body_example
            content["requestBody"] = {"required": True, "content": {JSON: body}}
        yield name, content


def _responses(
    template: str, handler: type[RequestHandler], method: Callable[..., Any], described: Operation
) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in {described.status: described.answer, **described.also}.items():
        responses[str(status)] = _success(status, answer, described)
    failures = errors_of(template, handler, method)
    for status in sorted({error.status for error in failures}):
        alike = [error for error in failures if error.status == status]
        if str(status) in responses:
            # The one address whose failure has a body of its own, readiness, says nothing else with this status.
            continue
        responses[str(status)] = "Or".join(error.__name__ for error in alike)
    return responses


def _success(status: int, answer: Answer, described: Operation) -> dict[str, Any]:
    response: dict[str, Any] = {"description": _STATUS_WORDS.get(status, "Done")}
    example = described.example if status == described.status else None
    if isinstance(answer, Text):
        kind = "object" if answer.media_type == JSON else "string"
        response["content"] = {answer.media_type: {"schema": {"type": kind}}}
    elif isinstance(answer, Bare):
        response["content"] = {JSON: {"schema": answer.schema} | ({"example": example} if example is not None else {})}
    elif isinstance(answer, Data):
        content: dict[str, Any] = {"schema": _enveloped(answer)}
        if example is not None:
            content["example"] = {"data": example}
        response["content"] = {JSON: content}
    return response


_STATUS_WORDS: Final = {
    101: "The connection is open; frames follow",
    200: "Done",
    201: "Added",
    204: "Done; no body",
    503: "Not ready",
}


def _enveloped(answer: Data) -> dict[str, Any]:
    inner: Any = answer.schema
    if answer.many:
        inner = {"type": "array", "items": inner}
    if answer.nullable:
        inner = {"anyOf": [inner, {"type": "null"}]}
    return {"type": "object", "required": ["data"], "properties": {"data": inner}}


def _failure(alike: list[type[ChatError]]) -> dict[str, Any]:
    """Describe the failures that share a status."""
    response: dict[str, Any] = {
        "description": "\n\n".join(f"`{error.code}`: {_first_line(error.__doc__)}" for error in alike),
        "content": {
            JSON: {
                "schema": ErrorOut,
                "examples": {
                    error.code: {"value": {"error": {"code": error.code, "message": "What to change"}}}
                    for error in alike
                },
            }
        },
    }
    if alike[0] in (errors.RateLimited, errors.Unavailable):
        text = "Whole seconds to wait before the same request may succeed"
        response["headers"] = {"Retry-After": {"description": text, "schema": {"type": "integer", "minimum": 1}}}
    if alike[0] is errors.Unauthorized:
        response["headers"] = {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}}
    return response


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _query_and_headers(described: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = []
    if described.query is not None:
        parameters.append({"in": "query", "schema": described.query})
    for name, sentence in described.headers.items():
        parameters.append({"in": "header", "name": name, "description": sentence, "schema": {"type": "string"}})
    return parameters


def _path_parameter(name: str) -> dict[str, Any]:
    if name in UUID_PARAMETERS:
        schema: dict[str, Any] = {"type": "string", "format": "uuid"}
        text = "With or without hyphens"
    else:
        schema = {"type": "string", "minLength": 1} | _PATH_LIMITS.get(name, {})
        text = _PARAMETERS.get(name, "Percent-encoded")
    return {"in": "path", "name": name, "required": True, "description": text, "schema": schema}


def _names_in(template: str) -> list[str]:
    return [segment.strip("{}") for segment in template.split("/") if segment.startswith("{")]


def _operation_id(method: str, template: str) -> str:
    words = template.removeprefix("/api/v1").replace("{", "").replace("}", "").replace("-", "_").replace(".", "_")
    return method + words.replace("/", "_")


def _schema_name(schema: type[Schema] | Schema | str) -> str:
    if isinstance(schema, str):
        return schema
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


class OpenApiHandler(ApiHandler):
    """The document of this very server."""

    @open_to_all
    @operation("This document", answer=Text(JSON), tags=("operations",))
    async def get(self) -> None:
        self.answer_text(self.application.openapi_document, JSON)


ROUTES = [("/api/v1/openapi.json", OpenApiHandler)]
