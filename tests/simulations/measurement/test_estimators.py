"""A figure over weighted repetitions is the figure over repetitions repeated that often."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.bench.statistics import percentile
from simulations.measurement.estimators import Quantile, Ratio

samples = st.lists(st.integers(0, 50).map(float) | st.just(math.inf), max_size=6)
repetitions = st.lists(st.tuples(samples, st.integers(0, 3)), min_size=1, max_size=5)
shares = st.sampled_from([0.001, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0])


@given(repetitions, shares)
def test_a_weighted_quantile_is_that_of_the_repeated_samples(
    found: list[tuple[list[float], int]], share: float
) -> None:
    quantile = Quantile([np.sort(np.array(one, dtype=np.float64)) for one, _ in found], share)
    counted = float(quantile.at(np.array([[times for _, times in found]]))[0])
    repeated = [one for several, times in found for one in several * times]
    if repeated:
        assert counted == percentile(repeated, share)
    else:
        assert math.isnan(counted)


def test_many_weights_are_reckoned_each_for_itself() -> None:
    quantile = Quantile([np.array([1.0, 2.0]), np.array([10.0, 20.0])], 0.5)
    assert quantile.at(np.array([[1, 0], [0, 1], [1, 1], [1, 3]])).tolist() == [1.0, 10.0, 2.0, 10.0]


def test_a_ratio_is_of_the_sums_and_not_a_mean_of_ratios() -> None:
    ratio = Ratio(np.array([1.0, 9.0]), np.array([10.0, 10.0]))
    assert ratio.at(np.array([[1, 1], [3, 1], [0, 0]])).tolist() == pytest.approx([0.5, 0.3, math.nan], nan_ok=True)


def test_both_runs_beside_each_other_have_the_repetitions_of_both() -> None:
    one, other = Ratio(np.array([1.0]), np.array([2.0])), Ratio(np.array([3.0]), np.array([4.0]))
    assert one.beside(other).at(np.array([[1, 0], [0, 1]])).tolist() == [0.5, 0.75]
    few, many = Quantile([np.array([1.0])], 0.5), Quantile([np.array([5.0])], 0.5)
    assert few.beside(many).at(np.array([[1, 0], [0, 1]])).tolist() == [1.0, 5.0]
