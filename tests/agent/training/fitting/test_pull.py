"""A pulled step is the step without the pull, and the pull's own gradient."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.agent.training.fitting.pulled_steps import ALONG, AWAY, PROXIMAL, RATE, is_learnt

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[4]

Runs = dict[str, dict[str, NDArray[Any]]]


@pytest.fixture(scope="module", params=["keras", "torch"])
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Weights by run and name."""
    file = tmp_path_factory.mktemp("pull") / "weights.npz"
    command = [sys.executable, "-m", "tests.agent.training.fitting.pulled_steps", request.param, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: Runs = {}
    with np.load(file) as arrays:
        for name in arrays.files:
            run, _, weight = name.partition(":")
            found.setdefault(run, {})[weight] = arrays[name]
    return found


def test_a_pulled_step_is_the_step_and_the_pulls_gradient(runs: Runs) -> None:
    for name, plain in runs["plain"].items():
        wanted = plain - RATE * (PROXIMAL * -AWAY + ALONG) if is_learnt(name) else plain
        assert np.allclose(runs["pulled"][name], wanted, atol=1e-6), name


def test_a_pull_of_nothing_changes_nothing(runs: Runs) -> None:
    assert all((runs["nothing"][name] == plain).all() for name, plain in runs["plain"].items())


def test_a_strong_pull_keeps_the_weights_near_where_they_began(runs: Runs) -> None:
    far, near = (
        max(np.abs(runs[run][name] - one).max() for name, one in runs["start"].items() if is_learnt(name))
        for run in ("free", "held")
    )
    assert near < 0.3 * far


def test_what_is_of_another_network_is_refused(runs: Runs) -> None:
    assert "is pulled to is of another network" in str(runs["refused"][""])
