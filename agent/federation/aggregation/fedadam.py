"""Adam at the server: the mean of changes is taken for a gradient.

Reddi, Charles, Zaheer, Garrett, Rush, Konecny, Kumar and McMahan, Adaptive Federated Optimization, ICLR 2021 (arXiv
2003.00295), algorithm 2, without bias correction as there.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import BelowOne, Positive
from agent.federation.aggregation.strategy import State
from agent.federation.weights import Weights

_FIRST, _SECOND = "first:", "second:"


class FedAdam(Averaging, frozen=True, kw_only=True, tag="fedadam"):
    """`adaptivity`: the paper's tau; the larger, the nearer to FedAvgM."""

    learning_rate: Positive = 0.1
    first_moment: BelowOne = 0.9
    second_moment: BelowOne = 0.99
    adaptivity: Positive = 1e-3

    def start(self, model: Weights) -> State:
        state = super().start(model)
        for name, one in sorted(model.items()):
            state[_FIRST + name] = np.zeros(one.shape)
            state[_SECOND + name] = np.full(one.shape, self.adaptivity**2)
        return state

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        first = state[_FIRST + name]
        first *= self.first_moment
        first += (1 - self.first_moment) * change
        second = state[_SECOND + name] = self.second(state[_SECOND + name], np.square(change))
        moved: NDArray[Any] = self.learning_rate * first / (np.sqrt(second) + self.adaptivity)
        return moved

    def second(self, before: NDArray[Any], squared: NDArray[Any]) -> NDArray[Any]:
        return self.second_moment * before + (1 - self.second_moment) * squared
