import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulations.report.content import Distribution
from simulations.report.quantiles import curve, grid

REPETITIONS = st.lists(
    st.lists(st.floats(min_value=0.001, max_value=1e6), min_size=1, max_size=60).map(np.array), min_size=1, max_size=4
)


def distribution(*repetitions: NDArray[np.float64]) -> Distribution:
    return Distribution(label="it", repetitions=repetitions)


@given(REPETITIONS)
def test_a_curve_ascends_within_what_was_seen(repetitions: list[NDArray[np.float64]]) -> None:
    found, seen = curve(distribution(*repetitions)), np.concatenate(repetitions)
    assert (np.diff(found.values) >= 0).all()
    assert np.isin(found.values, seen).all()


@given(REPETITIONS)
def test_all_together_lie_between_the_repetitions(repetitions: list[NDArray[np.float64]]) -> None:
    found = curve(distribution(*repetitions))
    known = ~np.isnan(found.low)
    assert (found.low[known] <= found.values[known]).all()
    assert (found.values[known] <= found.high[known]).all()


@given(st.integers(min_value=1, max_value=10**7))
def test_no_share_is_claimed_that_so_few_records_cannot_tell(records: int) -> None:
    shares = grid(records)
    assert shares[0] == 0
    assert shares[-1] <= 1 - 1 / records
    assert len(shares) < 500


def test_ten_records_lie_beyond_what_is_sure() -> None:
    assert curve(distribution(np.arange(1000.0))).sure == pytest.approx(0.99)
    assert curve(distribution(np.arange(5.0))).sure == 0


def test_lost_records_are_infinitely_late() -> None:
    found = curve(distribution(np.array([1.0, 2.0, np.inf, np.inf])))
    assert found.values[found.shares <= 0.5].max() == 2.0
    assert np.isinf(found.values[-1])


@pytest.mark.parametrize("repetitions", [(), (np.empty(0),), (np.array([1.0, np.nan]),)])
def test_nothing_and_no_number_are_refused(repetitions: tuple[NDArray[np.float64], ...]) -> None:
    with pytest.raises(ValueError, match="a distribution needs values"):
        curve(distribution(*repetitions))
