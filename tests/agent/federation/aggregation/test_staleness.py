"""How much an old update counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.federation.aggregation.staleness import Constant, Hinge, Polynomial, Staleness

kinds = st.one_of(
    st.just(Constant()),
    st.builds(Polynomial, exponent=st.floats(0, 5)),
    st.builds(Hinge, slope=st.floats(0, 100), tolerated=st.integers(0, 20)),
)


@given(kinds)
def test_a_fresh_update_counts_wholly(kind: Staleness) -> None:
    assert kind.weight(0) == 1


@given(kinds, st.integers(0, 1000))
def test_an_older_one_never_counts_more(kind: Staleness, staleness: int) -> None:
    assert 0 < kind.weight(staleness + 1) <= kind.weight(staleness)


@pytest.mark.parametrize(
    ("kind", "staleness", "weight"),
    [
        (Constant(), 50, 1.0),
        (Polynomial(exponent=0.5), 3, 0.5),
        (Hinge(slope=10, tolerated=4), 4, 1.0),
        (Hinge(slope=10, tolerated=4), 5, 1 / 11),
    ],
)
def test_the_papers_formulas(kind: Staleness, staleness: int, weight: float) -> None:
    assert kind.weight(staleness) == pytest.approx(weight)
