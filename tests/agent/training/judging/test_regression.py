"""Errors of plain numbers: against scikit-learn, in any batches, and where nothing varies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn import metrics

from agent.training.judging.regression import RegressionTally, regression
from shared.errors import DocumentError
from tests.agent.training.judging.cases import assert_same, batches, cuts

Numbers = NDArray[np.float64]

# Eighths: few enough digits for 1e-12 to be asked of a variance too.
eighths = st.integers(-400, 400).map(lambda eighth: eighth / 8)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Numbers, Numbers]:
    shape = (draw(st.integers(1, 24)), draw(st.integers(1, 3)))
    return draw(hnp.arrays(np.float64, shape, elements=eighths)), draw(hnp.arrays(np.float64, shape, elements=eighths))


@given(pairs())
def test_it_is_what_scikit_learn_says(case: tuple[Numbers, Numbers]) -> None:
    outputs, truth = case
    found = regression(outputs, truth)
    raw = {"multioutput": "raw_values"}
    assert [one.mse for one in found.by_output] == pytest.approx(metrics.mean_squared_error(truth, outputs, **raw))
    assert [one.rmse for one in found.by_output] == pytest.approx(
        metrics.root_mean_squared_error(truth, outputs, **raw)
    )
    assert [one.mae for one in found.by_output] == pytest.approx(metrics.mean_absolute_error(truth, outputs, **raw))
    assert found.overall.mse == pytest.approx(metrics.mean_squared_error(truth, outputs))
    assert found.overall.rmse == pytest.approx(metrics.root_mean_squared_error(truth.ravel(), outputs.ravel()))
    assert found.overall.mae == pytest.approx(metrics.mean_absolute_error(truth, outputs))


@given(pairs())
def test_r2_is_scikit_learns_where_the_truth_varies_and_null_where_not(case: tuple[Numbers, Numbers]) -> None:
    outputs, truth = case
    found = regression(outputs, truth)
    varies = np.ptp(truth, axis=0) > 0
    assert [one.r2 is not None for one in found.by_output] == varies.tolist()
    if not varies.any():
        assert found.overall.r2 is None
        return
    expected = metrics.r2_score(truth[:, varies], outputs[:, varies], multioutput="raw_values")
    assert [one.r2 for one in found.by_output if one.r2 is not None] == pytest.approx(expected)
    assert found.overall.r2 == pytest.approx(np.mean(expected))


@given(pairs(), cuts, st.booleans())
def test_batches_and_merges_do_not_matter(case: tuple[Numbers, Numbers], places: list[int], merged: bool) -> None:
    tally = RegressionTally(outputs=case[0].shape[1])
    for outputs, truth in batches(places, *case):
        part = RegressionTally(outputs=tally.outputs) if merged else tally
        part.add(outputs, truth)
        if merged:
            tally.merge(part)
    assert_same(tally.result(), regression(*case))


def test_r2_survives_numbers_far_from_zero() -> None:
    random = np.random.default_rng(5)
    truth = 1e9 + random.normal(size=(1000, 1))
    outputs = truth + 0.1 * random.normal(size=truth.shape)
    tally = RegressionTally(outputs=1)
    for start in range(0, 1000, 7):
        tally.add(outputs[start : start + 7], truth[start : start + 7])
    assert tally.result().overall.r2 == pytest.approx(metrics.r2_score(truth, outputs), abs=1e-7)


def test_a_constant_that_is_no_binary_fraction_has_no_r2_in_any_batches() -> None:
    truth, outputs = np.full((10, 1), 0.1), np.full((10, 1), 0.3)
    tally = RegressionTally(outputs=1)
    for size in (3, 7):
        tally.add(outputs[:size], truth[:size])
    assert tally.result().overall.r2 is None
    assert regression(outputs, truth).overall.r2 is None


def test_next_to_no_variance_at_all_an_error_determines_nothing() -> None:
    assert regression(np.full((2, 1), 1e120), np.array([[0.0], [1e-150]])).overall.r2 is None


def test_an_output_of_any_shape_is_so_many_numbers() -> None:
    outputs = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    assert len(regression(outputs, outputs.reshape(2, 12)).by_output) == 12
    assert regression(np.array([1.0, 2.0]), np.array([[1.0], [3.0]])).overall.mae == 0.5


@pytest.mark.parametrize(
    ("outputs", "truth", "field"),
    [
        ([[1.0], [np.nan]], [[1.0], [1.0]], "outputs[3]"),
        ([[1.0], [1.0]], [[1.0], [np.inf]], "truth[3]"),
        ([[1.0], [1e141]], [[1.0], [1.0]], "outputs[3]"),
        ([[1.0, 2.0]], [[1.0]], "outputs"),
        ([[1.0]], [[1.0], [1.0]], "truth"),
    ],
)
def test_what_cannot_be_judged_is_named(outputs: list[list[float]], truth: list[list[float]], field: str) -> None:
    tally = RegressionTally(outputs=1)
    tally.add(np.zeros((2, 1)), np.zeros((2, 1)))
    with pytest.raises(DocumentError) as caught:
        tally.add(np.array(outputs), np.array(truth))
    assert caught.value.field == field


def test_no_records_are_said_to_be_none() -> None:
    with pytest.raises(DocumentError, match="the test set is empty"):
        regression(np.zeros((0, 2)), np.zeros((0, 2)))
    with pytest.raises(DocumentError, match="2 numbers a record where 1"):
        RegressionTally(outputs=1).merge(RegressionTally(outputs=2))
