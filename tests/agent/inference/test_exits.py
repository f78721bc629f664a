"""Who leaves early: the measures, and what a policy makes of them."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from agent.inference.exits import confidence, decide
from shared.documents import ExitPolicy, Measure, Task

Floats = NDArray[np.float32]

measures = st.sampled_from(Measure)
thresholds = st.floats(0, 1)
shapes = st.tuples(st.integers(1, 6), st.integers(2, 12))


def softmax(logits: Floats) -> Floats:
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = (grown / grown.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


logits = hnp.arrays(np.float32, shapes, elements=st.floats(-50, 50, width=32))
probabilities = logits.map(softmax)


@given(probabilities, measures)
def test_a_measure_lies_between_zero_and_one(outputs: Floats, measure: Measure) -> None:
    sure = confidence(outputs, measure)
    assert sure.shape == (len(outputs),)
    assert ((sure >= 0) & (sure <= 1)).all()


@given(probabilities, measures, st.randoms(use_true_random=False))
def test_the_order_of_the_classes_does_not_matter(outputs: Floats, measure: Measure, random: object) -> None:
    order = list(range(outputs.shape[1]))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis types it as object
    np.testing.assert_allclose(confidence(outputs[:, order], measure), confidence(outputs, measure), atol=1e-5)


@given(probabilities, measures)
def test_a_record_does_not_care_who_travels_with_it(outputs: Floats, measure: Measure) -> None:
    alone = [confidence(outputs[row : row + 1], measure)[0] for row in range(len(outputs))]
    np.testing.assert_allclose(confidence(outputs, measure), alone, atol=1e-6)


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_one_class_alone_is_certain_and_all_alike_are_not(measure: Measure, classes: int) -> None:
    outputs = np.full((2, classes), 1 / classes, np.float32)
    outputs[0] = np.eye(classes)[0]
    least = 1 / classes if measure is Measure.MAX_PROBABILITY else 0
    np.testing.assert_allclose(confidence(outputs, measure), [1, least], atol=1e-5)


def test_the_measures_by_hand() -> None:
    outputs = np.array([[0.5, 0.25, 0.25]], np.float32)
    entropy = 0.5 * math.log(2) + 0.5 * math.log(4)
    assert confidence(outputs, Measure.MAX_PROBABILITY)[0] == pytest.approx(0.5)
    assert confidence(outputs, Measure.MARGIN)[0] == pytest.approx(0.25)
    assert confidence(outputs, Measure.ENTROPY)[0] == pytest.approx(1 - entropy / math.log(3))


@given(probabilities, measures, thresholds, thresholds)
def test_raising_the_threshold_never_adds_exits(outputs: Floats, measure: Measure, one: float, other: float) -> None:
    low, high = (
        decide(outputs, ExitPolicy(measure=measure, threshold=threshold), is_last=False)
        for threshold in sorted((one, other))
    )
    assert set(high.answered) <= set(low.answered)


@given(probabilities, measures, thresholds)
def test_an_exit_answers_when_it_is_sure_enough(outputs: Floats, measure: Measure, threshold: float) -> None:
    decision = decide(outputs, ExitPolicy(measure=measure, threshold=threshold), is_last=False)
    sure = confidence(outputs, measure)
    assert decision.answered == np.flatnonzero(sure >= np.float32(threshold)).tolist()
    assert decision.confidence == sure.tolist()
    assert decision.classes == outputs.argmax(axis=1).tolist()


@given(hnp.arrays(np.float32, shapes), st.builds(ExitPolicy, measure=measures, threshold=thresholds))
def test_a_record_alone_is_decided_as_among_others(outputs: Floats, policy: ExitPolicy) -> None:
    together = decide(outputs, policy, is_last=False)
    alone = [decide(outputs[row : row + 1], policy, is_last=False) for row in range(len(outputs))]
    assert together.answered == [row for row, one in enumerate(alone) if one.answered]
    assert together.failed == [row for row, one in enumerate(alone) if one.failed]


@given(probabilities, measures)
def test_threshold_zero_and_the_last_tier_answer_all(outputs: Floats, measure: Measure) -> None:
    all_rows = list(range(len(outputs)))
    assert decide(outputs, ExitPolicy(measure=measure, threshold=0), is_last=False).answered == all_rows
    assert decide(outputs, ExitPolicy(measure=measure, threshold=1), is_last=True).answered == all_rows
    assert decide(outputs, None, is_last=True).answered == all_rows


@given(probabilities)
def test_without_a_policy_nothing_leaves_early(outputs: Floats) -> None:
    decision = decide(outputs, None, is_last=False)
    assert decision.unsure == list(range(len(outputs)))


@given(
    hnp.arrays(np.float32, shapes),
    st.none() | st.builds(ExitPolicy, measure=measures, threshold=thresholds),
    st.booleans(),
)
@example(np.array([[-np.inf, 0]], np.float32), ExitPolicy(measure=Measure.ENTROPY), False)
@example(np.array([[np.inf, np.inf]], np.float32), ExitPolicy(measure=Measure.MARGIN), False)
@example(np.array([[3e38, -3e38]], np.float32), ExitPolicy(measure=Measure.MARGIN), False)
@example(np.array([[3e38, 3e38]], np.float32), ExitPolicy(measure=Measure.ENTROPY), True)
def test_what_is_not_a_number_is_never_an_answer(outputs: Floats, policy: ExitPolicy | None, is_last: bool) -> None:
    for task in Task:
        decision = decide(outputs, policy, is_last=is_last, task=task)
        assert decision.failed == np.flatnonzero(~np.isfinite(outputs).all(axis=1)).tolist()
        found = [*decision.answered, *decision.unsure, *decision.failed]
        assert sorted(found) == list(range(len(outputs)))
        assert not is_last or not decision.unsure


@pytest.mark.parametrize(
    ("outputs", "task"),
    [
        (np.ones((3, 1), np.float32), Task.CLASSIFICATION),
        (np.ones((3, 4), np.float32), Task.VALUES),
        (np.ones(3, np.float32), Task.VALUES),
        (np.ones((3, 2, 2), np.float32), Task.VALUES),
    ],
)
def test_what_cannot_be_measured_counts_as_not_sure_at_all(outputs: Floats, task: Task) -> None:
    rows = list(range(len(outputs)))
    assert decide(outputs, ExitPolicy(threshold=0.01), is_last=False, task=task).unsure == rows
    assert decide(outputs, None, is_last=False, task=task).unsure == rows
    assert decide(outputs, ExitPolicy(threshold=0), is_last=False, task=task).answered == rows
    last = decide(outputs, None, is_last=True, task=task)
    assert last.answered == rows
    assert last.confidence is None
    assert last.classes is None
