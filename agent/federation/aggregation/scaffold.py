"""Control variates hold each participant's steps to the direction of all.

Karimireddy, Kale, Mohri, Reddi, Stich and Suresh, SCAFFOLD: Stochastic Controlled Averaging for Federated Learning,
ICML 2020 (arXiv 1910.06378), algorithm 1, the control variates of its option II, which participants send the change of.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import Positive
from agent.federation.aggregation.strategy import Contribution, Local, State
from agent.federation.weights import Weights
from shared.documents.types import Count

_CONTROL, _CHANGED = "control:", "control-change:"


class Scaffold(Averaging, frozen=True, kw_only=True, tag="scaffold"):
    """`participants`: how many there are in all; the control variate of the server is the mean over them."""

    participants: Count
    learning_rate: Positive = 1.0

    @property
    def local(self) -> Local:
        return Local(controls=True)

    def start(self, model: Weights) -> State:
        state = super().start(model)
        for name, one in sorted(model.items()):
            state[_CONTROL + name], state[_CHANGED + name] = np.zeros(one.shape), np.zeros(one.shape)
        return state

    def fold(self, state: State, contribution: Contribution) -> State:
        for name, one in contribution.control.items():
            state[_CHANGED + name] += one
        # The paper's means are not by records.
        return super().fold(state, replace(contribution, weight=1.0))

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        for name in sorted(model):
            state[_CONTROL + name] += state[_CHANGED + name] / self.participants
            state[_CHANGED + name][...] = 0
        return super().step(state, model)

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        return self.learning_rate * change

    def handed_down(self, state: State) -> Mapping[str, NDArray[Any]]:
        return {name: one.astype(np.float32) for name, one in sorted(state.items()) if name.startswith(_CONTROL)}
