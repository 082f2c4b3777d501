"""Limits of text fields (F36, F37), urls that may become links (F14), and the size of meta. Pure functions."""

import pytest

from mtchat.core.errors import InvalidInput
from mtchat.core.fields import check_id, check_object_url, check_profile, check_text, meta_json


def test_a_text_may_be_absent_blank_or_as_long_as_the_limit_in_code_points() -> None:
    for value in (None, "", "   ", "😀" * 10):
        check_text("title", value, 10)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("😀" * 11, "title has 11 characters; at most 10 are allowed"),
        ("a\0", "title contains a NUL character; remove it"),
    ],
)
def test_a_refused_text_says_what_to_change(value: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_text("title", value, 10)
    assert refused.value.message == sentence


@pytest.mark.parametrize("value", ["", " ", "\t\n", "\u00a0\u3000"])
def test_what_must_not_be_blank_needs_a_visible_character(value: str) -> None:
    with pytest.raises(InvalidInput, match="must not be blank"):
        check_text("display_name", value, 200, allow_blank=False)


def test_an_id_is_opaque_but_neither_empty_nor_too_long() -> None:
    for value in (" ", "0", "ж" * 255, "a/b?c#d", "../..", "\u202e"):
        check_id("user_id", value)
    for value in ("", "x" * 256, "a\0"):
        with pytest.raises(InvalidInput, match="user_id"):
            check_id("user_id", value)


def test_a_profile_names_the_field_and_whose_it_is() -> None:
    check_profile({"display_name": "Anna"})
    with pytest.raises(InvalidInput, match=r"participants\[3\]\.phone has 51"):
        check_profile({"display_name": "Anna", "phone": "9" * 51}, "participants[3].")


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://host.example/orders/1?a=b:c#d",
        "HTTPS://host.example:8443",
        "https://хост.example/заказ/1",
        "//host.example/orders/1",
        "/orders/1",
        "orders/1",
        "../a:b",
        "?order=1:2",
        "#order:1",
    ],
)
def test_urls_that_lead_to_a_page_pass(url: str | None) -> None:
    """F14"""
    check_object_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "\tjavascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "javascript\r:alert(1)",
        "\x01javascript:alert(1)",
        "\u00a0javascript:alert(1)",
        "%6aavascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "blob:x",
        "a:b",
        ":",
        "ftp://host.example/",
        "mailto:anna@north.example",
        "https:host.example",
        "https:/host.example",
        "https:///host.example",
        "https://",
        "http://?x",
        " https://host.example",
        "\\\\host.example",
        "/\\host.example",
        "https:\\\\host.example",
        "/a\x00b",
        "/a\x7fb",
        "/a\u2028b",
        "/" + "x" * 4_096,
    ],
)
def test_urls_that_could_run_something_or_hide_where_they_lead_are_refused(url: str) -> None:
    """F14"""
    with pytest.raises(InvalidInput, match="object_url"):
        check_object_url(url)


def test_meta_is_measured_with_its_numbers_written_out() -> None:
    assert meta_json(None) is None
    assert meta_json({"a": [1e300, "1e300"]}) == '{"a":[1e+300,"1e300"]}'
    assert meta_json("e9" * 100_000) is not None
    for numbers in ([1e300] * 7_000, [1e-300] * 7_000):
        with pytest.raises(InvalidInput, match="meta"):
            meta_json(numbers)
