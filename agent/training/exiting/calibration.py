"""From what the deployed chain gave for labelled records to exit policies and the whole trade."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.exiting.outcomes import judged
from agent.training.exiting.parts import Parts
from agent.training.exiting.path import falling_path
from agent.training.exiting.risk import Choice, choose
from agent.training.exiting.trade import Costs, TradePoint, trade
from shared.documents.deployment import ExitPolicy, Measure
from shared.documents.types import Message


class Calibration(Message, frozen=True, kw_only=True):
    """`policies`: of each early exit, None where it must never answer. `points`: of the path; `choice` is one."""

    policies: tuple[ExitPolicy | None, ...]
    choice: Choice
    points: tuple[TradePoint, ...]


def calibrate(
    probabilities: Sequence[NDArray[Any]],
    labels: NDArray[np.integer[Any]],
    parts: Parts,
    *,
    measures: Sequence[Measure],
    risk: float,
    confidence: float,
    steps: int = 200,
    costs: Costs | None = None,
) -> Calibration:
    """`probabilities`: of each exit, the last included, `[n, classes]`, through the exported and encoded chain.

    Temperatures, which `parts.temperature` is for, already stand in the exported heads: a threshold is compared with
    what an exit gives. The points are of the tested records. Raises ModelError when an exit gave NaN or an infinity,
    SettingsError when the tested records are too few.
    """
    outcomes = judged(probabilities, labels, measures)
    path, test = falling_path(outcomes.at(parts.path), steps=steps), outcomes.at(parts.test)
    choice = choose(path, test, risk=risk, confidence=confidence)
    return Calibration(
        policies=tuple(
            None if threshold is None else ExitPolicy(measure=measure, threshold=threshold)
            for measure, threshold in zip(measures, choice.thresholds, strict=True)
        ),
        choice=choice,
        points=trade(path, test, costs),
    )
