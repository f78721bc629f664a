"""The network of the federations that are compared with others' is the size that theirs is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FILE = Path(__file__).parents[3] / "simulations" / "federation" / "lenet.py"


def test_it_is_a_network_file_of_lenets_size() -> None:
    command = [sys.executable, "-m", "fogline", "models", "check", str(FILE), "--framework", "torch", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["parameters"] == 44_426
    assert found["input"]["shape"] == [28, 28, 1]
    assert [one["name"] for one in found["exits"]] == ["cloud"]
