"""Strategies that step by the weighted mean of changes. They differ in what the server makes of it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation import mean
from agent.federation.aggregation.strategy import Contribution, Plain, State
from agent.federation.weights import Weights


class Averaging(Plain, frozen=True, kw_only=True):
    """Satisfies `Strategy`; `move` is what most of them have of their own."""

    def start(self, model: Weights) -> State:
        return mean.start(model)

    def fold(self, state: State, contribution: Contribution) -> State:
        return mean.fold(state, contribution)

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        weight = mean.weight(state)
        change, state = mean.taken(state, model)
        if change is None:
            return model, state
        moved = {name: self.move(state, name, change[name], weight) for name in sorted(model)}
        return {name: (model[name] + moved[name]).astype(np.float32) for name in sorted(model)}, state

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        """By what a tensor is moved, when `change` is the mean of its changes and `weight` theirs together."""
        return change
