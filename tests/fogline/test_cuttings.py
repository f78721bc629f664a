"""A question finds the cutting that is best by what the question itself measures."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.training.cutting.network import Profile
from fogline.cuttings import Objective, Question
from shared.errors import SettingsError
from tests.agent.training.cutting.profiles import example, profiles


@settings(max_examples=30)
@given(profiles(is_whole=True), st.sampled_from(Objective))
def test_no_other_cutting_measures_better_than_the_best(profile: Profile, objective: Objective) -> None:
    question = Question(objective=objective)
    found = question.answer(profile)
    sign = -1 if objective is Objective.THROUGHPUT else 1
    best = sign * question.measured(found.best)
    # Cores compare whole picoseconds.
    assert all(best <= sign * question.measured(one) + 1e-9 for one in (*found.runners_up, *found.by_tiers_used))


def test_bytes_may_be_those_of_one_link() -> None:
    above_edge = Question(objective=Objective.BYTES, above="edge")
    found = above_edge.answer(example())
    (counted,) = (one.expected_bytes for one in found.best.crossings if one.lower == "edge")
    assert above_edge.measured(found.best) == counted < found.best.expected_bytes


def test_a_load_leaves_only_what_holds_it() -> None:
    found = Question(load=100, keep=50).answer(example())
    assert all((one.records_per_s or inf) >= 100 for one in (found.best, *found.runners_up))
    assert len(found.runners_up) < len(Question(keep=50).answer(example()).runners_up)


@pytest.mark.parametrize(
    ("objective", "above", "load", "reason"),
    [
        (Objective.LATENCY, "edge", None, "goes with --for bytes"),
        (Objective.THROUGHPUT, None, 10.0, "takes no --load"),
        (Objective.LATENCY, None, 0.0, "above 0, not 0"),
        (Objective.LATENCY, None, inf, "above 0, not inf"),
        (Objective.LATENCY, None, float("nan"), "above 0, not nan"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    objective: Objective, above: str | None, load: float | None, reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        Question(objective=objective, above=above, load=load)
