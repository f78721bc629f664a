"""Labels that apply or not: against scikit-learn, in any batches, and what is no label."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn import metrics

from agent.training.judging.multilabel import MultilabelTally, multilabel
from shared.errors import DocumentError
from tests.agent.training.judging.cases import Floats, assert_same, batches, cuts

Labelled = tuple[Floats, NDArray[np.bool_]]
thresholds = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])


@st.composite
def labelled(draw: st.DrawFn) -> Labelled:
    shape = (draw(st.integers(1, 24)), draw(st.integers(2, 4)))
    sure = st.sampled_from([0, 0.1, 0.3, 0.5, 0.9, 1]).map(np.float32)
    return draw(hnp.arrays(np.float32, shape, elements=sure)), draw(hnp.arrays(np.bool_, shape))


@given(labelled(), thresholds)
def test_it_is_what_scikit_learn_says(case: Labelled, threshold: float) -> None:
    given_, truth = case
    found, predicted = multilabel(given_, truth, threshold=threshold), given_ >= np.float32(threshold)
    assert found.subset_accuracy == metrics.accuracy_score(truth, predicted)
    assert found.hamming_loss == pytest.approx(metrics.hamming_loss(truth, predicted))
    by_label = [metrics.log_loss(one, said, labels=[False, True]) for one, said in zip(truth.T, given_.T, strict=True)]
    assert found.log_loss == pytest.approx(np.mean(by_label), rel=1e-5, abs=1e-6)
    for average, zero, group in (
        (None, np.nan, found.by_label),
        ("micro", np.nan, [found.micro]),
        ("macro", 0, [found.macro]),
    ):
        scores = metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=zero)
        for name, expected in zip(("precision", "recall", "f1"), scores[:3], strict=True):
            values = [getattr(one, name) for one in group]
            assert [math.nan if value is None else value for value in values] == pytest.approx(
                np.atleast_1d(expected), nan_ok=True
            ), (average, name)


@given(labelled(), cuts, thresholds, st.booleans())
def test_batches_and_merges_do_not_matter(case: Labelled, places: list[int], threshold: float, merged: bool) -> None:
    labels = case[0].shape[1]
    tally = MultilabelTally(labels=labels, threshold=threshold)
    for given_, truth in batches(places, *case):
        part = MultilabelTally(labels=labels, threshold=threshold) if merged else tally
        part.add(given_, truth)
        if merged:
            tally.merge(part)
    assert_same(tally.result(), multilabel(*case, threshold=threshold))


def test_a_threshold_is_compared_in_single_precision() -> None:
    assert multilabel(np.array([[0.1]], np.float32), np.array([[1]]), threshold=0.1).subset_accuracy == 1


@pytest.mark.parametrize(
    ("given_", "truth", "field"),
    [
        ([[0.5, np.nan]], [[0, 1]], "probabilities[1]"),
        ([[0.5, 1.2]], [[0, 1]], "probabilities[1]"),
        ([[0.5, 0.5]], [[0, 2]], "truth[1]"),
        ([[0.5]], [[0, 1]], "probabilities"),
        ([[0.5, 0.5]], [[0, 1], [0, 1]], "truth"),
    ],
)
def test_what_is_no_label_is_named(given_: list[list[float]], truth: list[list[int]], field: str) -> None:
    tally = MultilabelTally(labels=2)
    tally.add(np.zeros((1, 2)), np.zeros((1, 2)))
    with pytest.raises(DocumentError) as caught:
        tally.add(np.array(given_), np.array(truth))
    assert caught.value.field == field


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(DocumentError, match="the test set is empty"):
        MultilabelTally(labels=2).result()
    with pytest.raises(DocumentError, match="at least one label"):
        MultilabelTally(labels=0)
    with pytest.raises(DocumentError, match="not between 0 and 1"):
        MultilabelTally(labels=2, threshold=1.5)
    with pytest.raises(DocumentError, match="another threshold"):
        MultilabelTally(labels=2).merge(MultilabelTally(labels=2, threshold=0.4))
