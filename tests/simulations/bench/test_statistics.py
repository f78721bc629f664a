"""The bench's arithmetic, on numbers whose answer is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.bench.statistics import (
    Progress,
    Spread,
    percentile,
    rate,
    rate_between,
    records_at,
    serial_limit,
    spread,
)

numbers = st.floats(0.001, 1e6)


def test_a_spread_is_the_median_between_the_least_and_the_greatest() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(median=3.0, low=1.0, high=10.0)


def test_no_samples_have_no_spread() -> None:
    with pytest.raises(ValueError, match="no samples"):
        spread([])


@given(st.lists(numbers, min_size=1), st.floats(0.01, 1.0))
def test_a_percentile_is_a_sample_that_its_share_does_not_exceed(samples: list[float], share: float) -> None:
    found = percentile(samples, share)
    assert found in samples
    assert sum(one <= found for one in samples) >= share * len(samples) - 1e-9
    assert sum(one < found for one in samples) < share * len(samples) + 1e-9


def test_the_99th_of_a_hundred_is_not_the_worst() -> None:
    assert percentile([float(one) for one in range(100)], 0.99) == 98.0


@given(numbers, numbers)
def test_two_steps_in_a_row_are_slower_than_the_slower(one: float, other: float) -> None:
    assert serial_limit(one, other) < min(one, other)


def test_steps_as_fast_as_each_other_halve_the_rate() -> None:
    assert serial_limit(10.0, 10.0) == pytest.approx(5.0)


def test_a_rate_counts_from_the_first_records_to_the_last() -> None:
    idle_work_idle = [Progress(0.0, 0), Progress(5.0, 100), Progress(6.0, 300), Progress(7.0, 500), Progress(20.0, 500)]
    assert rate(idle_work_idle) == pytest.approx(200.0)


def test_one_step_has_no_rate() -> None:
    with pytest.raises(ValueError, match="two moments"):
        rate([Progress(0.0, 0), Progress(1.0, 10), Progress(2.0, 10)])


def test_between_two_looks_records_count_in_proportion() -> None:
    progress = [Progress(0.0, 0), Progress(10.0, 100)]
    assert records_at(progress, 2.5) == pytest.approx(25.0)
    assert records_at(progress, -1.0) == 0.0
    assert records_at(progress, 11.0) == 100.0


@given(st.floats(0.1, 8.9))
def test_a_steady_rate_is_the_same_in_every_window(begin_s: float) -> None:
    progress = [Progress(float(second), 50 * second) for second in range(11)]
    assert rate_between(progress, begin_s, begin_s + 1.0) == pytest.approx(50.0)
