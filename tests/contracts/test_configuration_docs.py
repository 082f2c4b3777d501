"""docs/configuration.md and conf/env.sample say what the settings say, no more and no less."""

import io
import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from mtchat.config import reference
from mtchat.config.settings import load_settings, variables

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / reference.DOCUMENT).read_text(encoding="utf-8")
SAMPLE = (ROOT / reference.SAMPLE).read_text(encoding="utf-8")
NAMES = [variable.name for _, _, variable in variables()]
RENEW = "run python -m mtchat.config.reference"


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_has_a_row_in_the_document(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", DOCUMENT, re.MULTILINE), RENEW


def test_the_tables_are_up_to_date() -> None:
    assert reference.document(DOCUMENT) == DOCUMENT, RENEW


def test_the_document_names_no_variable_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|", DOCUMENT.partition(reference.MARK)[2], re.MULTILINE)
    assert rows == NAMES
    examples = re.findall(r"^([A-Z0-9_]+)=", DOCUMENT, re.MULTILINE)
    assert set(examples) <= set(NAMES)


def test_the_sample_has_every_variable_and_no_other() -> None:
    assert re.findall(r"^#([A-Z0-9_]+)=", SAMPLE, re.MULTILINE) == NAMES, RENEW


def test_the_sample_is_up_to_date() -> None:
    assert reference.env_sample() == SAMPLE, RENEW


def test_the_sample_changes_nothing() -> None:
    assert dotenv_values(stream=io.StringIO(SAMPLE)) == {}


def test_the_sample_shows_the_defaults() -> None:
    uncommented = re.sub(r"^#(?=[A-Z0-9_]+=)", "", SAMPLE, flags=re.MULTILINE)
    values = {name: value or "" for name, value in dotenv_values(stream=io.StringIO(uncommented)).items()}
    # A number given for the pool is compared with the others, a default is not; here they agree.
    assert load_settings(values) == load_settings({})
