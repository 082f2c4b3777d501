"""Log lines carry the request's id and never what people wrote or what opens doors."""

import io
import json
import logging
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from mtchat.config.areas import LoggingSettings
from mtchat.config.logging import REDACTED, bind_request_id, configure_logging, redact, redact_text, start_sentry

NOT_UNIQUE = "not unique\nDETAIL:  Key (text)=({}) already exists."


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; everything about logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.contextvars.clear_contextvars()
    yield io.StringIO()
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def json_lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_has_level_time_event_and_what_was_given(stream: io.StringIO) -> None:
    configure_logging(LoggingSettings(json=True), stream)
    structlog.get_logger().info("message_sent", dialog_id="d-1", seq=7)
    (line,) = json_lines(stream)
    assert (line["level"], line["event"], line["dialog_id"], line["seq"]) == ("info", "message_sent", "d-1", 7)
    assert line["timestamp"].endswith("Z")


def test_a_line_for_people_is_one_line_of_text(stream: io.StringIO) -> None:
    configure_logging(LoggingSettings(json=False), stream)
    structlog.get_logger().info("message_sent", dialog_id="d-1")
    assert stream.getvalue().count("\n") == 1
    assert "message_sent" in stream.getvalue()
    assert "dialog_id=d-1" in stream.getvalue()


def test_lines_below_the_level_are_not_written(stream: io.StringIO) -> None:
    configure_logging(LoggingSettings(level="warning", json=True), stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in json_lines(stream)] == ["loud"]


def test_what_libraries_log_has_the_same_form(stream: io.StringIO) -> None:
    configure_logging(LoggingSettings(json=True), stream)
    logging.getLogger("tornado.application").error("Uncaught exception GET %s", "/api/v1/dialogs?user_id=anna")
    (line,) = json_lines(stream)
    assert line["logger"] == "tornado.application"
    assert line["event"] == f"Uncaught exception GET /api/v1/dialogs?{REDACTED}"


def test_every_line_of_a_request_has_its_id(stream: io.StringIO) -> None:
    configure_logging(LoggingSettings(json=True), stream)
    given = bind_request_id("from-the-proxy.1")
    structlog.get_logger().info("ours")
    logging.getLogger("some.library").info("theirs")
    assert given == "from-the-proxy.1"
    assert [line["request_id"] for line in json_lines(stream)] == [given, given]


@pytest.mark.usefixtures("stream")
@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\nb", 'a"b', "ä"])
def test_an_odd_request_id_is_replaced(sent: str | None) -> None:
    given = bind_request_id(sent)
    assert given != sent
    assert given.isalnum()


@pytest.mark.parametrize(
    "key",
    [
        "content",
        "old_content",
        "body",
        "token",
        "adminToken",
        "tokens",
        "jwt",
        "Authorization",
        "query",
        "query_string",
        "queryArguments",
        "secret",
        "S3_SECRET_ACCESS_KEY",
        "password",
        "Cookie",
        "api-key",
        "X-Scope-Config",
        "sentry_dsn",
    ],
)
def test_a_forbidden_key_is_redacted_at_every_depth(key: str) -> None:
    event = {"event": "x", key: "hush", "inner": {key: "hush", "list": [{key: {"deep": "hush"}}]}}
    assert "hush" not in str(redact(None, "info", event))


@pytest.mark.parametrize("key", ["content_type", "content_length", "query_name", "dialog_id", "seq", "contextual"])
def test_a_harmless_key_is_left_alone(key: str) -> None:
    assert redact(None, "info", {key: "kept"}) == {key: "kept"}


def test_numbers_and_none_stay_what_they_are() -> None:
    event = {"seq": 7, "ratio": 0.5, "ok": True, "left": None}
    assert redact(None, "info", dict(event)) == event


def test_a_structure_that_contains_itself_ends() -> None:
    endless: dict[str, Any] = {}
    endless["inner"] = endless
    assert REDACTED in str(redact(None, "info", {"x": endless}))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("GET /api/v1/ws?token=abc (127.0.0.1)", f"GET /api/v1/ws?{REDACTED} (127.0.0.1)"),
        ("GET /search?q=a(b)'c\"d<e> 200", f"GET /search?{REDACTED} 200"),
        ("is it late? yes = no", "is it late? yes = no"),
        ("postgresql://mtchat:hush@db/mtchat", f"postgresql://mtchat:{REDACTED}@db/mtchat"),
        ("redis://:hush@redis/0", f"redis://:{REDACTED}@redis/0"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {REDACTED}"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln here", f"got {REDACTED} here"),
        ("null value\nDETAIL:  Failing row contains (1, hello\nworld).", f"null value\nDETAIL: {REDACTED}"),
    ],
)
def test_forbidden_parts_of_a_text_are_redacted(text: str, written: str) -> None:
    assert redact_text(text) == written


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_neither_variables_nor_failing_rows(stream: io.StringIO, as_json: bool) -> None:
    configure_logging(LoggingSettings(json=as_json), stream)
    whispered = "hush"
    try:
        raise ValueError(NOT_UNIQUE.format(whispered))
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("some.library").exception("failed")
    written = stream.getvalue()
    assert written.count("not unique") == 2
    assert "hush" not in written


class Reports:
    """Stands for the module sentry_sdk and keeps what it was started with."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def init(self, **options: Any) -> None:
        self.options = options


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Reports:
    made = Reports()
    module = types.ModuleType("sentry_sdk")
    module.__dict__["init"] = made.init
    monkeypatch.setitem(sys.modules, "sentry_sdk", module)
    return made


def test_error_reports_are_started_without_anything_personal(reports: Reports, stream: io.StringIO) -> None:
    configure_logging(LoggingSettings(sentry_dsn="https://key@sentry.example/1"), stream)
    assert reports.options["dsn"] == "https://key@sentry.example/1"
    assert not reports.options["send_default_pii"]
    assert not reports.options["include_local_variables"]


def test_an_error_report_is_redacted(reports: Reports) -> None:
    start_sentry("https://key@sentry.example/1")
    frame = {"function": "send", "lineno": 7}
    exception = {"value": "no /ws?token=hush", "stacktrace": {"frames": [frame]}}
    report = {"request": {"query_string": "hush"}, "exception": {"values": [exception]}, "extra": {"content": "hush"}}
    sent = reports.options["before_send"](report, {})
    assert "hush" not in str(sent)
    assert sent["exception"]["values"][0]["stacktrace"]["frames"] == [frame]


def test_a_dsn_without_the_package_is_said_in_the_log(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    configure_logging(LoggingSettings(json=True, sentry_dsn="https://key@sentry.example/1"), stream)
    (line,) = json_lines(stream)
    assert (line["level"], line["event"]) == ("warning", "sentry_not_started")
