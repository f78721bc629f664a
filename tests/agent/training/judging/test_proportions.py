"""The exact test and the intervals: against SciPy, and against what their papers print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from agent.training.judging.proportions import mcnemar, newcombe, wilson

counts = st.integers(0, 60)
shares = st.integers(1, 80).flatmap(lambda records: st.tuples(st.integers(0, records), st.just(records)))


@given(counts, counts)
def test_mcnemar_is_the_exact_binomial_test(one: int, other: int) -> None:
    expected = binomtest(one, one + other).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("one", "other"), [(0, 3000), (4800, 5200), (500_000, 501_000)])
def test_mcnemar_is_as_good_for_many_pairs(one: int, other: int) -> None:
    assert mcnemar(one, other) == pytest.approx(binomtest(one, one + other).pvalue, rel=1e-6, abs=1e-300)


@given(shares, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilsons_interval_is_scipys(share: tuple[int, int], confidence: float) -> None:
    expected = binomtest(*share).proportion_ci(confidence, method="wilson")
    assert wilson(*share, confidence=confidence) == pytest.approx((expected.low, expected.high), abs=1e-9)


# Table II of the paper, method 10, at 95 %.
@pytest.mark.parametrize(
    ("one", "other", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_interval_is_the_papers(
    one: tuple[int, int], other: tuple[int, int], lower: float, upper: float
) -> None:
    assert newcombe(*one, *other, confidence=0.95) == pytest.approx((lower, upper), abs=5.1e-5)


@given(shares, shares, st.sampled_from([0.8, 0.95, 0.99]))
def test_newcombes_interval_holds_the_difference_and_turns_with_it(
    one: tuple[int, int], other: tuple[int, int], confidence: float
) -> None:
    lower, upper = newcombe(*one, *other, confidence=confidence)
    assert -1 - 1e-12 <= lower <= one[0] / one[1] - other[0] / other[1] <= upper <= 1 + 1e-12
    assert newcombe(*other, *one, confidence=confidence) == pytest.approx((-upper, -lower), abs=1e-12)
