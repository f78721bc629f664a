import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DocumentError
from simulations.experiment.targets import Target, TargetKind, target


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


@pytest.mark.parametrize("wrong", ["", "agent", "agent:edge", "agent:edge-0", "broker:edge-x", "node:edge-1", "link:"])
def test_what_is_no_target_is_refused_with_the_forms_there_are(wrong: str) -> None:
    with pytest.raises(DocumentError, match="agent:<tier>-<number>"):
        target(wrong)
