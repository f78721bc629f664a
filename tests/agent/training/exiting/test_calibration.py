"""From probabilities to policies, as a command asks for them."""

import numpy as np
from numpy.typing import NDArray

from agent.training.exiting.calibration import Calibration, calibrate
from agent.training.exiting.parts import parted
from agent.training.exiting.temperature import fitted_temperature, log_probabilities, probabilities_at
from shared.documents import Measure, decode, encode

MEASURES = (Measure.MAX_PROBABILITY, Measure.ENTROPY)


def exits(records: int) -> tuple[list[NDArray[np.float32]], NDArray[np.int64]]:
    """Three exits, each with less noise than the one below, all three times as sure as they should be."""
    random = np.random.default_rng(7)
    labels = random.integers(0, 5, records)
    signal = 4 * np.eye(5)[labels]
    return [
        probabilities_at(signal + noise * random.normal(size=signal.shape), 1 / 3) for noise in (2, 1.6, 1.2)
    ], labels


def test_policies_answer_for_the_share_that_was_found() -> None:
    probabilities, labels = exits(6000)
    parts = parted(6000, seed=1, risk=0.02, confidence=0.9)
    fitted = parts.temperature
    cooled = [
        probabilities_at(logits, fitted_temperature(logits[fitted], labels[fitted]))
        for logits in map(log_probabilities, probabilities)
    ]
    found = calibrate(cooled, labels, parts, measures=MEASURES, risk=0.02, confidence=0.9)
    assert [policy.measure for policy in found.policies if policy] == list(MEASURES)
    assert [policy.threshold for policy in found.policies if policy] == list(found.choice.thresholds)
    assert found.points[found.choice.step].shares == found.choice.shares
    assert sum(found.choice.shares[:2]) > 0.5
    assert decode(encode(found), Calibration) == found


def test_an_exit_that_may_not_answer_has_no_policy() -> None:
    probabilities, labels = exits(1000)
    hopeless = np.roll(probabilities[2], 1, axis=1)
    parts = parted(1000, seed=1, risk=0.02, confidence=0.9)
    found = calibrate([hopeless, probabilities[2]], labels, parts, measures=MEASURES[:1], risk=0.02, confidence=0.9)
    assert found.policies == (None,)
    assert found.choice.is_never
