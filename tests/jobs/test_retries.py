"""F49: which answers end a delivery, which are tried again, and when."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtchat.core.retries import RETRY_DELAYS_SECS, next_delay_secs, parse_retry_after, verdict_of

NOW = datetime(2031, 4, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 201, 202, 204, 299), "delivered"),
        ((301, 302, 303, 304, 307, 308), "retry"),
        ((400, 401, 403, 404, 405, 413, 422, 451), "failed"),
        ((408, 425, 429), "retry"),
        ((410,), "gone"),
        ((500, 502, 503, 504, 599, 100, 600), "retry"),
        ((None,), "retry"),
    ],
)
def test_an_answer_means(statuses: tuple[int | None, ...], verdict: str) -> None:
    assert {verdict_of(status) for status in statuses} == {verdict}


def test_the_delays_begin_as_receivers_know_them_and_end_after_three_days() -> None:
    """Design 6."""
    assert RETRY_DELAYS_SECS[:3] == (1, 2, 4)
    assert RETRY_DELAYS_SECS[3:] == (30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    for failed_before, delay in enumerate(RETRY_DELAYS_SECS):
        planned = next_delay_secs(failed_before)
        assert planned is not None
        assert delay <= planned <= delay * 1.1
    assert next_delay_secs(len(RETRY_DELAYS_SECS)) is None


def test_those_that_fail_together_do_not_come_back_together() -> None:
    assert len({next_delay_secs(4) for _ in range(50)}) > 40


@pytest.mark.parametrize(
    ("asked", "lowest", "highest"), [(0.0, 1, 1.1), (60.0, 60, 60), (10.0**9, 86_400, 86_400), (None, 1, 1.1)]
)
def test_a_receiver_may_ask_for_more_time_up_to_a_day(asked: float | None, lowest: float, highest: float) -> None:
    delay = next_delay_secs(0, asked)
    assert delay is not None
    assert lowest <= delay <= highest


@pytest.mark.parametrize(
    ("value", "secs"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Sat, 05 Apr 2031 09:02:00 GMT", 120.0),
        ("Sat, 05 Apr 2031 08:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("9" * 5_000, 9_999_999_999.0),
        ("5\x1f", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, secs: float | None) -> None:
    assert parse_retry_after(value, NOW) == secs


_PIECES = st.sampled_from(
    ["Sat,", "05", "Apr", "2031", "99999", "09:02:00", "99:99:99", "GMT", "-0000", "+9999", ",", ""]
)


@given(st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=8).map(" ".join)))
def test_no_retry_after_however_odd_breaks_anything(value: str) -> None:
    secs = parse_retry_after(value, NOW)
    assert secs is None or secs >= 0
