"""Agents import with threads beside: what is not imported at the top of a module takes its turn."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for part in ("agent", "shared") for path in (ROOT / part).rglob("*.py"))


def late_imports(node: ast.AST, *, in_function: bool = False) -> Iterator[int]:
    """Lines with an import in a function that is in no `with importing():`."""
    if isinstance(node, ast.With) and any(ast.unparse(one.context_expr) == "importing()" for one in node.items):
        return
    if in_function and _imports(node):
        assert isinstance(node, ast.stmt | ast.expr)
        yield node.lineno
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from late_imports(child, in_function=in_function or is_function)


def _imports(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__")
    return isinstance(node, ast.Import | ast.ImportFrom)


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    import numpy",
        "def f():\n    from numpy import dtype",
        "f = lambda: import_module('numpy')",
        "async def f():\n    with other():\n        importlib.import_module('numpy')",
    ],
)
def test_an_import_without_a_turn_is_found(code: str) -> None:
    assert [*late_imports(ast.parse(code))]


@pytest.mark.parametrize(
    "code",
    ["import numpy", "def f():\n    with importing():\n        from numpy import dtype", "x = import_module('a')"],
)
def test_one_at_the_top_or_with_a_turn_is_none(code: str) -> None:
    assert not [*late_imports(ast.parse(code))]


def test_whoever_imports_while_an_agent_is_at_work_takes_a_turn() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in FILES for line in late_imports(ast.parse(path.read_text()))]
    assert not found, f"put these into `with importing():`, of shared/importing.py: {', '.join(found)}"
