"""What there is to tell of a federation: its milestones, not its rounds, which may be a thousand an hour. Pure."""

from controlplane.federations import Federated
from controlplane.store.events import Happened
from shared.documents.federation_workloads import FederationProgress, FederationState

# Above this many at once, one event tells of all of them.
_MOST_EVENTS = 50


def told(before: Federated, after: Federated) -> list[Happened]:
    """Of what time, nodes and reports did; what an operator did is told where it is done."""
    return [*_moved(before, after), *_opened(before, after), *_over(before, after)]


def refused(name: str, before: FederationProgress, after: FederationProgress) -> list[Happened]:
    """Of each participant the first update that was refused: the others stand in the federation's view."""
    known = {one.name for one in before.participants if one.refused}
    fresh = [one for one in after.participants if one.refused and one.name not in known]
    if len(fresh) > _MOST_EVENTS:
        return [Happened("federation_updates_refused", _subject(name), {"participants": len(fresh)})]
    return [
        Happened("federation_update_refused", _subject(name), {"participant": one.name, "reason": one.reason})
        for one in fresh
    ]


def _moved(before: Federated, after: Federated) -> list[Happened]:
    if after.coordinator == before.coordinator or after.coordinator is None:
        return []
    if before.coordinator is None:
        return [Happened("federation_placed", _subject(after.name), {"node": after.coordinator})]
    detail = {"from": before.coordinator, "node": after.coordinator}
    return [Happened("federation_moved", _subject(after.name), detail)]


def _opened(before: Federated, after: Federated) -> list[Happened]:
    happened = []
    if after.is_open and not before.is_open:
        happened.append(Happened("federation_opened", _subject(after.name), {"edition": after.edition}))
    if after.ended and not before.ended:
        detail = {"cause": after.ended, "round": after.round}
        happened.append(Happened("federation_ended", _subject(after.name), detail))
    return happened


def _over(before: Federated, after: Federated) -> list[Happened]:
    if before.is_over or after.end is None:
        return []
    if after.end is FederationState.FAILED:
        return [Happened("federation_failed", _subject(after.name), {"reason": after.reason})]
    detail = {} if after.version is None else {"version": f"{after.version.model}/{after.version.version}"}
    if after.reason:
        detail["reason"] = after.reason
    return [Happened("federation_finished", _subject(after.name), detail)]


def _subject(name: str) -> str:
    return f"federation/{name}"
