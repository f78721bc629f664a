"""What the documentation says of the door is complete, and its examples run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import fogline
from fogline import ending
from fogline.cli import PARTS, build
from shared.client import AsyncClient
from shared.client.operation import Group, operation
from shared.errors import FoglineError

ROOT = Path(__file__).parents[2]
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text()
PYTHON_CLIENT = (ROOT / "docs" / "python-client.md").read_text()
# Documented where they are made: docs/kafka.md and the commands' own --help.
ELSEWHERE = {"up", "down", "demo", "kafka"}
BLOCKS = re.findall(r"```python\n(.*?)```", PYTHON_CLIENT, re.DOTALL)


def commands() -> "dict[str, list[str]]":
    """Each command's words and its options."""
    found: dict[str, list[str]] = {}

    def walk(command: object, path: str) -> None:
        below = getattr(command, "commands", None)
        for name, one in (below or {}).items():
            walk(one, f"{path} {name}")
        if below is None:
            found[path] = [
                option for one in getattr(command, "params", []) for option in one.opts if option[:2] == "--"
            ]

    walk(typer.main.get_command(build(PARTS)), "fogline")
    return found


def test_every_command_is_documented() -> None:
    assert [path for path in commands() if path not in COMMAND_LINE] == []


def test_every_option_is_documented() -> None:
    named = set(re.findall(r"--[a-z0-9-]+", COMMAND_LINE)) | {"--help"}
    mine = {path: set(options) for path, options in commands().items() if path.split()[1] not in ELSEWHERE}
    assert {path: options - named for path, options in mine.items() if options - named} == {}


def test_every_exit_code_is_documented() -> None:
    def below(kind: type[FoglineError]) -> set[int]:
        return {kind.exit_code}.union(*(below(one) for one in kind.__subclasses__()))

    codes = below(FoglineError) | {ending.INTERNAL, ending.INTERRUPTED, ending.USAGE, ending.READER_GONE, 0}
    assert [code for code in sorted(codes) if f"\n| {code} |" not in COMMAND_LINE] == []


def test_every_operation_is_documented() -> None:
    client = AsyncClient("http://localhost", credential="x")
    groups = {name: value for name, value in vars(client).items() if isinstance(value, Group)}
    for name, group in groups.items():
        (row,) = re.findall(rf"\| `client\.{name}` \| (.*) \|", PYTHON_CLIENT)
        operations = {one for one, value in vars(type(group)).items() if isinstance(value, operation)}
        assert set(re.findall(r"`(\w+)`", row)) == operations


def test_every_error_of_the_client_is_documented() -> None:
    errors = (
        "ControlPlaneError",
        "ControlPlaneUnreachableError",
        "DeadlineExceededError",
        "ArtifactError",
        "StorageError",
    )
    assert [name for name in errors if f"`{name}`" not in PYTHON_CLIENT or not hasattr(fogline, name)] == []


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_the_examples_run(control_plane: tuple[str, Path], code: str) -> None:
    url, credential_file = control_plane
    environment = {**os.environ, "FOGLINE_URL": url, "FOGLINE_CREDENTIAL_FILE": str(credential_file)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=50
    )
    assert (done.returncode, done.stderr) == (0, "")
