"""Cron schedules with seconds first: `second minute hour day month weekday [year]`, in UTC."""

from dataclasses import dataclass
from typing import Final

Values = frozenset[int]


class CronError(ValueError):
    """The text is no schedule; the message names the field."""


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """The values each field admits. weekdays: Sunday is 0. years: None admits every year.

    When both `day` and `weekday` are given, a day that is in either of them counts, as cron has it.
    """

    seconds: Values
    minutes: Values
    hours: Values
    days: Values
    months: Values
    weekdays: Values
    years: Values | None
    any_day: bool
    any_weekday: bool


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()
    may_be_question_mark: bool = False


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31, may_be_question_mark=True),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS, may_be_question_mark=True),  # 0 and 7 are Sunday
    _Field("year", 1970, 2199),
)


def parse_cron(text: str) -> CronSchedule:
    """Read a schedule of six or seven fields. Raises CronError naming the first field that does not parse."""
    words = text.split()
    if len(words) not in (6, 7):
        raise CronError(f"{len(words)} fields instead of six or seven")
    values = [_parse_field(field, word) for field, word in zip(_FIELDS, words, strict=False)]
    return CronSchedule(
        seconds=values[0],
        minutes=values[1],
        hours=values[2],
        days=values[3],
        months=values[4],
        weekdays=frozenset(day % 7 for day in values[5]),
        years=values[6] if len(words) == 7 and not _admits_all(words[6]) else None,
        any_day=_admits_all(words[3]),
        any_weekday=_admits_all(words[5]),
    )


def _admits_all(word: str) -> bool:
    return word in ("*", "?")


def _parse_field(field: _Field, word: str) -> Values:
    values: set[int] = set()
    for part in word.split(","):
        values.update(_parse_part(field, part))
    return frozenset(values)


def _parse_part(field: _Field, part: str) -> range:
    """Read `*`, `a`, `a-b`, each with `/step`."""
    span, has_step, step_text = part.partition("/")
    step = _number(field, step_text) if has_step else 1
    if step < 1:
        raise CronError(f"the step of field {field.name} must be at least 1")
    if span == "*" or (span == "?" and field.may_be_question_mark):
        return range(field.lowest, field.highest + 1, step)
    first_text, is_range, last_text = span.partition("-")
    first = _value(field, first_text)
    if is_range:
        last = _value(field, last_text)
    else:
        last = field.highest if has_step else first
    if last < first:
        raise CronError(f"the range of field {field.name} runs backwards")
    return range(first, last + 1, step)


def _value(field: _Field, text: str) -> int:
    lowered = text.lower()
    if lowered in field.names:
        # months count from 1, weekdays from 0
        return field.names.index(lowered) + field.lowest
    number = _number(field, text)
    if not field.lowest <= number <= field.highest:
        raise CronError(f"field {field.name} goes from {field.lowest} to {field.highest}")
    return number


def _number(field: _Field, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise CronError(f"field {field.name} is not a number, a range, a list or *")
    return int(text)
