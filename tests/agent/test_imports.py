"""What an idle agent must not pay for."""

import subprocess
import sys

HEAVY = {"fastapi", "pydantic", "tensorflow", "keras", "torch", "httpx", "typer", "sqlmodel", "prometheus_client"}
LATER = {"numpy", "aiokafka", "ai_edge_litert"}


def imported_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_shell_imports_no_framework() -> None:
    assert not imported_by("import agent.__main__, agent.daemon, agent.facts") & HEAVY


def test_the_way_home_does_not_wait_for_numpy_and_kafka() -> None:
    assert not imported_by("import agent.__main__, agent.daemon") & LATER


def test_knowing_the_facts_imports_no_framework() -> None:
    assert not imported_by("from agent.facts import detect; detect(())") & (HEAVY | {"ai_edge_litert"})
