"""The pages of `mtchat demo`: the chat component under a strict policy, or what to run to have it."""

import html
import json
import re
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers.application import ROUTES, ChatApplication
from handlers.demo import ROUTES as DEMO_ROUTES
from mtchat.demo_story import PEOPLE
from tests.support.clients import ApiClient
from tests.support.small_app import ask_raw, client_of, small_app

BUILT = {"demo.js": "start()", "demo.css": "main{}", "pdf.worker.min.mjs": "work()", "notes.txt": "not for the world"}


@pytest.fixture
def demo_dir(tmp_path: Path) -> Path:
    return tmp_path / "dist"


@pytest.fixture
def app(demo_dir: Path) -> ChatApplication:
    environment = {"DEMO_DIR": str(demo_dir), "PUBLIC_URL": "http://chat.example"}
    return small_app([*ROUTES, *DEMO_ROUTES], environment)


@pytest.fixture
def visitor(http_client: AsyncHTTPClient, base_url: str) -> ApiClient:
    return client_of(http_client, base_url)


@pytest.fixture
def built(demo_dir: Path) -> None:
    """The pages as npm leaves them."""
    demo_dir.mkdir()
    for name, text in BUILT.items():
        (demo_dir / name).write_text(text, encoding="utf-8")


@pytest.mark.gen_test
@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("path", "page"), [("/demo", "full"), ("/demo/inline", "inline")])
async def test_a_page_says_what_it_shows_and_who_is_there(visitor: ApiClient, path: str, page: str) -> None:
    answer = await visitor.get(path)
    text = answer.body.decode()
    assert answer.status == 200
    assert f'data-page="{page}"' in text
    (people,) = re.findall(r'data-people="([^"]*)"', text)
    told = {person.pop("user_id"): person for person in json.loads(html.unescape(people))}
    assert told == PEOPLE


@pytest.mark.gen_test
@pytest.mark.usefixtures("built")
async def test_nothing_of_a_page_is_inline_and_its_policy_forbids_it(visitor: ApiClient) -> None:
    answer = await visitor.get("/demo")
    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", answer.body.decode())
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "img-src 'self' http://chat.example blob: data:" in policy


@pytest.mark.gen_test
@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("name", "media_type"),
    [("demo.js", "text/javascript"), ("demo.css", "text/css"), ("pdf.worker.min.mjs", "text/javascript")],
)
async def test_the_built_files_are_handed_out(visitor: ApiClient, name: str, media_type: str) -> None:
    answer = await visitor.get(f"/demo/app/{name}")
    assert (answer.status, answer.body.decode()) == (200, BUILT[name])
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"


@pytest.mark.gen_test
@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", ["notes.txt", "missing.js", "..%2Fsecret.js", "%2e%2e", ".", "%2Fetc%2Fpasswd"])
async def test_nothing_else_is_handed_out(
    http_client: AsyncHTTPClient, base_url: str, demo_dir: Path, name: str
) -> None:
    (demo_dir.parent / "secret.js").write_text("secret", encoding="utf-8")
    answer = await ask_raw(http_client, f"{base_url}/demo/app/{name}")
    assert answer.status == 404


@pytest.mark.gen_test
async def test_an_unbuilt_page_says_what_to_run(visitor: ApiClient, demo_dir: Path) -> None:
    answer = await visitor.get("/demo")
    assert answer.status == 503
    assert "npm run build:demo" in answer.body.decode()
    assert str(demo_dir) in answer.body.decode()
    assert (await visitor.get("/demo/app/demo.js")).status == 404
