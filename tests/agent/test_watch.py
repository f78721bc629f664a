from pathlib import Path

import pytest

from agent.generations import Verdict
from agent.state_store import StateStore
from agent.watch import Intake
from shared.documents import Assignment
from shared.errors import ControlPlaneError, StorageError
from tests.agent.documents import assignment, workload


class Desk:
    """An intake over a real store, and what came of its offers."""

    def __init__(self, directory: Path) -> None:
        self.store = StateStore(directory)
        self.taken: list[Assignment] = []
        self.reasons: list[str] = []
        self.stored_when_taken: list[Assignment | None] = []
        self.intake = Intake("node-1", self.store, self.store.restore(), accepted=self.take, stuck=self.note_reason)

    def note_reason(self) -> None:
        assert self.intake.untaken is not None
        self.reasons.append(self.intake.untaken.reason)

    def take(self, given: Assignment) -> None:
        self.taken.append(given)
        self.stored_when_taken.append(self.store.restore().assignment)


async def test_an_assignment_is_written_down_before_it_is_acted_on(tmp_path: Path) -> None:
    desk, offered = Desk(tmp_path), assignment(1, workload())
    assert await desk.intake.offer(offered) is Verdict.ACCEPT
    assert desk.stored_when_taken == desk.taken == [offered]


async def test_what_cannot_be_written_down_is_not_acted_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.intake.offer(assignment(1, workload()))
    (tmp_path / "assignment.json.new").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left"):
        await desk.intake.offer(assignment(2, workload("two")))
    assert desk.intake.held == 1
    assert len(desk.taken) == 1
    assert "No space left" in desk.reasons[0]
    assert await desk.intake.offer(assignment(2, workload("two"))) is Verdict.ACCEPT
    assert desk.intake.untaken is None


async def test_a_refused_generation_is_remembered_until_one_is_accepted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.intake.offer(assignment(5, workload()))
    assert await desk.intake.offer(assignment(3)) is Verdict.REFUSE
    assert (desk.intake.refused, desk.intake.held, desk.intake.highest) == (3, 5, 5)
    await desk.intake.offer(assignment(6))
    assert desk.intake.refused is None


async def test_it_holds_over_a_restart(tmp_path: Path) -> None:
    await Desk(tmp_path).intake.offer(assignment(5, workload()))
    again = Desk(tmp_path)
    assert await again.intake.offer(assignment(5, workload())) is Verdict.IGNORE
    assert await again.intake.offer(assignment(4)) is Verdict.REFUSE


async def test_another_nodes_assignment_is_not_taken(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(ControlPlaneError, match="node 'other'"):
        await desk.intake.offer(assignment(1, node="other"))
    assert desk.taken == []
