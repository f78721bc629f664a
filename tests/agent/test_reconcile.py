"""Reconcile against a model: whatever is assigned, whatever crashes, the node ends up running what it should."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.reconcile import Desired, Drain, Forget, Running, Start, Update, plan
from shared.documents import Phase

IDS = st.sampled_from(["a", "b", "c"])
DESIRED = st.builds(Desired, kind=st.sampled_from(["inference", "training"]), revision=st.sampled_from(["1", "2", "3"]))


def acted(desired: dict[str, Desired], running: dict[str, Running]) -> dict[str, Running]:
    """The node just after the runners were told what the plan says."""
    after = dict(running)
    for action in plan(desired, running):
        match action:
            case Start(id):
                after[id] = Running(kind=desired[id].kind, revision=desired[id].revision, phase=Phase.STARTING)
            case Update(id):
                after[id] = replace(after[id], revision=desired[id].revision)
            case Drain(id):
                after[id] = replace(after[id], phase=Phase.DRAINING)
            case Forget(id):
                after.pop(id, None)
    return after


class NodeMachine(RuleBasedStateMachine):
    """Assignments change, workloads start, crash and finish draining, in any order, around the reconciler."""

    @initialize()
    def boot(self) -> None:
        self.desired: dict[str, Desired] = {}
        self.running: dict[str, Running] = {}

    @rule(desired=st.dictionaries(IDS, DESIRED))
    def assign(self, desired: dict[str, Desired]) -> None:
        self.desired = desired
        self.reconcile()

    @precondition(lambda self: self.running)
    @rule(data=st.data(), phase=st.sampled_from([Phase.RUNNING, Phase.FAILED, Phase.STARTING]))
    def live_on(self, data: st.DataObject, phase: Phase) -> None:
        id = data.draw(st.sampled_from(sorted(self.running)))
        if self.running[id].phase is not Phase.DRAINING:
            self.running[id] = replace(self.running[id], phase=phase)
            self.reconcile()

    @precondition(lambda self: any(one.phase is Phase.DRAINING for one in self.running.values()))
    @rule()
    def finish_draining(self) -> None:
        for id, one in self.running.items():
            if one.phase is Phase.DRAINING:
                self.running[id] = replace(one, phase=Phase.STOPPED)
        self.reconcile()

    def reconcile(self) -> None:
        while plan(self.desired, self.running):
            self.running = acted(self.desired, self.running)

    @invariant()
    def nothing_is_left_to_do(self) -> None:
        assert plan(self.desired, self.running) == ()

    @invariant()
    def only_what_leaves_differs_from_what_is_wanted(self) -> None:
        staying = {id: one for id, one in self.running.items() if one.phase is not Phase.DRAINING}
        assert {id: Desired(kind=one.kind, revision=one.revision) for id, one in staying.items()} == {
            id: self.desired[id] for id in staying
        }
        assert set(self.desired) <= set(self.running)

    def teardown(self) -> None:
        self.finish_draining() if hasattr(self, "running") else None
        if hasattr(self, "running"):
            assert {id: one.revision for id, one in self.running.items()} == {
                id: one.revision for id, one in self.desired.items()
            }


TestNode = NodeMachine.TestCase


def test_what_is_wanted_is_started_and_what_is_not_is_drained() -> None:
    desired = {"new": Desired(kind="inference", revision="1")}
    running = {"old": Running(kind="inference", revision="1", phase=Phase.RUNNING)}
    assert plan(desired, running) == (Drain("old"), Start("new"))


def test_a_document_that_could_not_be_applied_is_not_offered_again() -> None:
    desired = {"a": Desired(kind="inference", revision="2")}
    assert plan(desired, {"a": Running(kind="inference", revision="2", phase=Phase.FAILED)}) == ()
    assert plan(desired, {"a": Running(kind="inference", revision="1", phase=Phase.FAILED)}) == (Update("a"),)


def test_what_is_wanted_again_while_it_drains_starts_once_it_has_stopped() -> None:
    desired = {"a": Desired(kind="inference", revision="1")}
    assert plan(desired, {"a": Running(kind="inference", revision="1", phase=Phase.DRAINING)}) == ()
    stopped = {"a": Running(kind="inference", revision="1", phase=Phase.STOPPED)}
    assert plan(desired, stopped) == (Forget("a"), Start("a"))


def test_an_id_that_changes_its_kind_is_drained_first() -> None:
    desired = {"a": Desired(kind="training", revision="1")}
    assert plan(desired, {"a": Running(kind="inference", revision="1", phase=Phase.RUNNING)}) == (Drain("a"),)
