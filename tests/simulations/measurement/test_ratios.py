import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.measurement.estimators import Ratio
from simulations.measurement.measures import Measure
from simulations.measurement.ratios import ratios
from simulations.measurement.statistics import Interval, ratio, value

SUMS = st.lists(st.floats(min_value=0.1, max_value=1e4), min_size=1, max_size=12)
SEED = 7


def mean_of(sums: list[float]) -> Ratio:
    return Ratio(np.array(sums), np.ones(len(sums)))


@given(SUMS, SUMS)
def test_a_ratio_lies_in_its_interval_and_is_that_of_the_figures(above: list[float], below: list[float]) -> None:
    found = ratio(mean_of(above), mean_of(below), seed=SEED)
    assert found.value == pytest.approx(value(mean_of(above)) / value(mean_of(below)))
    if min(len(above), len(below)) < 2:
        assert (found.low, found.high) == (None, None)
    else:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.high
        assert min(above) / max(below) <= found.low * (1 + 1e-9)
        assert found.high <= max(above) / min(below) * (1 + 1e-9)


@given(SUMS, SUMS, st.floats(min_value=0.01, max_value=100))
def test_the_unit_of_measure_does_not_matter(above: list[float], below: list[float], factor: float) -> None:
    first = ratio(mean_of(above), mean_of(below), seed=SEED)
    again = ratio(mean_of([one * factor for one in above]), mean_of([one * factor for one in below]), seed=SEED)
    assert again.value == pytest.approx(first.value)
    assert again.low == pytest.approx(first.low)
    assert again.high == pytest.approx(first.high)


@given(SUMS, SUMS)
def test_the_same_seed_draws_the_same_interval(above: list[float], below: list[float]) -> None:
    assert ratio(mean_of(above), mean_of(below), seed=SEED) == ratio(mean_of(above), mean_of(below), seed=SEED)


def test_more_alike_repetitions_are_surer() -> None:
    def width(spread: float) -> float:
        found = ratio(mean_of([10 - spread, 10, 10 + spread] * 3), mean_of([20.0] * 9), seed=SEED)
        assert found.low is not None
        assert found.high is not None
        return found.high - found.low

    assert width(0.0) == pytest.approx(0.0)
    assert width(1.0) < width(4.0)


def test_over_nothing_there_is_no_ratio_or_no_bound() -> None:
    assert math.isnan(ratio(mean_of([0.0]), mean_of([0.0]), seed=SEED).value)
    assert math.isnan(ratio(mean_of([math.inf]), mean_of([math.inf]), seed=SEED).value)
    assert ratio(mean_of([1.0]), mean_of([math.inf]), seed=SEED).value == 0.0


def test_each_pair_is_compared_in_the_figures_that_both_have() -> None:
    def measure(name: str, amount: float) -> Measure:
        return Measure(name=name, unit="ms", estimator=mean_of([amount]))

    by_cell = {0: [measure("p50", 10.0), measure("p99", 40.0)], 1: [measure("p50", 5.0)], 2: [measure("p99", 20.0)]}
    found = ratios(by_cell, [(0, 1), (0, 2)], ("p50", "p99"), seed=SEED)
    assert [(one.base, one.cell, one.name) for one in found] == [(0, 1, "p50"), (0, 2, "p99")]
    assert [one.ratio for one in found] == [Interval(value=0.5, low=None, high=None)] * 2
