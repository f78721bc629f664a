"""One idea a file, short functions: the bounds that keep it so."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("fogline", "controlplane", "agent", "shared", "simulations", "examples")
SOURCES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
MIGRATIONS = ROOT / "controlplane/store/migrations"


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text())
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


def test_functions_are_short() -> None:
    lengths = [entry for path in SOURCES if MIGRATIONS not in path.parents for entry in functions(path)]
    assert median(length for _, length in lengths) <= 10
    assert [entry for entry in lengths if entry[1] > 45] == []
    ordered = sorted(length for _, length in lengths)
    assert ordered[int(len(ordered) * 0.95)] <= 35


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "misc", "common"])
def test_no_file_is_named_after_nothing(word: str) -> None:
    assert [path for path in SOURCES if path.stem == word or path.parent.name == word] == []
