"""A whole network judged batch by batch: as JSON, in order, in bounded memory, with clear refusals."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from agent.training.judging.calibration import calibration
from agent.training.judging.classification import classification
from agent.training.judging.deployed import answering
from agent.training.judging.judgement import judgement_tally
from agent.training.judging.judgements import Judgements, JudgementsTally
from agent.training.judging.multilabel import multilabel
from agent.training.judging.regression import regression
from shared.documents.codec import decode, encode
from shared.documents.deployment import ExitPolicy
from shared.documents.model import Task
from shared.errors import DocumentError
from tests.agent.training.judging.cases import Floats, Ints, answers, assert_same, batches, cuts, many

Answers = tuple[list[Floats], Ints]
NAMES = ("edge", "cloud")
POLICIES = [ExitPolicy(threshold=0.6), None]


def tally_of(classes: int, *, test_set: str = "clothes") -> JudgementsTally:
    return JudgementsTally(exits=NAMES, task=Task.CLASSIFICATION, outputs=classes, test_set=test_set)


def add(tally: JudgementsTally, outputs: list[Floats], labels: Ints) -> None:
    tally.add(dict(zip(NAMES, outputs, strict=True)), labels, answering(outputs, POLICIES))


def judged(case: Answers) -> Judgements:
    tally = tally_of(case[0][0].shape[1])
    add(tally, *case)
    return tally.result()


@given(answers(exits=2))
def test_judgements_travel_as_json(case: Answers) -> None:
    found = judged(case)
    assert decode(encode(found), Judgements) == found


@given(answers(exits=2), cuts)
def test_batches_do_not_matter(case: Answers, places: list[int]) -> None:
    tally = tally_of(case[0][0].shape[1])
    for *outputs, labels in batches(places, *case[0], case[1]):
        add(tally, outputs, labels)
    assert_same(tally.result(), judged(case))


@given(answers(exits=2))
def test_each_exit_is_judged_by_all_records_and_in_order(case: Answers) -> None:
    found = judged(case)
    assert [one.exit for one in found.exits] == list(NAMES)
    for name, outputs in zip(NAMES, case[0], strict=True):
        one = found.of(name)
        assert one is not None
        assert one.classification == classification(outputs, case[1])
        assert one.calibration == calibration(outputs, case[1])
        assert (one.regression, one.multilabel, one.records) == (None, None, len(case[1]))


def test_without_thresholds_nothing_is_said_of_the_network_as_deployed() -> None:
    tally = tally_of(2)
    tally.add(dict.fromkeys(NAMES, np.eye(2)), np.arange(2))
    assert tally.result().deployed is None
    assert tally.result().of("deployed") is None
    assert tally.result().of("fog") is None
    with pytest.raises(DocumentError, match="given for some batches and not for others"):
        add(tally, [np.eye(2, dtype=np.float32)] * 2, np.arange(2))


def values(threshold: float | None, outputs: NDArray[np.float64], truth: NDArray[np.float64]) -> Judgements:
    tally = JudgementsTally(exits=NAMES, task=Task.VALUES, outputs=2, threshold=threshold)
    tally.add({"edge": 1 - outputs, "cloud": outputs}, truth, np.array([0, 1, 1]))
    return tally.result()


def test_a_network_of_plain_numbers_is_judged_by_how_near_they_are() -> None:
    outputs, truth = np.random.default_rng(0).random((2, 3, 2))
    found = values(None, outputs, truth)
    assert found.exits[1].regression == regression(outputs, truth)
    assert found.exits[1].accuracy is None
    assert found.verdicts is None
    assert decode(encode(found), Judgements) == found


def test_a_network_of_labels_is_right_where_every_label_is() -> None:
    outputs, truth = np.array([[0.9, 0.1], [0.9, 0.9], [0.2, 0.6]]), np.array([[1.0, 0], [1, 0], [0, 1]])
    found = values(0.5, outputs, truth)
    assert found.exits[1].multilabel == multilabel(outputs, truth)
    assert found.exits[1].accuracy == pytest.approx(2 / 3)
    assert found.deployed is not None
    assert (found.deployed.harmed, found.deployed.helped) == (1, 0)
    assert decode(encode(found), Judgements) == found


def test_memory_does_not_grow_with_the_test_set() -> None:
    outputs, labels = many(400, 10, seed=0)
    tally = tally_of(10)
    add(tally, [outputs, outputs], labels)
    tracemalloc.start()
    for _ in range(50):
        add(tally, [outputs, outputs], labels)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Three bits a record: the verdicts of two exits and of the whole.
    assert kept < 50 * 400 * 3 / 8 + 30_000


def test_a_bad_row_is_named_with_its_exit_and_counted_over_all_batches() -> None:
    tally, good = tally_of(2), np.eye(2, dtype=np.float32)
    add(tally, [good, good], np.arange(2))
    with pytest.raises(DocumentError) as caught:
        tally.add({"edge": good, "cloud": np.array([[1, 0], [np.nan, 0]])}, np.arange(2), np.zeros(2, np.int64))
    assert caught.value.field == "cloud.probabilities[3]"


def test_exits_must_be_the_ones_announced() -> None:
    with pytest.raises(DocumentError, match="are expected"):
        tally_of(2).add({"edge": np.eye(2)}, np.arange(2))
    for names in ((), ("edge", "edge"), ("edge", "deployed")):
        with pytest.raises(DocumentError, match="at least one exit"):
            JudgementsTally(exits=names, task=Task.CLASSIFICATION, outputs=2)


def test_no_records_are_said_to_be_none() -> None:
    with pytest.raises(DocumentError, match="the test set is empty"):
        tally_of(2).result()


def test_a_classification_takes_no_threshold() -> None:
    with pytest.raises(DocumentError, match="the most probable class"):
        judgement_tally(Task.CLASSIFICATION, 3, threshold=0.5)


def test_tallies_of_one_exit_merge() -> None:
    outputs, labels = many(50, 3, seed=2)
    for task, threshold, truth in (
        (Task.CLASSIFICATION, None, labels),
        (Task.VALUES, None, outputs**2),
        (Task.VALUES, 0.4, outputs > 0.3),
    ):
        whole, *parts = (judgement_tally(task, 3, threshold=threshold) for _ in range(3))
        together = judgement_tally(task, 3, threshold=threshold)
        together.add(outputs, truth)
        for part, rows in zip(parts, (slice(0, 20), slice(20, 50)), strict=True):
            part.add(outputs[rows], truth[rows])
            whole.merge(part)
        assert_same(whole.judgement("edge"), together.judgement("edge"))
