"""Imports point down only, packages carry nothing, and the wheel holds what it must."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Layer -> what it may not import. `core` may name realtime and persistence types for its Services.
FORBIDDEN = {
    "mtchat/core/errors.py": ("mtchat", "handlers"),
    "mtchat/core/events.py": ("mtchat", "handlers"),
    "mtchat/core": ("handlers", "tornado", "psycopg", "redis", "mtchat.commands", "mtchat.assembly"),
    "mtchat/persistence": ("handlers", "tornado", "redis", "mtchat.realtime", "mtchat.commands", "mtchat.assembly"),
    "mtchat/realtime": ("handlers", "mtchat.commands", "mtchat.assembly"),
    "mtchat/config": ("handlers", "mtchat.core", "mtchat.persistence", "mtchat.realtime", "tornado"),
    # Hosts use it without the rest.
    "mtchat/client": ("handlers", "mtchat.core", "mtchat.persistence", "mtchat.realtime", "mtchat.config"),
    "handlers": ("mtchat.commands", "mtchat.assembly", "psycopg", "redis"),
}


def imports_of(path: Path) -> Iterator[str]:
    """Every module a file imports at run time (not under `if TYPE_CHECKING`)."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("place", FORBIDDEN)
def test_imports_point_down_only(place: str) -> None:
    target = ROOT / place
    files = [target] if target.suffix else sorted(target.rglob("*.py"))
    assert files
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imports_of(path)
        if any(name == forbidden or name.startswith(f"{forbidden}.") for forbidden in FORBIDDEN[place])
    ]
    assert found == []


def test_every_init_file_is_empty() -> None:
    files = [path for folder in ("mtchat", "handlers", "tests") for path in (ROOT / folder).rglob("__init__.py")]
    assert [path for path in files if path.read_text().strip()] == []


def test_every_test_folder_is_a_package() -> None:
    """Without it two test files of one name collide, and `handlers` would be found among the tests."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
