"""Intervals and tests, on samples whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.measurement.estimators import Quantile, Ratio
from simulations.measurement.statistics import (
    difference,
    holm,
    interval,
    paired_relative_difference,
    per_repetition,
    permutation_test,
    relative_difference,
)

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8)


def mean(of: list[float]) -> Ratio:
    return Ratio(np.array(of), np.ones(len(of)))


def drawn(random: np.random.Generator, repetitions: int, *, shift: float = 0.0) -> Quantile:
    """Repetitions that differ as a whole by 1, of 50 records that differ by 1 within."""
    whole = random.normal(shift, 1.0, repetitions)
    return Quantile([np.sort(random.normal(one, 1.0, 50)) for one in whole], 0.5)


@given(values)
def test_an_interval_holds_its_value_and_nothing_beyond_the_repetitions(of: list[float]) -> None:
    found = interval(mean(of), seed=1)
    assert found.low is not None
    assert found.high is not None
    rounding = 1e-9 * max(abs(one) for one in of)
    assert min(of) - rounding <= found.low <= found.value + rounding
    assert found.value - rounding <= found.high <= max(of) + rounding


def test_one_repetition_has_no_interval() -> None:
    found = interval(mean([3.0]), seed=1)
    assert (found.value, found.low, found.high) == (3.0, None, None)


def test_what_moves_both_of_a_pair_is_no_difference_between_them() -> None:
    one = np.array([10.0, 20.0, 40.0, 30.0])
    found = paired_relative_difference(mean(one.tolist()), mean((1.1 * one).tolist()), seed=1)
    assert [found.value, found.low, found.high] == pytest.approx([0.1, 0.1, 0.1])
    apart = relative_difference(mean(one.tolist()), mean((1.1 * one).tolist()), seed=1)
    assert apart.low is not None
    assert apart.low < 0
    assert paired_relative_difference(mean([2.0]), mean([3.0]), seed=1).low is None


def test_the_same_seed_gives_the_same_interval() -> None:
    random = np.random.default_rng(5)
    estimator = drawn(random, 25)
    assert interval(estimator, seed=1) == interval(estimator, seed=1)


@pytest.mark.parametrize("repetitions", [5, 10])
def test_the_interval_covers_the_truth_about_nineteen_times_in_twenty(repetitions: int) -> None:
    random = np.random.default_rng(7)
    found = [interval(drawn(random, repetitions), seed=1) for _ in range(100)]
    covered = sum(one.low is not None and one.high is not None and one.low <= 0.0 <= one.high for one in found)
    assert covered >= 88


def test_more_records_within_a_repetition_do_not_feign_certainty() -> None:
    few = Quantile([np.full(10, one) for one in (1.0, 2.0, 3.0, 4.0, 5.0)], 0.5)
    many = Quantile([np.full(10_000, one) for one in (1.0, 2.0, 3.0, 4.0, 5.0)], 0.5)
    assert interval(few, seed=1) == interval(many, seed=1)


def test_a_percentile_among_the_lost_is_infinite_and_so_is_its_bound() -> None:
    lossy = Quantile([np.array([1.0, 2.0, math.inf]), np.array([1.0, 2.0, 3.0])], 0.99)
    found = interval(lossy, seed=1)
    assert (found.value, found.low, found.high) == (math.inf, 3.0, math.inf)


def test_each_repetition_has_its_own_value() -> None:
    assert per_repetition(mean([1.0, 2.0, 4.0])) == (1.0, 2.0, 4.0)


def test_two_runs_of_the_same_kind_differ_by_nothing_nine_times_in_ten() -> None:
    random = np.random.default_rng(11)
    found = [difference(drawn(random, 5), drawn(random, 5), seed=1) for _ in range(60)]
    same = sum(one.low is not None and one.high is not None and one.low <= 0.0 <= one.high for one in found)
    assert same >= 54


def test_runs_that_differ_are_told_apart() -> None:
    random = np.random.default_rng(13)
    one, other = drawn(random, 10), drawn(random, 10, shift=5.0)
    found = difference(one, other, seed=1)
    assert found.low is not None
    assert found.low > 0
    assert found.value == pytest.approx(5.0, abs=1.5)
    assert permutation_test(one, other, seed=1) < 0.001


def test_a_run_does_not_differ_from_itself() -> None:
    run = mean([1.0, 2.0, 3.0, 4.0])
    assert difference(run, run, seed=1).value == 0.0
    assert permutation_test(run, run, seed=1) == 1.0


def test_the_permutation_test_counts_all_divisions_of_few_repetitions() -> None:
    # Of 20 divisions of six, this one and its mirror are the most extreme.
    assert permutation_test(mean([1.0, 2.0, 3.0]), mean([11.0, 12.0, 13.0]), seed=1) == pytest.approx(2 / 20)


def test_the_permutation_test_is_even_where_nothing_differs() -> None:
    random = np.random.default_rng(17)
    found = [permutation_test(mean(list(random.normal(size=5))), mean(list(random.normal(size=5))), seed=1)
             for _ in range(200)]  # fmt: skip
    assert 0.4 < np.mean(found) < 0.6
    assert sum(one <= 0.05 for one in found) <= 20


def test_many_repetitions_are_divided_by_lot_and_never_with_certainty() -> None:
    found = permutation_test(mean([0.0] * 20), mean([1.0] * 20), seed=1)
    assert 0 < found < 0.001


def test_what_has_no_value_cannot_be_tested() -> None:
    assert math.isnan(permutation_test(Ratio(np.array([0.0]), np.array([0.0])), mean([1.0]), seed=1))


def test_two_runs_that_both_lost_too_much_do_not_differ() -> None:
    lost = Quantile([np.array([math.inf]), np.array([math.inf])], 0.5)
    assert difference(lost, lost, seed=1).value == 0.0


def test_holm_multiplies_the_smallest_most_and_never_turns_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, math.nan]) == pytest.approx((0.03, 0.06, 0.06, math.nan), nan_ok=True)
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), max_size=10))
def test_holm_only_raises(found: list[float]) -> None:
    assert all(raised >= one for raised, one in zip(holm(found), found, strict=True))


def test_a_relative_difference_is_of_the_first_run() -> None:
    assert relative_difference(mean([10.0, 10.0]), mean([15.0, 15.0]), seed=1).value == pytest.approx(0.5)


def test_nothing_has_no_relative_difference_to_something_but_none_to_nothing() -> None:
    assert math.isnan(relative_difference(mean([0.0, 0.0]), mean([1.0, 1.0]), seed=1).value)
    assert relative_difference(mean([0.0, 0.0]), mean([0.0, 0.0]), seed=1).value == 0.0


def test_the_order_of_additions_makes_no_difference() -> None:
    one, other = mean([0.3] * 5), mean([0.1 + 0.2] * 5)
    assert difference(one, other, seed=1).low == 0.0
    assert permutation_test(one, other, seed=1) == 1.0
