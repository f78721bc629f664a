"""FedAvg with momentum at the server.

Hsu, Qi and Brown, Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification, 2019
(arXiv 1909.06335), section 4.3.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import BelowOne, Positive
from agent.federation.aggregation.strategy import State
from agent.federation.weights import Weights

_VELOCITY = "velocity:"


class FedAvgM(Averaging, frozen=True, kw_only=True, tag="fedavgm"):
    learning_rate: Positive = 1.0
    momentum: BelowOne = 0.9

    def start(self, model: Weights) -> State:
        return {**super().start(model), **{_VELOCITY + name: np.zeros(one.shape) for name, one in model.items()}}

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        velocity = state[_VELOCITY + name]
        velocity *= self.momentum
        velocity += change
        return self.learning_rate * velocity
