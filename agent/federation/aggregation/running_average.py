"""The running average that Kafka-ML's federation sets out for: each model counts by its records beside all before it.

The model after updates with n1 .. nk records is the mean of theirs, each by its records, were all of them trained from
the same model; the first one replaces what nobody has trained.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation import mean
from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.strategy import State
from agent.federation.weights import Weights

_SEEN = "seen:"


class RunningAverage(Averaging, frozen=True, kw_only=True, tag="running-average"):
    def start(self, model: Weights) -> State:
        return {**super().start(model), _SEEN: np.zeros(())}

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        state[_SEEN] = state[_SEEN] + mean.weight(state)
        return super().step(state, model)

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        return change * (weight / float(state[_SEEN]))
