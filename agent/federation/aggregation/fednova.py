"""Changes are divided by the steps they took: who trains longer does not pull harder.

Wang, Liu, Liang, Joshi and Poor, Tackling the Objective Inconsistency Problem in Heterogeneous Federated Optimization,
NeurIPS 2020 (arXiv 2007.07481), equation 6 with plain local steps.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation import mean
from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.strategy import Contribution, State
from agent.federation.weights import Weights

_STEPS, _MEAN_STEPS = "steps:", "mean-steps:"


class FedNova(Averaging, frozen=True, kw_only=True, tag="fednova"):
    """Nothing to set: the effective number of steps is the mean of the participants', by their weights."""

    def start(self, model: Weights) -> State:
        return {**super().start(model), _STEPS: np.zeros(()), _MEAN_STEPS: np.zeros(())}

    def fold(self, state: State, contribution: Contribution) -> State:
        state[_STEPS] = state[_STEPS] + contribution.weight * contribution.steps
        return mean.fold(state, contribution, factor=1 / contribution.steps)

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        weight = mean.weight(state)
        state[_MEAN_STEPS] = state[_STEPS] / weight if weight else np.zeros(())
        state[_STEPS] = np.zeros(())
        return super().step(state, model)

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        return change * float(state[_MEAN_STEPS])
