"""Schedules of contract 10.1: cron with seconds first, six or seven fields."""

import pytest

from mtchat.config.cron import CronError, parse_cron


def test_the_default_schedule() -> None:
    schedule = parse_cron("0 */5 * * * *")
    assert schedule.seconds == {0}
    assert schedule.minutes == set(range(0, 60, 5))
    assert schedule.hours == set(range(24))
    assert schedule.any_day
    assert schedule.any_weekday
    assert schedule.years is None


@pytest.mark.parametrize(
    ("field", "minutes"),
    [
        ("7", {7}),
        ("7,9", {7, 9}),
        ("7-9", {7, 8, 9}),
        ("0-10/5", {0, 5, 10}),
        ("50/5", {50, 55}),
        ("1,10-12,*/30", {0, 1, 10, 11, 12, 30}),
    ],
)
def test_a_field_may_be_a_number_a_list_a_range_or_steps(field: str, minutes: set[int]) -> None:
    assert parse_cron(f"0 {field} * * * *").minutes == minutes


def test_months_and_weekdays_have_names_and_sunday_two_numbers() -> None:
    schedule = parse_cron("0 0 3 ? JAN,dec mon-fri")
    assert schedule.months == {1, 12}
    assert schedule.weekdays == {1, 2, 3, 4, 5}
    assert parse_cron("0 0 3 * * 0").weekdays == parse_cron("0 0 3 * * 7").weekdays == {0}


def test_a_seventh_field_names_years() -> None:
    assert parse_cron("0 0 3 1 1 * 2030-2031").years == frozenset({2030, 2031})
    assert parse_cron("0 0 3 1 1 * *").years is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "0 fields"),
        ("*/5 * * * *", "5 fields"),
        ("0 0 0 * * * * *", "8 fields"),
        ("60 * * * * *", "second"),
        ("0 x * * * *", "minute"),
        ("0 5-1 * * * *", "minute"),
        ("0 */0 * * * *", "minute"),
        ("0 1, * * * *", "minute"),
        ("0 -1 * * * *", "minute"),
        ("0 0 24 * * *", "hour"),
        ("0 0 ? * * *", "hour"),
        ("0 0 0 0 * *", "day"),
        ("0 0 0 * 13 *", "month"),
        ("0 0 0 * mon *", "month"),
        ("0 0 0 * * 8", "weekday"),
        ("0 0 0 * * * 1900", "year"),
        ("0 ٣ * * * *", "minute"),
    ],
)
def test_a_mistake_names_its_field(text: str, named: str) -> None:
    with pytest.raises(CronError, match=named):
        parse_cron(text)
