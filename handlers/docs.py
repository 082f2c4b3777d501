"""The OpenAPI document as a page for people: rendered here, our own stylesheet, no script, nothing from elsewhere."""

import html
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from handlers.base import ApiHandler
from handlers.identity import open_to_all
from handlers.operation import Text, operation

# Only our stylesheet may load; the page has no script at all.
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_CODE: Final = re.compile(r"`([^`]+)`")
_STRONG: Final = re.compile(r"\*\*([^*]+)\*\*")

_CALLERS: Final = (
    ("userId", "A user, believed", "?user_id=…"),
    ("userToken", "A user, signed", "Authorization: Bearer <JWT>"),
    ("scopeConfig", "What the user may find and join", "X-Scope-Config: …"),
    ("adminToken", "The host's backend", "Authorization: Bearer <admin token>"),
)


class DocsHandler(ApiHandler):
    """The interface, readable."""

    @open_to_all
    @operation("The interface as a page for people", answer=Text("text/html"), tags=("operations",))
    async def get(self) -> None:
        document = orjson.loads(self.application.openapi_document)
        self.set_header("Content-Security-Policy", CONTENT_POLICY)
        page = self.render_string("docs.html", document=document, groups=groups_of(document), page=PageHelp(document))
        self.answer_text(page, "text/html; charset=utf-8")


class DocsStyleHandler(ApiHandler):
    """The page's stylesheet."""

    @open_to_all
    @operation("The stylesheet of that page", answer=Text("text/css"), tags=("operations",))
    async def get(self) -> None:
        self.answer_text(_file(self.services.settings.server.templates_dir / "docs.css"), "text/css; charset=utf-8")


@cache
def _file(path: Path) -> bytes:
    return path.read_bytes()


def groups_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations by tag, in the order of the tags: name, description, operations."""
    groups = [{**tag, "operations": []} for tag in document.get("tags", [])]
    by_name = {group["name"]: group["operations"] for group in groups}
    for path, item in document["paths"].items():
        for method, content in item.items():
            if method == "parameters":
                continue
            entry = {**content, "path": path, "method": method.upper()}
            entry["parameters"] = [*item.get("parameters", []), *content.get("parameters", [])]
            for tag in content.get("tags", []):
                by_name[tag].append(entry)
    return [group for group in groups if group["operations"]]


class PageHelp:
    """Turns parts of the document into what the template shows."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def prose(self, text: str) -> str:
        """Return HTML of a description: paragraphs, `code` and **strong**, everything else escaped."""
        return "".join(f"<p>{self.inline(part)}</p>" for part in text.split("\n\n") if part.strip())

    def inline(self, text: str) -> str:
        """Return HTML of a sentence, without a paragraph around it."""
        return _STRONG.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", html.escape(text, quote=False)))

    def pretty(self, value: Any) -> str:
        """Return a value as indented JSON."""
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference into the document; what is none comes back as it is."""
        while "$ref" in part:
            found: Any = self._document
            for key in part["$ref"].lstrip("#/").split("/"):
                found = found[key]
            part = found
        return part

    def sentence(self, text: str) -> str:
        """Return a description that another sentence may follow."""
        return text if not text or text[-1] in ".!?" else f"{text}."

    def callers_explained(self) -> list[dict[str, str]]:
        """Return who may call and how he shows it, the most usual first: title, how, text."""
        schemes = self._document["components"]["securitySchemes"]
        return [{"title": title, "how": how, "text": schemes[name]["description"]} for name, title, how in _CALLERS]

    def type_of(self, schema: dict[str, Any]) -> str:
        """Return a schema's type in a few words."""
        if "$ref" in schema:
            return str(schema["$ref"].rpartition("/")[2])
        if "anyOf" in schema:
            return " or ".join(self.type_of(option) for option in schema["anyOf"])
        if "allOf" in schema:
            return self.type_of(schema["allOf"][0])
        kind: Any = schema.get("type", "any JSON")
        kinds: list[str] = kind if isinstance(kind, list) else [kind]
        words: list[str] = [schema.get("format", name) if name == "string" else name for name in kinds]
        if "array" in words:
            words[words.index("array")] = f"{self.type_of(schema.get('items', {}))}[]"
        return " or ".join(words)

    def fields_of(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a schema's table: name, type, whether required, what it means."""
        found = self.resolved(schema)
        required = found.get("required", [])
        return [
            {
                "name": name,
                "type": self.type_of(inner),
                "required": name in required,
                "text": inner.get("description", ""),
                "values": [value for value in inner.get("enum", []) if value is not None],
            }
            for name, inner in found.get("properties", {}).items()
        ]

    def schemas_in(self, schema: dict[str, Any]) -> list[str]:
        """Return the names of the components a schema is made of, itself first, each once."""
        found: list[str] = []
        self._collect(schema, found)
        return found

    def _collect(self, schema: Any, found: list[str]) -> None:
        if isinstance(schema, list):
            for inner in schema:
                self._collect(inner, found)
        if not isinstance(schema, dict):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            if name not in found:
                found.append(name)
                self._collect(self.resolved(schema), found)
            return
        for inner in schema.values():
            self._collect(inner, found)

    def component(self, name: str) -> dict[str, Any]:
        """Return a schema by its name."""
        schema: dict[str, Any] = self._document["components"]["schemas"][name]
        return schema

    def callers(self, content: dict[str, Any]) -> str:
        """Return in words who may call an operation."""
        named = {name for option in content.get("security", []) for name in option}
        if "adminToken" in named:
            return "admin token"
        if not named:
            return "anybody"
        return "user and X-Scope-Config" if "scopeConfig" in named else "user"


ROUTES = [
    ("/api/docs", DocsHandler),
    ("/api/docs/style.css", DocsStyleHandler),
]
