import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DocumentError
from simulations.experiment.document import FaultKind
from simulations.experiment.targets import Target, TargetKind, possible, target


@given(
    st.sampled_from([TargetKind.AGENT, TargetKind.BROKER]),
    st.from_regex(r"[a-z]([a-z0-9-]{0,9}[a-z0-9])?", fullmatch=True),
    st.integers(1, 10**8),
)
def test_agents_and_brokers_are_a_tier_and_a_number(kind: TargetKind, tier: str, number: int) -> None:
    assert target(f"{kind}:{tier}-{number}") == Target(kind=kind, name=tier, number=number)


def test_links_go_by_their_name_and_the_control_plane_by_itself() -> None:
    assert target("link:edge-cloud") == Target(kind=TargetKind.LINK, name="edge-cloud")
    assert target("control-plane") == Target(kind=TargetKind.CONTROL_PLANE)
    assert target("deployment") == Target(kind=TargetKind.DEPLOYMENT)


@given(st.sampled_from(TargetKind), st.sampled_from(FaultKind))
def test_only_deployments_are_swapped_and_only_links_are_cut(kind: TargetKind, fault: FaultKind) -> None:
    assert (fault in possible(kind)) == {
        FaultKind.SWAP: kind is TargetKind.DEPLOYMENT,
        FaultKind.CUT: kind is TargetKind.LINK,
        FaultKind.MEND: kind is TargetKind.LINK,
        FaultKind.SLOW: kind is TargetKind.LINK,
    }.get(fault, kind not in (TargetKind.DEPLOYMENT, TargetKind.LINK))


@pytest.mark.parametrize("wrong", ["", "agent", "agent:edge", "agent:edge-0", "broker:edge-x", "node:edge-1", "link:"])
def test_what_is_no_target_is_refused_with_the_forms_there_are(wrong: str) -> None:
    with pytest.raises(DocumentError, match="agent:<tier>-<number>"):
        target(wrong)
