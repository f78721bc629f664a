"""What never stands in the project: addresses of indexes, paths of one machine, calls that run what they read."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written in parts, so this file does not find itself.
FOREIGN = re.compile(
    "|".join(["py" + r"pi\.org", "python" + "hosted", "repo1?" + r"\.maven", "registry" + r"\.npm", "/ro" + "ot/"])
)
FORBIDDEN_CALLS = {"eval", "exec"}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


def tracked(pattern: str) -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_index_address_and_no_path_of_one_machine() -> None:
    texts = {path: path.read_bytes().decode(errors="ignore") for path in tracked("*")}
    assert [str(path) for path, text in texts.items() if FOREIGN.search(text)] == []


@pytest.mark.parametrize("path", tracked("*.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_unpickled_evaluated_or_put_in_a_shell(path: Path) -> None:
    if "tests" in path.relative_to(ROOT).parts:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            assert not (isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS), ast.dump(node)
            assert not any(one.arg == "shell" for one in node.keywords), ast.dump(node)
        if isinstance(node, ast.Import):
            assert not {one.name.split(".")[0] for one in node.names} & FORBIDDEN_IMPORTS
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in FORBIDDEN_IMPORTS
