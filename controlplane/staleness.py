"""The state of a node and the phase of a share at this moment. Pure."""

from controlplane.world import Placed, runs
from shared.documents import NodeState, Phase, WorkloadStatus

STALE = "stale"
PENDING = "pending"


def node_state(*, last_seen: float | None, silent_for_s: float, draining: bool, stale_after_s: float) -> NodeState:
    """Silence goes before everything else: a node not heard from is never shown as anything healthier."""
    if last_seen is None:
        return NodeState.STALE if silent_for_s > stale_after_s else NodeState.ENROLLED
    if silent_for_s > stale_after_s:
        return NodeState.STALE
    return NodeState.DRAINING if draining else NodeState.READY


def share_phase(
    placed: Placed,
    status: WorkloadStatus | None,
    *,
    is_stale: bool,
    phase_since: float | None,
    start_deadline_s: float,
    now: float,
) -> tuple[str, str]:
    """(phase, reason) of one share; nothing stays under way past its deadline."""
    if is_stale:
        return STALE, "the node is not heard from; what it said last may no longer be so"
    said = Phase.STARTING if status is None else status.phase
    reason = "" if status is None else status.reason
    if runs(status, placed) or said in (Phase.FAILED, Phase.STOPPED):
        return said.value, reason
    since = max(placed.since, phase_since or placed.since) if status and said is Phase.STARTING else placed.since
    if now - since > start_deadline_s:
        return Phase.FAILED.value, _overdue(status, start_deadline_s) + (f": {reason}" if reason else "")
    return (PENDING if status is None else said.value), reason


def _overdue(status: WorkloadStatus | None, deadline_s: float) -> str:
    what = "has not told of it" if status is None else "has not applied it"
    return f"the node {what} within {deadline_s:g} s: see its log"
