"""Records that have become others are noticed; chance, and a network that learns, are not."""

import numpy as np

from agent.federation.participant.drift import HeldBack, after, held_back
from agent.training.fitting.scores import Score
from agent.training.online.page_hinkley import PageHinkley
from agent.training.results import Results
from shared.documents import Rates


def results(test: dict[str, Score], validation: dict[str, Score]) -> Results:
    return Results(
        run="r", epochs=1, exits=("edge", "cloud"), test=test, validation=validation, files={}, records=800, steps=1
    )


def drifts(shares: list[float], records: int = 200) -> list[int]:
    """In which updates one was seen."""
    detector, seen = PageHinkley(), []
    for number, wrong in enumerate(shares):
        detector, has_drifted = after(detector, HeldBack(wrong=wrong, records=records))
        seen += [number] if has_drifted else []
    return seen


def test_a_network_that_learns_does_not_drift_and_chance_is_none() -> None:
    learning = np.linspace(0.6, 0.1, 20) + np.random.default_rng(1).normal(0, 0.02, 20)
    assert drifts(learning.tolist()) == []


def test_records_that_have_become_others_are_seen_within_two_updates() -> None:
    assert drifts([0.1] * 10 + [0.4] * 3)[0] in (10, 11)


def test_the_last_exit_is_asked_about_the_test_part_or_else_the_validation_part() -> None:
    good, bad = Score(loss=0.1, accuracy=0.9), Score(loss=1.0, accuracy=0.5)
    rates = Rates(validation=0.1, test=0.1)
    found = held_back(results({"edge": bad, "cloud": good}, {"cloud": bad}), rates)
    assert found is not None
    assert (round(found.wrong, 6), found.records) == (0.1, 100)
    assert held_back(results({}, {"cloud": bad}), rates) == HeldBack(wrong=0.5, records=100)
    assert held_back(results({}, {}), rates) is None
    assert held_back(results({"cloud": Score(loss=1.0, accuracy=None)}, {}), rates) is None
