"""The table of close codes is the one in the documentation, and its numbers tell what a client does."""

import re
from pathlib import Path

from mtchat.realtime.close_codes import CLOSE_CODES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "realtime.md"
ROW = re.compile(r"^\| (\d{4}) \| `(\w+)` \| (yes|no) \| ([\d,]+) ms \|", re.MULTILINE)


def test_the_documentation_lists_exactly_these_codes() -> None:
    rows = {
        int(number): (name, may_return == "yes", int(after.replace(",", "")))
        for number, name, may_return, after in ROW.findall(DOCUMENT.read_text())
    }
    assert rows == {code.number: (code.name, code.may_return, code.after_ms) for code in CLOSE_CODES.values()}


def test_codes_from_4500_on_are_final_and_no_others() -> None:
    assert all(code.may_return == (code.number < 4500) for code in CLOSE_CODES.values())
