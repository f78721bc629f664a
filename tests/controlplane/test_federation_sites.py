"""What is shown of each site: why it has no part, how it is, and nothing of it once all is over."""

from typing import Any

from controlplane.federation_sites import Seen, sites
from controlplane.federations import Federated
from controlplane.fleet import Node
from controlplane.world import Placed
from shared.documents import Phase, WorkloadStatus
from shared.documents.federation_workloads import PARTICIPANT, FederationProgress, FederationState, SiteView
from tests.controlplane.federating import facts, federated, federation

SHARE = Placed(owner="federation/clinics/1", part=PARTICIPANT, node="north", revision="r", since=0.0)
NOTHING = FederationProgress()


def seen(*, share: Placed | None = SHARE, said: WorkloadStatus | None = None, **changes: Any) -> Seen:  # noqa: ANN401
    node = Node(name="north", labels={}, facts=facts(PARTICIPANT, public_key="key"), **changes)
    return Seen(node=node, last_seen=None, status=said, share=share, since=None, is_stale=False)


def says(phase: Phase, reason: str = "") -> WorkloadStatus:
    return WorkloadStatus(id="p", kind=PARTICIPANT, phase=phase, reason=reason, revision="r")


def shown(site: Seen, one: Federated | None = None, *, now: float = 1.0) -> SiteView:
    (view,) = sites(one or federated(), [site], NOTHING, now=now)
    return view


def test_a_part_that_was_given_and_not_begun_is_overdue_after_its_deadline() -> None:
    assert shown(seen()).phase == "pending"
    late = shown(seen(), now=121.0)
    assert (late.phase, late.reason) == ("failed", "the node has not told of it within 120 s: see its log")


def test_a_site_that_has_done_all_there_was_to_do_is_not_overdue() -> None:
    found = shown(seen(said=says(Phase.FINISHED, "the federation has ended")), now=1e6)
    assert (found.phase, found.reason) == ("finished", "the federation has ended")


def test_why_a_site_has_no_part_stands_with_its_remedy() -> None:
    for node, reason in (
        (seen(share=None, draining=True), "draining: undrain it"),
        (seen(share=None, silent_for_s=61.0), "not heard from: bring it back, or remove it"),
        (seen(share=None, takes_new=False), "confirm its generation"),
        (seen(share=None), "it is not placed there yet"),
    ):
        view = shown(node)
        assert (view.phase, reason in view.reason) == ("pending", True)
    crowded = shown(seen(share=None), federated(wanted=federation(memory_bytes=7)))
    assert crowded.reason.startswith("not enough free memory")
    greedy = shown(seen(share=None), federated(wanted=federation(memory_bytes=7_000)))
    assert greedy.reason.startswith("not enough free memory")


def test_when_all_is_over_no_site_has_a_reason() -> None:
    over = federated(end=FederationState.FINISHED)
    view = shown(seen(share=None, said=says(Phase.DRAINING, "leaving")), over)
    assert (view.phase, view.reason) == ("stopped", "")
