"""Strategies that look at all changes side by side, and so keep them until the step: memory grows with their number."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from agent.federation.aggregation.neighbours import mixed
from agent.federation.aggregation.strategy import Contribution, Plain, State
from agent.federation.weights import Weights

_KEPT = "kept:"


class Keeping(Plain, frozen=True, kw_only=True):
    """Satisfies `Strategy`. Weights of participants do not count: they are what a hostile one would lie about.

    `mixed`: each change is first replaced by the mean of itself and its nearest others, all but so many. What unlike
    sites have in common then outweighs what tells them apart, and `mixed` hostile ones are left out of it.
    """

    mixed: Annotated[int, Meta(ge=0)] = 0

    def start(self, model: Weights) -> State:
        return {_KEPT: np.zeros((), np.int64)}

    def fold(self, state: State, contribution: Contribution) -> State:
        number = int(state[_KEPT])
        for name, one in contribution.change.items():
            state[f"{_KEPT}{number}:{name}"] = one
        state[_KEPT] = np.array(number + 1)
        return state

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        kept = [
            {name: state[f"{_KEPT}{number}:{name}"] for name in sorted(model)} for number in range(int(state[_KEPT]))
        ]
        if not kept:
            return model, state
        change = self.combined(mixed(kept, self.mixed) if self.mixed else kept)
        return {name: (model[name] + change[name]).astype(np.float32) for name in sorted(model)}, self.start(model)

    def combined(self, changes: list[dict[str, NDArray[np.float32]]]) -> Mapping[str, NDArray[Any]]:
        """One change of all; there is at least one, and all have the same tensors."""
        raise NotImplementedError
