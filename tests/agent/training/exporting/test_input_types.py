"""Records come in any type; a network of floats takes them all, in every format."""

import json
import subprocess
import sys

import pytest

from tests.agent.training.runs import ROOT


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_record_of_any_type_is_answered_as_the_network_answers_it() -> None:
    types = ["uint8", "int64", "float16", "float64", "bool"]
    command = [sys.executable, "-m", "tests.agent.training.exporting.input_types", *types]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found) == sorted(types)
    assert all(difference < 1e-6 for both in found.values() for difference in both), found
