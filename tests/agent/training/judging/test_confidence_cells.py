"""The grid of confidences keeps their order and is finest where networks are surest."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from agent.training.judging.confidence_cells import CELLS, cells, equal_mass

confidences = hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(0, 1, width=32))


@given(confidences)
def test_a_greater_confidence_never_has_a_lower_cell(sure: NDArray[np.float32]) -> None:
    places = cells(np.sort(sure).astype(np.float64))
    assert (np.diff(places) >= 0).all()
    assert 0 <= places.min() <= places.max() < CELLS


def test_the_ends_have_cells_of_their_own_side() -> None:
    assert cells(np.array([0.0, 2.0**-30, 0.5, 1.0])).tolist() == [0, 0, CELLS // 2 - 1, CELLS - 1]


def test_near_one_cells_are_as_fine_as_what_is_missing() -> None:
    missing = np.geomspace(1e-6, 0.4, 1000)
    places = cells(np.sort(1 - missing))
    # 1000 confidences over 19 halvings at 256 cells each.
    assert len(set(places.tolist())) > 990


@given(hnp.arrays(np.int64, st.integers(1, 50), elements=st.integers(0, 5)), st.integers(1, 12))
def test_bins_of_equal_mass_are_in_order_and_of_nearly_equal_mass(records: NDArray[np.int64], bins: int) -> None:
    records[0] += 1
    places = equal_mass(records, bins)
    assert (np.diff(places) >= 0).all()
    assert 0 <= places[0] <= places[-1] < bins
    masses = np.bincount(places, weights=records, minlength=bins)
    # A cell is never split, so a bin may be off by half a cell at each side.
    assert (np.abs(masses - records.sum() / bins) <= records.max()).all()
