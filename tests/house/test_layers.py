"""The house's walls: who may import whom, checked over the import graph and once more in a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("fastapi", "pydantic", "sqlmodel", "sqlalchemy", "typer", "httpx", "tensorflow", "keras", "torch")


def test_the_import_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(
    "module", ["agent.__main__", "agent.daemon", "agent.inference.workload", "agent.backends.litert"]
)
def test_an_agent_imports_nothing_heavy(module: str) -> None:
    script = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    outcome = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.stdout.strip() == "[]", outcome.stdout + outcome.stderr
