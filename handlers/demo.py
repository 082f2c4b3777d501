"""The demo's pages: two people side by side, in the chat component itself. Served by `mtchat demo` alone."""

from functools import cache
from pathlib import Path
from typing import Final

import orjson

from handlers.base import ApiHandler
from handlers.identity import open_to_all
from handlers.operation import Text, operation
from mtchat.config.areas import StorageSettings
from mtchat.core.errors import NotFound
from mtchat.demo_story import PEOPLE

_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript"}
_TAGS: Final = ("operations",)
_ENTRY: Final = "demo.js"


@cache
def content_policy(storage: StorageSettings) -> str:
    """Everything from here, files from the storage, nothing inline; no string becomes HTML or a script unseen."""
    addresses = (storage.public_url, storage.public_endpoint or storage.endpoint)
    files = " ".join(["'self'", *(address for address in addresses if address)])
    return (
        f"default-src 'self'; connect-src {files}; img-src {files} blob: data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'; require-trusted-types-for 'script'; "
        "trusted-types vue dompurify mtchat-inert mtchat-pdf"
    )


class _Page(ApiHandler):
    """A page that the script draws, or what to do while there is no script."""

    name: str

    def answer_page(self) -> None:
        """Answer the page of this name."""
        self.set_header("Content-Security-Policy", content_policy(self.services.settings.storage))
        folder = self.services.settings.server.demo_dir
        if not (folder / _ENTRY).is_file():
            self.set_status(503)
            self.answer_text(self.render_string("demo_unbuilt.html", folder=folder), "text/html; charset=utf-8")
            return
        people = orjson.dumps([{"user_id": user_id, **person} for user_id, person in PEOPLE.items()])
        html = self.render_string("demo.html", page=self.name, people=people)
        self.answer_text(html, "text/html; charset=utf-8")


class DemoHandler(_Page):
    """Two people with all their chats."""

    name = "full"

    @open_to_all
    @operation("The demo", answer=Text("text/html"), tags=_TAGS)
    async def get(self) -> None:
        self.answer_page()


class DemoInlineHandler(_Page):
    """Two people, each beside the object their chat is about."""

    name = "inline"

    @open_to_all
    @operation("The demo beside an object", answer=Text("text/html"), tags=_TAGS)
    async def get(self) -> None:
        self.answer_page()


class DemoFileHandler(ApiHandler):
    """A script or stylesheet of the pages."""

    @open_to_all
    @operation("A file of the demo", answer=Text("text/css"), tags=_TAGS)
    async def get(self, name: str) -> None:
        found = _files(self.services.settings.server.demo_dir).get(name)
        if found is None:
            raise NotFound("There is no such file in the demo")
        # Fixed names change their content with each build.
        self.set_header("Cache-Control", "no-cache")
        self.answer_text(found.read_bytes(), f"{_MEDIA_TYPES[found.suffix]}; charset=utf-8")


def _files(folder: Path) -> dict[str, Path]:
    """Return what may be handed out, by name: nothing of the path of a request reaches the file system."""
    return {path.name: path for path in folder.glob("*") if path.suffix in _MEDIA_TYPES and path.is_file()}


ROUTES = [
    ("/demo", DemoHandler),
    ("/demo/inline", DemoInlineHandler),
    ("/demo/app/{name}", DemoFileHandler),
]
