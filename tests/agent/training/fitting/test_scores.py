"""Loss and accuracy beside what scikit-learn says of the same answers."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error

from agent.training.fitting.scores import ScoresTally, losses
from shared.documents import Task


def test_classification_in_batches_is_what_scikit_learn_says_of_all() -> None:
    drawn = np.random.default_rng(0)
    answers, truth = drawn.dirichlet(np.ones(4), 50).astype(np.float32), drawn.integers(0, 4, 50)
    tally = ScoresTally(("edge",), Task.CLASSIFICATION)
    for start in range(0, 50, 16):
        tally.add({"edge": answers[start : start + 16]}, truth[start : start + 16])
    score = tally.result()["edge"]
    exact = answers.astype(np.float64)
    assert score.loss == pytest.approx(log_loss(truth, exact / exact.sum(axis=1, keepdims=True)), rel=1e-6)
    assert score.accuracy == accuracy_score(truth, answers.argmax(axis=1))


def test_values_are_scored_by_their_mean_square() -> None:
    drawn = np.random.default_rng(0)
    answers, truth = drawn.normal(size=(20, 2, 3)).astype(np.float32), drawn.normal(size=(20, 6))
    tally = ScoresTally(("cloud",), Task.VALUES)
    tally.add({"cloud": answers}, truth)
    score = tally.result()["cloud"]
    assert score.loss == pytest.approx(mean_squared_error(truth, answers.reshape(20, 6)))
    assert score.accuracy is None


def test_a_class_held_impossible_costs_much_and_not_everything() -> None:
    assert 10 < losses(np.array([[1.0, 0.0]], np.float32), np.array([1]), Task.CLASSIFICATION)[0] < 20


def test_no_records_have_no_score() -> None:
    assert ScoresTally(("edge",), Task.CLASSIFICATION).result() == {}


def test_labels_are_scored_each_by_itself_and_a_record_is_right_when_all_are() -> None:
    drawn = np.random.default_rng(0)
    answers, truth = drawn.random((40, 3)).astype(np.float32), drawn.integers(0, 2, (40, 3)).astype(np.float32)
    tally = ScoresTally(("edge",), Task.MULTI_LABEL)
    for start in range(0, 40, 16):
        tally.add({"edge": answers[start : start + 16]}, truth[start : start + 16])
    score = tally.result()["edge"]
    by_label = [log_loss(one, said.astype(np.float64)) for one, said in zip(truth.T, answers.T, strict=True)]
    assert score.loss == pytest.approx(np.mean(by_label), rel=1e-5)
    assert score.accuracy == accuracy_score(truth, answers >= 0.5)
