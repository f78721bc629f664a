"""Which machine it was, and how much of it was ours."""

import subprocess
import sys

import pytest

from simulations.bench import machine
from simulations.bench.machine import Work


def test_a_machine_says_what_matters() -> None:
    found = machine.describe()
    assert found.cores >= 1
    assert found.memory_mib > 100
    assert found.cpu
    assert {"fogline", "aiokafka", "numpy"} <= found.versions.keys()


def test_what_others_did_is_the_rest() -> None:
    before = Work(at_s=10.0, everybody_s=100.0, ours_s=5.0)
    after = Work(at_s=20.0, everybody_s=118.0, ours_s=8.0)
    assert machine.cores_elsewhere(before, after) == pytest.approx(1.5)


def test_where_the_kernel_is_silent_nothing_is_claimed() -> None:
    assert machine.cores_elsewhere(None, Work(at_s=1.0, everybody_s=1.0, ours_s=1.0)) is None


def test_the_work_of_a_child_that_ended_is_ours() -> None:
    before = machine.work()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    after = machine.work()
    assert before is not None
    assert after is not None
    assert after.ours_s - before.ours_s > 0.03
    assert after.everybody_s >= before.everybody_s
