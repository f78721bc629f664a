"""Calibration errors and the reliability curve: by the formulas written out, against scikit-learn, in any batches."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from agent.training.judging.calibration import CalibrationTally, calibration
from agent.training.judging.predictions import predictions
from shared.errors import DocumentError
from tests.agent.training.judging.cases import Floats, Ints, answers, assert_same, batches, cuts, many

Answers = tuple[list[Floats], Ints]


def by_hand(groups: list[tuple[Floats, Ints]]) -> float:
    """Each group: confidences, and 1 where right."""
    records = sum(len(sure) for sure, _ in groups)
    gaps = [
        len(sure) / records * abs(right.mean() - sure.astype(np.float64).mean()) for sure, right in groups if len(sure)
    ]
    return float(sum(gaps))


def sure_and_right(case: Answers) -> tuple[Floats, Ints]:
    (given_,), labels = case
    return given_.max(axis=1), (given_.argmax(axis=1) == labels).astype(np.int64)


@given(answers(), st.integers(1, 20))
def test_ece_is_the_formula_of_guo_and_others(case: Answers, bins: int) -> None:
    sure, right = sure_and_right(case)
    edges = np.linspace(0, 1, bins + 1)
    inside = [(sure > low) & (sure <= high) for low, high in pairwise(edges)]
    found = calibration(case[0][0], case[1], bins=bins).ece
    assert found == pytest.approx(by_hand([(sure[rows], right[rows]) for rows in inside]), abs=1e-12)


@given(answers())
def test_the_reliability_curve_is_scikit_learns(case: Answers) -> None:
    sure, right = sure_and_right(case)
    accuracy, confidence = calibration_curve(right, sure.astype(np.float64), n_bins=15)
    filled = [one for one in calibration(case[0][0], case[1]).bins if one.records]
    assert [one.accuracy for one in filled] == pytest.approx(accuracy)
    assert [one.confidence for one in filled] == pytest.approx(confidence)


@given(answers())
def test_the_brier_score_is_scikit_learns(case: Answers) -> None:
    (given_,), labels = case
    exact = given_ / given_.sum(axis=1, keepdims=True, dtype=np.float64)
    expected = brier_score_loss(labels, exact, labels=range(given_.shape[1]), scale_by_half=False)
    assert calibration(given_, labels).brier == pytest.approx(expected, abs=1e-6)


def test_the_adaptive_error_is_over_bins_of_equal_mass() -> None:
    random = np.random.default_rng(1)
    sure = random.permutation(np.linspace(0.51, 0.99, 300)).astype(np.float32)
    labels = (random.random(300) < 0.3).astype(np.int64)
    order = np.argsort(sure)
    groups = [(sure[rows], 1 - labels[rows]) for rows in np.array_split(order, 15)]
    found = calibration(np.stack([sure, 1 - sure], axis=1), labels)
    assert found.adaptive_ece == pytest.approx(by_hand(groups), abs=1e-12)


@given(answers(), st.integers(1, 20), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(case: Answers, bins: int, random: object) -> None:
    (given_,), labels = case
    order = list(range(len(labels)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis types it as object
    assert_same(calibration(given_[order], labels[order], bins=bins), calibration(given_, labels, bins=bins))


@given(answers())
def test_errors_lie_where_they_must(case: Answers) -> None:
    (given_,), labels = case
    found = calibration(given_, labels)
    sure, right = sure_and_right(case)
    # One bin for all is the coarsest grouping, and grouping can only hide.
    least = abs(right.mean() - sure.astype(np.float64).mean()) - 1e-12
    assert least <= found.ece <= 1
    assert least <= found.adaptive_ece <= 1
    assert 0 <= found.brier <= 2 + 1e-6


def test_a_network_that_is_as_often_right_as_it_says_has_hardly_any_error() -> None:
    honest, boastful = (calibration(*many(20_000, 5, seed=3, skill=skill)) for skill in (1.0, 2.0))
    assert honest.ece < 0.02
    assert honest.adaptive_ece < 0.02
    assert boastful.ece > 0.1
    assert boastful.adaptive_ece > 0.1


def test_a_bin_is_closed_above_and_an_empty_one_claims_nothing() -> None:
    low, high = calibration(np.array([[0.5, 0.5]]), np.array([0]), bins=2).bins
    assert (low.records, low.confidence, low.accuracy) == (1, 0.5, 1.0)
    assert (high.records, high.confidence, high.accuracy) == (0, None, None)


@given(answers(), cuts, st.booleans())
def test_batches_and_merges_do_not_matter(case: Answers, places: list[int], merged: bool) -> None:
    (given_,), labels = case
    tally = CalibrationTally()
    for rows, classes in batches(places, given_, labels):
        part = CalibrationTally() if merged else tally
        part.add(predictions(rows, classes))
        if merged:
            tally.merge(part)
    assert_same(tally.result(), calibration(given_, labels))


def test_no_records_and_no_bins_are_refused() -> None:
    with pytest.raises(DocumentError, match="the test set is empty"):
        CalibrationTally().result()
    with pytest.raises(DocumentError, match="at least one bin"):
        CalibrationTally(bins=0)
    with pytest.raises(DocumentError, match="10 where 15"):
        CalibrationTally().merge(CalibrationTally(bins=10))
