"""The demo's page: two people in two halves of a window. Served by `mtchat demo` alone."""

from typing import Final

from handlers.base import ApiHandler
from handlers.identity import open_to_all
from handlers.operation import Text, operation
from mtchat.core.errors import NotFound
from mtchat.demo_story import PEOPLE

# Everything comes from here; the socket of this page goes back to here.
CONTENT_POLICY: Final = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
_TAGS: Final = ("operations",)


class DemoHandler(ApiHandler):
    """Two halves."""

    @open_to_all
    @operation("The demo", answer=Text("text/html"), tags=_TAGS)
    async def get(self) -> None:
        self.set_header("Content-Security-Policy", CONTENT_POLICY)
        self.answer_text(self.render_string("demo.html"), "text/html; charset=utf-8")


class DemoPersonHandler(ApiHandler):
    """One half: the chat as one person sees it."""

    @open_to_all
    @operation("The demo as one person sees it", answer=Text("text/html"), tags=_TAGS)
    async def get(self) -> None:
        self.set_header("Content-Security-Policy", CONTENT_POLICY)
        self.answer_text(self.render_string("demo_person.html", people=PEOPLE), "text/html; charset=utf-8")


class DemoFileHandler(ApiHandler):
    """A script or stylesheet of the page."""

    @open_to_all
    @operation("A file of the demo", answer=Text("text/css"), tags=_TAGS)
    async def get(self, name: str) -> None:
        folder = self.services.settings.server.templates_dir
        # Only these two names exist: nothing of the path reaches the file system.
        found = {"demo.css", "demo.js"} & {name}
        if not found:
            raise NotFound("There is no such file in the demo")
        path = folder / found.pop()
        self.answer_text(path.read_bytes(), f"{_MEDIA_TYPES[path.suffix]}; charset=utf-8")


ROUTES = [
    ("/demo", DemoHandler),
    ("/demo/person", DemoPersonHandler),
    ("/demo/{name}", DemoFileHandler),
]
