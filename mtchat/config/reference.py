"""Writes the settings down for people: the tables of docs/configuration.md and conf/env.sample.

`python -m mtchat.config.reference` brings both files of a checkout up to date.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from mtchat.config.declaring import Variable
from mtchat.config.settings import AREAS, variables

DOCUMENT: Final = Path("docs/configuration.md")
SAMPLE: Final = Path("conf/env.sample")
# Above it the page is written by hand, below it by this module.
MARK: Final = "<!-- written by python -m mtchat.config.reference -->"
_SAMPLE_HEAD: Final = """\
# Every setting of MTChat with its default. Copy to .env in the working directory and remove the # of what you change.
# A variable of the environment wins over this file; an empty one counts as unset. `mtchat check-config` finds mistakes.
"""


def tables() -> str:
    """Return a table per area in Markdown: name, type, default, meaning."""
    return "\n".join(_table(area, declared) for area, declared in _by_area())


def env_sample() -> str:
    """Return an env file with every variable, each commented out with its default."""
    parts = [_SAMPLE_HEAD]
    for area, declared in _by_area():
        parts.append(f"\n# ---- {area}: {_summary(area)}\n")
        for declared_field, variable in declared:
            parts.append(f"# {variable.meaning}\n#{variable.name}={_plain_default(declared_field)}\n")
    return "".join(parts)


def document(current: str) -> str:
    """Return the page with its tables renewed; what stands above the mark stays."""
    head, _, _ = current.partition(MARK)
    return f"{head.rstrip()}\n\n{MARK}\n\n{tables()}"


def main() -> None:
    """Rewrite both files below the working directory."""
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    SAMPLE.write_text(env_sample(), encoding="utf-8")


def _by_area() -> Iterator[tuple[str, Iterator[tuple["dataclasses.Field[Any]", Variable]]]]:
    for area, found in groupby(variables(), key=lambda entry: entry[0]):
        yield area, ((declared, variable) for _, declared, variable in found)


def _table(area: str, rows: Iterable[tuple["dataclasses.Field[Any]", Variable]]) -> str:
    lines = [f"## {area.capitalize()}", "", _summary(area), ""]
    lines += ["| Name | Type | Default | Meaning |", "|---|---|---|---|"]
    for declared, variable in rows:
        default = variable.shown_default or _shown_default(declared)
        lines.append(f"| `{variable.name}` | {variable.kind.label} | {default} | {variable.meaning} |")
    return "\n".join(lines) + "\n"


def _summary(area: str) -> str:
    return (AREAS[area].__doc__ or "").splitlines()[0]


def _shown_default(declared: "dataclasses.Field[Any]") -> str:
    plain = _plain_default(declared)
    return f"`{plain}`" if plain else "none"


def _plain_default(declared: "dataclasses.Field[Any]") -> str:
    """Write a default as its variable would have it; empty when there is none or it depends on the machine."""
    value = declared.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, Path):
        return "" if value.is_absolute() else f"./{value}"
    return "" if value is None else str(value)


if __name__ == "__main__":
    main()
