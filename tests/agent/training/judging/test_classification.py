"""Accuracy, loss, confusion and scores by class: against scikit-learn, in any batches, and at their ends."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from agent.training.judging.classification import ClassificationTally, classification
from agent.training.judging.predictions import predictions
from agent.training.judging.scores import Averages
from shared.errors import DocumentError
from tests.agent.training.judging.cases import Floats, Ints, answers, assert_same, batches, cuts, many

Answers = tuple[list[Floats], Ints]


@given(answers())
def test_it_is_what_scikit_learn_says(case: Answers) -> None:
    (given_,), labels = case
    classes, predicted = list(range(given_.shape[1])), given_.argmax(axis=1)
    found = classification(given_, labels)
    assert found.accuracy == metrics.accuracy_score(labels, predicted)
    assert np.array_equal(found.confusion, metrics.confusion_matrix(labels, predicted, labels=classes))
    # Theirs adds up in single precision.
    assert found.log_loss == pytest.approx(metrics.log_loss(labels, given_, labels=classes), rel=1e-5, abs=1e-6)
    scores = metrics.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=np.nan)
    for name, expected in zip(("precision", "recall", "f1", "support"), scores, strict=True):
        values = [getattr(one, name) for one in found.by_class]
        assert [math.nan if value is None else value for value in values] == pytest.approx(expected, nan_ok=True)


@given(answers(), st.sampled_from(["macro", "weighted"]))
def test_averages_are_scikit_learns_with_nothing_for_what_divides_by_zero(case: Answers, average: str) -> None:
    (given_,), labels = case
    expected = metrics.precision_recall_fscore_support(labels, given_.argmax(axis=1), average=average, zero_division=0)[
        :3
    ]
    found: Averages = getattr(classification(given_, labels), average)
    assert (found.precision, found.recall, found.f1) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_top_k_is_what_scikit_learn_says(seed: int) -> None:
    given_, labels = many(300, 12, seed)
    found = classification(given_, labels).top_k
    assert [one.k for one in found] == [2, 3, 5, 10]
    for one in found:
        assert one.accuracy == metrics.top_k_accuracy_score(labels, given_, k=one.k, labels=range(12))


@given(answers())
def test_more_guesses_never_find_less(case: Answers) -> None:
    (given_,), labels = case
    found = classification(given_, labels)
    shares = [found.accuracy, *(one.accuracy for one in found.top_k), 1.0]
    assert shares == sorted(shares)


def test_a_class_nobody_predicted_has_no_precision() -> None:
    absent, missed, named = classification(np.eye(3, dtype=np.float32)[[2, 2]], np.array([2, 1])).by_class
    assert (absent.precision, absent.recall, absent.f1) == (None, None, None)
    assert (missed.precision, missed.recall, missed.f1, missed.predicted) == (None, 0.0, 0.0, 0)
    assert (named.precision, named.recall, named.support) == (0.5, 1.0, 1)


def test_certainty_costs_nothing_when_right_and_a_bounded_loss_when_wrong() -> None:
    certain = np.array([[1, 0]], np.float32)
    assert classification(certain, np.array([0])).log_loss == 0
    assert classification(certain, np.array([1])).log_loss == pytest.approx(23 * math.log(2))


@given(answers(), cuts)
def test_batches_do_not_matter(case: Answers, places: list[int]) -> None:
    (given_,), labels = case
    tally = ClassificationTally(classes=given_.shape[1])
    for rows, classes in batches(places, given_, labels):
        tally.add(predictions(rows, classes))
    assert_same(tally.result(), classification(given_, labels))


@given(answers(), cuts)
def test_tallies_merge_into_one(case: Answers, places: list[int]) -> None:
    (given_,), labels = case
    whole = ClassificationTally(classes=given_.shape[1])
    for rows, classes in batches(places, given_, labels):
        part = ClassificationTally(classes=given_.shape[1])
        part.add(predictions(rows, classes))
        whole.merge(part)
    assert_same(whole.result(), classification(given_, labels))


def test_no_records_are_said_to_be_none() -> None:
    with pytest.raises(DocumentError, match="the test set is empty"):
        classification(np.zeros((0, 3), np.float32), np.zeros(0, np.int64))


def test_networks_of_other_classes_do_not_mix() -> None:
    tally = ClassificationTally(classes=3)
    with pytest.raises(DocumentError, match="2 classes where 3"):
        tally.add(predictions(np.eye(2), np.arange(2)))
    with pytest.raises(DocumentError, match="2 classes where 3"):
        tally.merge(ClassificationTally(classes=2))
