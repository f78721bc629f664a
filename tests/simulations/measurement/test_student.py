"""Student's t against the table at the end of every textbook."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.measurement.student import cdf, expanded_tail, quantile


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (24, 2.064)]
)
def test_the_quantiles_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert quantile(0.975, freedom) == pytest.approx(expected, abs=6e-4)


def test_with_many_degrees_of_freedom_it_is_the_normal_s() -> None:
    assert quantile(0.975, 10_000) == pytest.approx(1.96, abs=1e-3)


@given(st.floats(0.5, 0.9999), st.integers(1, 60))
def test_the_quantile_is_where_the_distribution_reaches_it(probability: float, freedom: int) -> None:
    assert cdf(quantile(probability, freedom), freedom) == pytest.approx(probability, abs=1e-6)


@given(st.floats(-50, 50), st.integers(1, 60))
def test_it_is_symmetric(value: float, freedom: int) -> None:
    assert cdf(value, freedom) + cdf(-value, freedom) == pytest.approx(1)


def test_few_repetitions_ask_for_more_of_the_bootstrap_s_tail() -> None:
    tails = [expanded_tail(0.025, repetitions) for repetitions in (3, 5, 10, 25, 1000)]
    assert tails == sorted(tails)
    assert tails[-1] == pytest.approx(0.025, rel=0.01)
    assert tails[1] == pytest.approx(0.00096, rel=0.02)
