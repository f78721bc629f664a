"""Which exit answers what, whom that harms and helps: against the definition written out record by record."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.inference.exits import decide
from agent.training.judging.classification import classification
from agent.training.judging.deployed import Deployed, DeployedTally, answering
from agent.training.judging.judgement import judgement_tally
from shared.documents.deployment import ExitPolicy
from shared.documents.model import Task
from shared.errors import DocumentError
from tests.agent.training.judging.cases import Floats, Ints, answers, assert_same, batches, cuts

Answers = tuple[list[Floats], Ints]
NAMES = ("edge", "fog", "cloud")
thresholds = st.lists(st.sampled_from([0.0, 0.4, 0.5, 0.8, 1.0]), min_size=2, max_size=2)


def policies(least: list[float]) -> list[ExitPolicy | None]:
    return [*(ExitPolicy(threshold=threshold) for threshold in least), None]


def tally_of(classes: int) -> DeployedTally:
    return DeployedTally(exits=NAMES, whole=judgement_tally(Task.CLASSIFICATION, classes))


def add(tally: DeployedTally, outputs: list[Floats], labels: Ints, answered_by: NDArray[np.int64]) -> None:
    tally.add(outputs, labels, answered_by, [given_.argmax(axis=1) == labels for given_ in outputs])


def judged(case: Answers, answered_by: NDArray[np.int64]) -> Deployed:
    tally = tally_of(case[0][0].shape[1])
    add(tally, *case, answered_by)
    return tally.result()


@given(answers(exits=3), thresholds)
def test_the_first_exit_that_is_sure_enough_answers(case: Answers, least: list[float]) -> None:
    outputs, labels = case
    for row, place in enumerate(answering(outputs, policies(least))):
        sure = [given_[row].max() >= np.float32(threshold) for given_, threshold in zip(outputs, least, strict=False)]
        assert place == [*sure, True].index(True)
    assert len(labels) == len(answering(outputs, policies(least)))


@given(answers(exits=3), thresholds)
def test_harm_and_help_are_counted_record_by_record(case: Answers, least: list[float]) -> None:
    outputs, labels = case
    answered_by = answering(outputs, policies(least))
    found = judged(case, answered_by)
    here = np.array([outputs[place][row].argmax() for row, place in enumerate(answered_by)])
    last = outputs[-1].argmax(axis=1)
    for place, leaving in enumerate(found.leaving):
        leaves = answered_by == place
        assert leaving.records == leaves.sum()
        assert leaving.share == leaves.mean()
        assert leaving.accuracy == ((here == labels)[leaves].mean() if leaves.any() else None)
        assert leaving.harmed == (leaves & (here != labels) & (last == labels)).sum()
        assert leaving.helped == (leaves & (here == labels) & (last != labels)).sum()
    assert found.harmed == sum(one.harmed or 0 for one in found.leaving)
    assert found.helped == sum(one.helped or 0 for one in found.leaving)


@given(answers(exits=3), thresholds)
def test_what_is_lost_is_harm_less_help(case: Answers, least: list[float]) -> None:
    outputs, labels = case
    found = judged(case, answering(outputs, policies(least)))
    last = classification(outputs[-1], labels).accuracy
    assert found.harmed is not None
    assert found.helped is not None
    assert found.judgement.accuracy == pytest.approx(last + (found.helped - found.harmed) / len(labels))


@given(answers(exits=3), thresholds)
def test_the_whole_is_judged_by_the_answers_that_leave(case: Answers, least: list[float]) -> None:
    outputs, labels = case
    answered_by = answering(outputs, policies(least))
    leaving = np.stack([outputs[place][row] for row, place in enumerate(answered_by)])
    assert judged(case, answered_by).judgement.classification == classification(leaving, labels)


@given(answers(exits=3))
def test_without_policies_the_last_answers_all_and_with_threshold_zero_the_first(case: Answers) -> None:
    outputs, labels = case
    nobody, everybody = (judged(case, answering(outputs, policies_)) for policies_ in ([None] * 3, policies([0, 0])))
    assert [one.records for one in nobody.leaving] == [0, 0, len(labels)]
    assert (nobody.harmed, nobody.helped) == (0, 0)
    assert [one.records for one in everybody.leaving] == [len(labels), 0, 0]


@given(answers(exits=2), st.sampled_from([0.3, 0.6, 0.9]))
def test_answers_leave_as_agents_let_them(case: Answers, threshold: float) -> None:
    policy = ExitPolicy(threshold=threshold)
    answered = decide(case[0][0], policy, is_last=False).answered
    assert np.flatnonzero(answering(case[0], [policy, None]) == 0).tolist() == answered


@given(answers(exits=3), thresholds, cuts, st.booleans())
def test_batches_and_merges_do_not_matter(case: Answers, least: list[float], places: list[int], merged: bool) -> None:
    outputs, labels = case
    answered_by = answering(outputs, policies(least))
    tally = tally_of(outputs[0].shape[1])
    for *rows, truth, taken in batches(places, *outputs, labels, answered_by):
        part = tally_of(outputs[0].shape[1]) if merged else tally
        add(part, rows, truth, taken)
        if merged:
            tally.merge(part)
    assert_same(tally.result(), judged(case, answered_by))


def test_of_plain_numbers_only_the_shares_are_known() -> None:
    tally = DeployedTally(exits=("edge", "cloud"), whole=judgement_tally(Task.VALUES, 1))
    truth = np.array([[1.0], [2.0]])
    tally.add([truth + 1, truth], truth, np.array([0, 1]), [None, None])
    found = tally.result()
    assert [(one.share, one.accuracy, one.harmed, one.helped) for one in found.leaving] == [(0.5, None, None, None)] * 2
    assert (found.harmed, found.helped) == (None, None)
    assert found.judgement.regression is not None
    assert found.judgement.regression.overall.mae == 0.5


@pytest.mark.parametrize("answered_by", [[0, 3], [-1, 0], [0], [0.5, 0.5]])
def test_a_place_that_no_exit_has_is_refused(answered_by: list[int]) -> None:
    rows = np.eye(2, dtype=np.float32)
    with pytest.raises(DocumentError) as caught:
        add(tally_of(2), [rows] * 3, np.arange(2), np.array(answered_by))
    assert caught.value.field == "answered_by"


def test_exits_and_policies_belong_together() -> None:
    with pytest.raises(DocumentError, match="1 policies for 2 exits"):
        answering([np.eye(2)] * 2, [None])
    with pytest.raises(DocumentError, match="are expected"):
        tally_of(2).merge(DeployedTally(exits=("edge",), whole=judgement_tally(Task.CLASSIFICATION, 2)))
