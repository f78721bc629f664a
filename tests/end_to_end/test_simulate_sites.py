"""`fogline simulate sites`, as it is typed: the file of a simulated federation, run by real brokers and agents."""

import json
from pathlib import Path

import pytest

from fogline.cli import run
from tests.simulations.federation.written import write

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TEXT = """
name = "points"
sites = 2
network = "points.py"
data = { train = "train.npz", test = "test.npz", split = { kind = "few-classes", classes = 1 } }
training = { epochs = 1, batch = 10, optimiser = { name = "sgd", learning_rate = 0.1, momentum = 0.0 } }
strategy = { name = "mifa" }
rounds = { updates = 1 }
stop = { rounds = 4 }
link = { up = "1 Mbit/s" }
absence = { leaving = { sites = 1, updates = 1 } }
"""


def test_the_simulated_coordinator_makes_the_same_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So many models that both sites have sent something before the last, however unlike their speeds are."""
    file = write(tmp_path, TEXT)
    out = tmp_path / "out"
    assert run(["simulate", "sites", str(file), "--out", str(out), "--seed", "3"]) == 0
    said = capsys.readouterr()
    assert "the simulated coordinator made the same 4 models" in said.out
    assert "version 4 of 4 after" in said.err
    assert "site-2 leaves" in said.err
    found = json.loads((out / "results.json").read_bytes())
    assert (found["seed"], found["same_models"]) == (3, 4)
    assert found["federation"]["progress"]["round"] == 4
    assert (out / "federation.toml").read_text() == TEXT
    assert (out / "federation.png").read_bytes().startswith(b"\x89PNG")
