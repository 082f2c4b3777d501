"""What a message may contain: HTML is cleaned before it is stored, lengths are counted in characters.

Pure functions. What comes out of `clean_html` may be put into any page as it is; cleaning it again changes nothing, so
an edit that sends stored content back never alters it.
"""

import html
import re
import unicodedata
from collections import Counter
from typing import Final

import nh3

from mtchat.core.errors import InvalidInput

MAX_CONTENT_CHARS: Final = 50_000
# Plain text of the longest message grows sixfold at most (`&nbsp;`); only markup made to explode grows further.
MAX_CLEANED_CHARS: Final = 6 * MAX_CONTENT_CHARS
# An HTML parser reopens unclosed formatting tags in each following block. 16 kB of them and 30 kB of blocks would make
# 14 million elements; half a million take about 0.1 s.
MAX_REOPENED_TAGS: Final = 500_000
# A parser walks up all open elements at each further tag: 12,500 lists, each in the one before, take a second, two
# thousand 0.1 s. Nobody leaves so many tags open.
MAX_LEFT_OPEN: Final = 2_000
# Removing a tag can leave markup that parses differently (a link in a link). A second pass settles what people write, a
# third every mixture a fuzzer made.
MAX_PASSES: Final = 8

_TAGS: Final = frozenset("p br strong b em i u s strike a ul ol li blockquote code pre span".split())
_ATTRIBUTES: Final = {
    "*": frozenset[str](),  # without this entry the library allows `title` and `lang` everywhere
    "a": frozenset({"href", "target"}),
    "span": frozenset({"data-type", "data-id", "data-label", "data-mention", "class"}),
    "code": frozenset({"class"}),
    "pre": frozenset({"class"}),
}
_REMOVED_WITH_CONTENT: Final = frozenset({"script", "style", "template", "svg", "math"})
_CLASS_PREFIXES: Final = {
    "span": ("mtchat-",),
    "code": ("mtchat-", "language-"),
    "pre": ("mtchat-", "language-"),
}
# `https:page` is an absolute url to the cleaner and a relative one to a browser, so both slashes are required.
_ABSOLUTE_URL: Final = re.compile(r"https?://[^/\\]", re.IGNORECASE)
_URL_PADDING: Final = "".join(map(chr, range(0x21)))  # control characters and space, which browsers strip around a url

# HTML parsers keep a list of these while they are open and reopen them in the next block; `a` is there once at most.
# The group matches only where quotes cannot hide what the parser sees; any other one counts as unlike the rest.
_FORMATTING_TAG: Final = re.compile(
    r'<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])((?:\s+[\w-]+="[^"<>]*")*\s*>)?',
    re.IGNORECASE,
)
_ANY_TAG: Final = re.compile(r"<(/?)([a-z][^\s/>]*)", re.IGNORECASE)
# Closed by the next of their kind, or never open.
_NOT_LEFT_OPEN: Final = frozenset("p li br hr img dd dt tr td th option".split())
_REOPENED_ALIKE: Final = 3  # of equal ones a parser remembers three

_TAG: Final = re.compile(r'<[^">]*(?:"[^"]*"[^">]*)*>')
_PRE_THEN_NEWLINE: Final = re.compile(r'(<pre(?: class="[^"]*")?>)\n')
# Letters by category, nothing by sight: Hangul fillers and the blank Braille pattern.
_BLANK_SYMBOLS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_INVISIBLE_MARKS: Final = frozenset("\u034f\u17b4\u17b5") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def check_message_content(raw: str) -> str:
    """Clean the content of a message as sent; the result may have no visible text (attachments decide whether it may).

    Raises InvalidInput over 50,000 characters, and for what `clean_html` refuses.
    """
    if len(raw) > MAX_CONTENT_CHARS:
        raise InvalidInput(f"content is {len(raw):,} characters long; send at most {MAX_CONTENT_CHARS:,}")
    return clean_html(raw)


def clean_html(text: str) -> str:
    """Keep the allowed tags, attributes and urls of `text`, escape the rest of it into text.

    Raises InvalidInput for a NUL character, for half of a surrogate pair, and for markup built to explode when parsed.
    """
    if "\0" in text:
        raise InvalidInput("content must not contain the NUL character; remove it")
    for _ in range(MAX_PASSES):
        cleaned = _clean_once(text)
        if cleaned == text:
            return cleaned
        text = cleaned
    raise InvalidInput("content has markup nested in a way that HTML does not allow; close each tag inside its parent")


def has_visible_text(cleaned: str) -> bool:
    """Whether a reader of this HTML, as `clean_html` returns it, would see any character."""
    text = html.unescape(_TAG.sub("", cleaned))
    return any(map(_is_visible, text))


def _clean_once(text: str) -> str:
    _require_harmless_nesting(text)
    try:
        cleaned = _CLEANER.clean(text)
    except UnicodeEncodeError:
        raise InvalidInput("content holds half of a surrogate pair; send whole characters") from None
    if len(cleaned) > MAX_CLEANED_CHARS:
        raise InvalidInput("content has far too many tags left open; close each tag")
    return _as_parsed_again(cleaned)


def _as_parsed_again(cleaned: str) -> str:
    """Mend what is written one way and read another: a BOM at the start, carriage returns, a newline after <pre>."""
    cleaned = cleaned.lstrip("\ufeff")
    if "\r" in cleaned:
        cleaned = cleaned.replace("\r\n", "\n").replace("\r", "\n")
    return _PRE_THEN_NEWLINE.sub(r"\1\n\n", cleaned) if "<pre" in cleaned else cleaned


def _require_harmless_nesting(text: str) -> None:
    """Refuse markup whose formatting tags, if never closed, would be reopened by too many other tags."""
    tags = text.count("<")
    if tags * tags < MAX_REOPENED_TAGS:
        return
    alike: dict[str, int] = {}
    remembered = 1
    for tag in _FORMATTING_TAG.finditer(text):
        if tag[1] is None:
            remembered += 1
        else:
            alike[tag[0]] = alike.get(tag[0], 0) + 1
    remembered += sum(min(count, _REOPENED_ALIKE) for count in alike.values())
    if remembered * tags > MAX_REOPENED_TAGS:
        raise InvalidInput("content has too many different formatting tags; send simpler markup or split the message")
    if tags > MAX_LEFT_OPEN and _left_open(text) > MAX_LEFT_OPEN:
        raise InvalidInput("content has far too many tags left open; close each tag")


def _left_open(text: str) -> int:
    """How many tags have no end of the same name, wherever it stands."""
    open_by_name: Counter[str] = Counter()
    for tag in _ANY_TAG.finditer(text):
        open_by_name[tag[2].lower()] += -1 if tag[1] else 1
    return sum(count for name, count in open_by_name.items() if count > 0 and name not in _NOT_LEFT_OPEN)


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        allowed = _CLASS_PREFIXES.get(tag, ())
        kept = [name for name in value.split() if name.startswith(allowed) and name not in allowed]
        return " ".join(kept) or None
    if attribute == "href":
        url = value.strip(_URL_PADDING)
        return url if _ABSOLUTE_URL.match(url) else None
    if attribute == "target":
        return "_blank" if value.lower() == "_blank" else None
    return value


def _is_visible(character: str) -> bool:
    # C*: control, format, unassigned; Z*: every kind of space.
    if unicodedata.category(character)[0] in "CZ":
        return False
    return character not in _BLANK_SYMBOLS and character not in _INVISIBLE_MARKS


_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_REMOVED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter_attribute,
    strip_comments=True,
    link_rel="noopener noreferrer",
    url_schemes={"http", "https"},
    url_relative="deny",
)
