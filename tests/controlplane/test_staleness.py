"""States that cannot last."""

import pytest

from controlplane.staleness import node_state, share_phase
from controlplane.world import Placed
from shared.documents import NodeState, Phase, WorkloadStatus

PLACED = Placed(owner="deployment/net", part="edge", node="edge-1", revision="new", since=1000.0)


def status(phase: Phase, revision: str = "new", reason: str = "") -> WorkloadStatus:
    return WorkloadStatus(id="net.edge", kind="inference", phase=phase, revision=revision, reason=reason)


@pytest.mark.parametrize(
    ("last_seen", "silent_for_s", "draining", "state"),
    [
        (None, 0, False, NodeState.ENROLLED),
        (None, 46, False, NodeState.STALE),
        (1.0, 45, False, NodeState.READY),
        (1.0, 45, True, NodeState.DRAINING),
        (1.0, 46, False, NodeState.STALE),
        (1.0, 46, True, NodeState.STALE),
    ],
)
def test_silence_goes_before_everything_else(
    last_seen: float | None, silent_for_s: float, draining: bool, state: NodeState
) -> None:
    given = node_state(last_seen=last_seen, silent_for_s=silent_for_s, draining=draining, stale_after_s=45)
    assert given is state


@pytest.mark.parametrize(
    ("said", "age_s", "phase"),
    [
        (None, 120, "pending"),
        (None, 121, "failed"),
        (status(Phase.STARTING), 120, "starting"),
        (status(Phase.STARTING), 121, "failed"),
        (status(Phase.RUNNING), 9999, "running"),
        (status(Phase.RUNNING, "old"), 120, "running"),
        (status(Phase.RUNNING, "old"), 121, "failed"),
        (status(Phase.DRAINING), 121, "failed"),
        (status(Phase.FAILED), 1, "failed"),
        (status(Phase.STOPPED), 1, "stopped"),
    ],
)
def test_nothing_is_under_way_past_its_deadline(said: WorkloadStatus | None, age_s: float, phase: str) -> None:
    given, _ = share_phase(
        PLACED, said, is_stale=False, phase_since=PLACED.since, start_deadline_s=120, now=PLACED.since + age_s
    )
    assert given == phase


def test_what_the_node_says_stands_in_the_reason() -> None:
    said = status(Phase.RUNNING, "old", "net/2 cannot be loaded")
    _, reason = share_phase(PLACED, said, is_stale=False, phase_since=None, start_deadline_s=120, now=2000)
    assert "has not applied it within 120 s" in reason
    assert "net/2 cannot be loaded" in reason


def test_a_share_on_a_silent_node_is_never_running() -> None:
    said = status(Phase.RUNNING)
    given, reason = share_phase(PLACED, said, is_stale=True, phase_since=None, start_deadline_s=120, now=1000)
    assert (given, "not heard from" in reason) == ("stale", True)
