"""Every benchmark can be named on the command line and says what it measures."""

import importlib
import inspect
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.__main__ import SCRIPTS, main

_PARTS = {"__init__", "__main__", "bare", "load", "run", "server"}


def test_every_script_is_listed() -> None:
    files = {path.stem for path in (Path(__file__).resolve().parents[2] / "bench").glob("*.py")}
    assert files - _PARTS == set(SCRIPTS)
    listed = CliRunner().invoke(main, ["--list"])
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.output.splitlines()] == list(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_yields_rows_in_a_short_and_a_long_form(name: str) -> None:
    module = importlib.import_module(f"bench.{name}")
    assert module.__doc__
    assert inspect.isgeneratorfunction(module.run)
    assert list(inspect.signature(module.run).parameters) == ["quick"]
