"""A run of training is one period after another: what learns and from what changes between them. Pure.

Each has an optimiser of its own, whose schedule spans its steps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.importance import exit_importance
from shared.documents import Approach, PseudoLabels, TrainingParameters
from shared.errors import DocumentError


class Period(NamedTuple):
    """`exits`: whose losses count, each its `importance`. With `alone`, only what lies above the exit below learns."""

    epochs: int
    exits: tuple[str, ...]
    importance: NDArray[np.float32]
    alone: str | None = None
    has_pseudo_labels: bool = False


def periods(
    parameters: TrainingParameters, exits: Sequence[str], pseudo_labels: PseudoLabels | None = None
) -> tuple[Period, ...]:
    """`exits`: of the network, from the sensor up. Raises DocumentError for exit weights that do not fit."""
    if parameters.approach is Approach.TIER_BY_TIER:
        if pseudo_labels is not None:
            raise DocumentError("want all exits together: a frozen tier learns nothing from them", field="approach")
        alone = np.ones(1, np.float32)
        return tuple(Period(parameters.epochs, (name,), alone, alone=name) for name in exits)
    joint = Period(parameters.epochs, tuple(exits), exit_importance(parameters, len(exits)))
    if pseudo_labels is None:
        return (joint,)
    return joint, joint._replace(epochs=pseudo_labels.epochs, has_pseudo_labels=True)
