"""What people are shown of a federation: its state as it is now, never one that was stored a while ago. Pure."""

from controlplane.clock import timestamp
from controlplane.federations import Federated
from shared.documents import Phase, WorkloadStatus
from shared.documents.federation_workloads import FederationProgress, FederationState, FederationView, SiteView


def standing(one: Federated, status: WorkloadStatus | None, *, is_silent: bool) -> tuple[FederationState, str]:
    """Its state, and what is waited for. `status`: what the coordinator's node said last of its part; `is_silent`: it
    has not been heard from for longer than the federation's `stale_after_s`."""
    if one.end is not None:
        return one.end, one.reason
    obstacle = _obstacle(one, status, is_silent=is_silent)
    if one.is_ending:
        why = "cancelled by an operator" if one.is_cancelled else f"it has ended ({one.ended})"
        return FederationState.ENDING, f"{why}; {obstacle}" if obstacle else why
    if one.is_paused:
        return FederationState.PAUSED, obstacle
    if obstacle:
        return FederationState.WAITING, obstacle
    return FederationState.RUNNING, status.reason if status else ""


def federation_view(
    one: Federated,
    progress: FederationProgress,
    sites: tuple[SiteView, ...],
    now: tuple[FederationState, str],
) -> FederationView:
    """`now` as `standing` has it."""
    state, reason = now
    return FederationView(
        federation=one.wanted,
        edition=one.edition,
        state=state,
        reason=reason,
        coordinator=one.seated,
        progress=progress,
        sites=sites,
        model=one.version.model if one.version else None,
        version=one.version.version if one.version else None,
        files=one.files,
        created_at=timestamp(one.created_at),
        ended_at=None if one.ended_at is None else timestamp(one.ended_at),
    )


def _obstacle(one: Federated, status: WorkloadStatus | None, *, is_silent: bool) -> str:
    """Why nobody coordinates now; empty: somebody does."""
    node = one.seated
    if node is None:
        return one.waits or "waits for a node that coordinates"
    if is_silent:
        return f"{node} coordinates and is not heard from: bring it back, or let another node carry the labels"
    if status is None:
        return (
            f"{node} has not begun to coordinate: see its log if it does not within {one.wanted.start_deadline_s:g} s"
        )
    if status.phase in (Phase.RUNNING, Phase.FINISHED):
        return ""
    said = f": {status.reason}" if status.reason else ""
    if status.phase is Phase.FAILED:
        return f"{node} could not coordinate, and tries again{said}"
    return f"{node} is {status.phase.value}{said}"
