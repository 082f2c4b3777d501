"""Turns query strings and JSON bodies into what schemas load; their mistakes become errors that say what to change."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError
from tornado.httputil import HTTPServerRequest
from webargs.tornadoparser import TornadoParser

from mtchat.core.errors import BadRequest, InvalidInput, UnprocessableInput, UnsupportedMedia

# PostgreSQL's jsonb and every JSON writer recurse; nobody nests by hand beyond a dozen.
MAX_NESTING: Final = 128
# More than this many mistakes in one answer help nobody.
_TOLD_MISTAKES: Final = 3


class RequestParser(TornadoParser):
    """webargs' parser with our JSON reader and our errors. Never raises anything but a ChatError."""

    # As webargs declares it.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {"json": EXCLUDE, "query": EXCLUDE}  # noqa: RUF012

    def load_json(self, req: HTTPServerRequest, schema: Schema) -> Any:
        """Return the parsed body. Raises UnsupportedMedia, BadRequest or InvalidInput."""
        _require_json(req.headers.get("Content-Type"))
        return parse_json(req.body)

    def load_querystring(self, req: HTTPServerRequest, schema: Schema) -> dict[str, str]:
        """Return the first value of each parameter the schema knows, decoded. Raises BadRequest."""
        given = req.query_arguments
        found = {}
        for name in schema.load_fields:
            values = given.get(name)
            if values:
                found[name] = _query_text(name, values[0])
        return found

    def handle_error(
        self,
        error: ValidationError,
        req: HTTPServerRequest,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise BadRequest for the query, UnprocessableInput for the body, naming the fields."""
        messages: dict[str, Any] = error.messages_dict
        location, problems = next(iter(messages.items()))
        sentence = "; ".join(_sentences(problems)[:_TOLD_MISTAKES])
        if location == "query":
            raise BadRequest(f"Query parameter {sentence}") from None
        raise UnprocessableInput(f"Body: {sentence}") from None


parser = RequestParser()


def parse_json(body: bytes) -> Any:
    """Parse a JSON body. Raises BadRequest when it is none or nests too deep, InvalidInput for NUL characters in it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg} at character {error.pos}") from None
    if body.count(b"[") + body.count(b"{") > MAX_NESTING:
        _check_nesting(value)
    if b"\\u0000" in body:
        _refuse_nul(value)
    return value


def _require_json(content_type: str | None) -> None:
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json")):
        return
    raise UnsupportedMedia("Send the body with the header Content-Type: application/json")


def _check_nesting(value: Any) -> None:
    level = [value]
    for _ in range(MAX_NESTING + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise BadRequest(f"The body nests deeper than {MAX_NESTING} levels")


def _refuse_nul(value: Any, path: str = "") -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise InvalidInput(f"{path or 'The body'} has the NUL character; remove it")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if "\0" in key:
                raise InvalidInput(f"A field name in {path or 'the body'} has the NUL character; remove it")
            _refuse_nul(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_nul(inner, f"{path}[{index}]")


def _query_text(name: str, raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"Query parameter {name} is not valid UTF-8; percent-encode its UTF-8 bytes") from None
    if "\0" in text:
        raise BadRequest(f"Query parameter {name} has the NUL character; remove it")
    return text


def _sentences(problems: Any, path: str = "") -> list[str]:
    """Flatten marshmallow's tree of messages: `participants[0].user_id is required`."""
    if isinstance(problems, dict):
        return [line for key, inner in problems.items() for line in _sentences(inner, _joined(path, key))]
    if isinstance(problems, list):
        return [line for inner in problems for line in _sentences(inner, path)]
    text = str(problems)
    if text == "Missing data for required field.":
        return [f"{path} is required"]
    return [f"{path}: {text}" if path else text]


def _joined(path: str, key: Any) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key == "_schema":
        return path
    return f"{path}.{key}" if path else str(key)
