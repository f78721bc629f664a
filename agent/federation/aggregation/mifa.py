"""Each participant's latest change is kept and counts until its next one: whoever is slow weighs as much as the fast.

Gu, Huang, Zhang and Huang, Fast Federated Learning in the Presence of Arbitrary Device Unavailability, NeurIPS 2021
(arXiv 2106.04159), algorithm 1. What the server makes of their mean is FedAvgM's momentum (arXiv 1909.06335), or with
`adaptivity` FedAdam's step (arXiv 2003.00295, algorithm 2).
"""

from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.bounds import BelowOne, Positive
from agent.federation.aggregation.schedule import Schedule, Steady
from agent.federation.aggregation.strategy import Contribution, Plain, State
from agent.federation.weights import Weights
from shared.documents.types import Count

_SUM, _WEIGHT, _VELOCITY = "sum:", "weight:", "velocity:"
_SECOND = "second:"
_STEPS, _FRESH = "steps:", "fresh:"
_CHANGE, _COUNTS, _SINCE = "change:", "counts:", "since:"


class Mifa(Plain, frozen=True, kw_only=True, tag="mifa"):
    """Memory grows with the number of participants, a model for each.

    `momentum`, `second_moment` and `adaptivity` are FedAdam's, or `momentum` alone FedAvgM's. `forgotten`: after so
    many steps without a new change a participant is taken to have left, and its last one counts no more; None: never.
    """

    learning_rate: Positive = 1.0
    momentum: BelowOne = 0.0
    second_moment: BelowOne = 0.99
    adaptivity: Positive | None = None
    schedule: Schedule = Steady()
    forgotten: Count | None = None

    def start(self, model: Weights) -> State:
        state: State = {_WEIGHT: np.zeros(()), _STEPS: np.zeros((), np.int64), _FRESH: np.zeros((), np.int64)}
        for name, one in sorted(model.items()):
            state[_SUM + name], state[_VELOCITY + name] = np.zeros(one.shape), np.zeros(one.shape)
            if self.adaptivity is not None:
                state[_SECOND + name] = np.full(one.shape, self.adaptivity**2)
        return state

    def fold(self, state: State, contribution: Contribution) -> State:
        who = contribution.participant
        _leave_out(state, who)
        for name, one in contribution.change.items():
            state[_SUM + name] += np.multiply(one, contribution.weight, dtype=np.float64)
            state[f"{_CHANGE}{who}:{name}"] = one
        state[_COUNTS + who] = np.array(contribution.weight)
        state[_SINCE + who] = state[_STEPS]
        state[_WEIGHT] = state[_WEIGHT] + contribution.weight
        state[_FRESH] = state[_FRESH] + 1
        return state

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        if not state[_FRESH]:
            return model, state
        taken = int(state[_STEPS])
        for who in [key.removeprefix(_SINCE) for key in sorted(state) if key.startswith(_SINCE)]:
            if taken - int(state[_SINCE + who]) >= (self.forgotten or inf):
                _leave_out(state, who)
        rate, whole = self.learning_rate * self.schedule.factor(taken), float(state[_WEIGHT])
        moved = {name: rate * self._move(state, name, state[_SUM + name] / whole) for name in sorted(model)}
        after = {name: (model[name] + one).astype(np.float32) for name, one in moved.items()}
        state[_STEPS], state[_FRESH] = np.array(taken + 1), np.zeros((), np.int64)
        return after, state

    def _move(self, state: State, name: str, mean: NDArray[Any]) -> NDArray[Any]:
        velocity = state[_VELOCITY + name]
        velocity *= self.momentum
        if self.adaptivity is None:
            velocity += mean
            return velocity
        velocity += (1 - self.momentum) * mean
        second = state[_SECOND + name]
        second *= self.second_moment
        second += (1 - self.second_moment) * np.square(mean)
        adapted: NDArray[Any] = velocity / (np.sqrt(second) + self.adaptivity)
        return adapted


def _leave_out(state: State, who: str) -> None:
    """Whatever it has counted until now."""
    if (counted := state.pop(_COUNTS + who, None)) is None:
        return
    own = f"{_CHANGE}{who}:"
    for key in [key for key in state if key.startswith(own)]:
        state[_SUM + key.removeprefix(own)] -= np.multiply(state.pop(key), float(counted), dtype=np.float64)
    state[_WEIGHT] = state[_WEIGHT] - counted
    del state[_SINCE + who]
