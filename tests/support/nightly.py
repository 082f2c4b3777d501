"""The long forms of tests that would take minutes: `make nightly`, or MTCHAT_TEST_NIGHTLY=1 in the environment."""

import os
from typing import TypeVar

Size = TypeVar("Size", int, float)

IS_NIGHTLY = os.environ.get("MTCHAT_TEST_NIGHTLY") == "1"


def nightly(short: Size, long: Size) -> Size:
    """The size of a test: `short` in `make test`, `long` in the nightly form."""
    return long if IS_NIGHTLY else short
