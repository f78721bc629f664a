"""Quotas on this machine: obeyed where it allows them, refused with the reason where it does not."""

import os
import time
from pathlib import Path

import pytest

from shared.errors import DocumentError
from simulations.experiment.document import Tier
from simulations.programs import ProcessId, Program
from simulations.running.quotas import finding
from simulations.running.quotas.group import Group
from simulations.running.quotas.hierarchy import Place
from simulations.running.quotas.quotas import Quotas
from simulations.running.resources import usage_of

QUARTER = Tier(name="edge", cpu=0.25)
WALL_S = 2.0
SPINNING = Program(name="spinning", arguments=("-c", "print('up', flush=True)\nwhile True: pass"), log=Path("log"))


def allowed() -> Place | None:
    """None where the machine allows no quotas: then the refusal has been looked at."""
    try:
        return finding.found(QUARTER)
    except DocumentError as error:
        assert error.field == "tiers.edge.cpu"
        assert "cannot be obeyed here" in error.reason
        return None


def processor_s(pid: int) -> float:
    usage = usage_of(pid)
    assert usage is not None
    return usage[0]


def test_a_quarter_of_a_core_is_no_more_than_that_also_after_a_restart(tmp_path: Path) -> None:
    if (place := allowed()) is None:
        return
    quotas = Quotas()
    for _ in range(2):
        program = quotas.confined(Program(name="one", arguments=SPINNING.arguments, log=tmp_path / "log"), QUARTER)
        running = program.start(leashed=True)
        try:
            running.await_line(lambda line: line.strip() == "up", deadline_s=30)
            began_s, used_s = time.monotonic(), processor_s(running.process.pid)
            time.sleep(WALL_S)  # what is measured is what it can use in that time
            used = (processor_s(running.process.pid) - used_s) / (time.monotonic() - began_s)
        finally:
            running.kill()
        assert used <= 0.25 * 1.15
        (group,) = place.path.glob(f"fogline-{os.getpid()}-*")
        assert (group / "cgroup.procs").read_text() == ""
    quotas.remove()
    assert list(place.path.glob(f"fogline-{os.getpid()}-*")) == []


def test_the_group_of_a_dead_run_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    if (place := allowed()) is None:
        return
    own = finding.new_group(place)
    sleeping = ("-c", "import time; time.sleep(600)")  # it must live until it is asked who it is
    program = Program(name="dead", arguments=sleeping, log=tmp_path / "log").start(leashed=True)
    dead_id = ProcessId.of(program.process.pid)
    program.kill()
    assert dead_id is not None
    dead = Group(version=place.version, path=place.path / f"fogline-{dead_id.pid}-{dead_id.started}-1")
    own.make(0.5)
    dead.make(0.5)
    finding.remove_leftovers(place)
    assert not dead.path.exists()
    assert own.path.exists()
    own.remove()


def test_more_cores_than_there_are_limit_nothing_and_are_refused() -> None:
    with pytest.raises(DocumentError, match="cores of this machine") as refused:
        finding.found(Tier(name="cloud", cpu=1024))
    assert refused.value.field == "tiers.cloud.cpu"


def test_without_a_quota_a_program_is_as_it_was() -> None:
    assert Quotas().confined(SPINNING, Tier(name="edge")) is SPINNING
