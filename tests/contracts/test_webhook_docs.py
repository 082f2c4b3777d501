"""docs/webhooks.md: its code runs and believes what we send, its events are all there are."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from mtchat.core.retries import RETRY_DELAYS_SECS
from mtchat.core.schemas.webhooks import EVENTS, TEST_EVENT
from mtchat.core.signatures import new_secret, signed_headers

PAGE: Final = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BODY: Final = '{"id":"1","type":"message_new","payload":{"text":"größer"}}'.encode()
Verify = Callable[[str, dict[str, str], bytes], bool]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def _python(name: str) -> Verify:
    """A function of the page's Python."""
    found: dict[str, Any] = {}
    exec("\n".join(_blocks("python")), found)  # noqa: S102
    function: Verify = found[name]
    return function


def _node(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Ask the page's function for Node."""
    node = shutil.which("node")
    assert node, "Node.js is missing: apt-get install nodejs"
    (code,) = _blocks("js")
    asked = json.dumps([secret, headers, body.decode()])
    call = f"const [secret, headers, body] = {asked}\nconsole.log(isGenuine(secret, headers, Buffer.from(body)))"
    done = subprocess.run([node, "-e", f"{code}\n{call}"], capture_output=True, text=True, check=True, timeout=30)
    return {"true": True, "false": False}[done.stdout.strip()]


def _headers(secret: str, previous: str | None = None, at: float | None = None) -> dict[str, str]:
    headers = signed_headers("msg-1", "message.new", BODY, secret, previous, int(at or time.time()))
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize("verify", [_python("is_genuine"), _node], ids=["python", "node"])
def test_the_code_of_the_page_believes_us_and_nobody_else(verify: Verify) -> None:
    """P8, F52: also during a rotation, and a secret that is plain text."""
    secret, other = new_secret(), new_secret()
    assert verify(secret, _headers(secret), BODY)
    assert verify(secret, _headers(other, secret), BODY)
    assert verify("a plain secret", _headers("a plain secret"), BODY)
    assert not verify(secret, _headers(other), BODY)
    assert not verify(secret, _headers(secret), BODY + b" ")
    assert not verify(secret, _headers(secret, at=time.time() - 3_600), BODY)
    assert not verify(secret, {**_headers(secret), "webhook-id": "msg-2"}, BODY)


def test_the_code_for_the_old_header_believes_us_and_nobody_else() -> None:
    verify, secret = _python("is_genuine_by_the_old_header"), new_secret()
    assert verify(secret, _headers(secret), BODY)
    assert not verify(secret, _headers(new_secret()), BODY)
    assert not verify(secret, _headers(secret), BODY + b" ")


def test_the_page_names_every_event_and_no_other() -> None:
    rows = re.findall(r"^\| (`[a-z.`, ]+`) \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z.]+)`", row)} == {*EVENTS, TEST_EVENT}


def test_each_kind_of_payload_has_an_example_that_names_its_chat() -> None:
    examples = [json.loads(block) for block in _blocks("json")]
    # dialog.created and dialog.deleted share one, webhook.test is of no chat.
    assert len(examples) == len(EVENTS) - 1
    assert all({"dialog_id", "object_id", "object_type"} < example.keys() for example in examples)


def test_the_page_tells_the_schedule() -> None:
    """Design 6."""
    told = "1, 2, 4 and 30 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours"
    assert told in PAGE
    factors = (1, 1, 1, 1, 60, 60, 3_600, 3_600, 3_600, 3_600, 3_600, 3_600)
    numbers = [int(number) for number in re.findall(r"\d+", told)]
    assert tuple(number * factor for number, factor in zip(numbers, factors, strict=True)) == RETRY_DELAYS_SECS
