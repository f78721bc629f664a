"""Who answers each record, and who is harmed: as the agent decides it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.inference.exits import decide
from agent.training.exiting.outcomes import NEVER, Outcomes, Thresholds, exits_taken, harmed, judged, shares
from shared.documents import ExitPolicy, Measure
from shared.errors import ModelError
from tests.agent.training.exiting.drawn import outcomes

levels = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.95, 1.0, np.inf])


@st.composite
def with_thresholds(draw: st.DrawFn) -> tuple[Outcomes, Thresholds]:
    found = draw(outcomes())
    return found, np.array(draw(st.lists(levels, min_size=found.early, max_size=found.early)), np.float32)


@given(with_thresholds(), st.data())
def test_lowering_a_threshold_never_makes_fewer_leave(case: tuple[Outcomes, Thresholds], data: st.DataObject) -> None:
    found, thresholds = case
    lower = thresholds.copy()
    place = data.draw(st.integers(0, found.early - 1))
    lower[place] = min(lower[place], np.float32(data.draw(levels)))
    before, after = exits_taken(found, thresholds), exits_taken(found, lower)
    assert (after <= before).all()
    assert shares(found, after)[-1] <= shares(found, before)[-1]


@given(outcomes())
def test_never_harms_nobody(found: Outcomes) -> None:
    taken = exits_taken(found, np.full(found.early, NEVER))
    assert (taken == found.early).all()
    assert not harmed(found, taken).any()
    assert shares(found, taken)[-1] == 1


@given(with_thresholds())
def test_harm_is_an_early_wrong_answer_that_the_last_exit_had_right(case: tuple[Outcomes, Thresholds]) -> None:
    found, thresholds = case
    expected = []
    for record in range(len(found)):
        fired = [place for place in range(found.early) if found.sure[place, record] >= thresholds[place]]
        expected.append(bool(fired) and not found.right[fired[0], record] and bool(found.right[-1, record]))
    assert harmed(found, exits_taken(found, thresholds)).tolist() == expected


@given(st.integers(0, 2**32 - 1), st.lists(levels, min_size=2, max_size=2), st.sampled_from(Measure))
def test_the_agents_answer_where_the_outcomes_say(seed: int, thresholds: list[float], measure: Measure) -> None:
    random = np.random.default_rng(seed)
    probabilities = [random.dirichlet(np.full(4, 0.3), 20).astype(np.float32) for _ in range(3)]
    found = judged(probabilities, random.integers(0, 4, 20), [measure, measure])
    # Some thresholds are exactly what an exit is sure of.
    wanted = np.where(random.random(2) < 0.5, found.sure[:, 0], np.array(thresholds, np.float32))
    waiting, answered_by = list(range(20)), np.full(20, -1)
    for place, given_by_exit in enumerate(probabilities):
        policy = (
            None
            if np.isinf((*wanted, 0)[place])
            else ExitPolicy(measure=measure, threshold=(*wanted.tolist(), 0)[place])
        )
        decision = decide(given_by_exit[waiting], policy, is_last=place == 2)
        answered_by[[waiting[row] for row in decision.answered]] = place
        waiting = [waiting[row] for row in decision.unsure]
    assert exits_taken(found, wanted).tolist() == answered_by.tolist()


def test_outcomes_by_hand() -> None:
    edge = np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]], np.float32)
    cloud = np.array([[0.2, 0.8], [0.4, 0.6], [1, 0]], np.float32)
    found = judged([edge, cloud], np.array([1, 1, 0]), [Measure.MAX_PROBABILITY])
    np.testing.assert_allclose(found.sure, [[0.9, 0.6, 0.5]])
    assert found.right.tolist() == [[False, True, True], [True, True, True]]
    taken = exits_taken(found, np.array([0.6], np.float32))
    assert taken.tolist() == [0, 0, 1]
    assert harmed(found, taken).tolist() == [True, False, False]
    assert shares(found, taken) == pytest.approx((2 / 3, 1 / 3))


def test_what_is_no_number_is_covered_by_no_promise() -> None:
    edge = np.array([[0.9, 0.1], [np.nan, 0.6]], np.float32)
    with pytest.raises(ModelError, match="exit 1 gave NaN or an infinity for 1 of 2"):
        judged([edge[:1].repeat(2, axis=0), edge], np.array([0, 1]), [Measure.MARGIN])


def test_outcomes_that_do_not_fit_are_refused() -> None:
    edge = np.full((2, 2), 0.5, np.float32)
    with pytest.raises(ValueError, match=r"exit 0 gave \(2, 2\) for 3 labels"):
        judged([edge, edge], np.array([0, 1, 1]), [Measure.MARGIN])
    with pytest.raises(ValueError, match="zip"):
        judged([edge, edge], np.array([0, 1]), [Measure.MARGIN, Measure.MARGIN])
    with pytest.raises(ValueError, match=r"\[early, n\]"):
        Outcomes(sure=np.zeros((1, 3), np.float32), right=np.zeros((1, 3), np.bool_))
