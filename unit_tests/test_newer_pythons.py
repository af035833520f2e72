"""What newer Pythons refuse stands nowhere, even where tests run on an older one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.helpers import ROOT

PROGRAMS = ("client", "common", "launch", "log_config", "server")
FILES = sorted(file for name in PROGRAMS for file in (ROOT / name).rglob("*.py"))
# Behind a bracket it is an escape sequence of terminals.
_NUMBERED = re.compile(r"(?<!\[)\?\d")


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(file.read_text("utf-8")))


def where(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def test_no_sql_has_numbered_parameters() -> None:
    """From 3.14 on sqlite3 takes ?1 for a name, and names from no tuple."""
    found = [
        where(file, node.lineno)
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _NUMBERED.search(node.value)
    ]
    assert not found


def test_a_database_is_opened_with_one_argument_by_place() -> None:
    """From 3.15 on sqlite3.connect takes the others by their names only."""
    found = [
        where(file, node.lineno)
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "sqlite3.connect"
        and len(node.args) > 1
    ]
    assert not found


@pytest.mark.parametrize("words", ["WHERE a = ?1", "VALUES (?, ?2)"])
def test_the_search_would_find_one(words: str) -> None:
    assert _NUMBERED.search(words)
