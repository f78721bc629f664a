"""The weighted mean of changes, summed as they come: memory does not grow with the number of participants."""

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.strategy import Contribution, State
from agent.federation.weights import Weights

_SUM, _WEIGHT = "sum:", "weight:"


def start(model: Weights) -> State:
    """Doubles: a thousand small changes must not be lost in a large sum."""
    sums: State = {_SUM + name: np.zeros(one.shape) for name, one in sorted(model.items())}
    sums[_WEIGHT] = np.zeros(())
    return sums


def fold(state: State, contribution: Contribution, *, factor: float = 1.0) -> State:
    """`factor` shortens the change and not its weight: what is stale moves the model less, however alone it is."""
    for name, one in contribution.change.items():
        state[_SUM + name] += np.multiply(one, contribution.weight * factor, dtype=np.float64)
    state[_WEIGHT] += contribution.weight
    return state


def weight(state: State) -> float:
    """Of all that was folded in since the last step."""
    return float(state[_WEIGHT])


def taken(state: State, model: Weights) -> tuple[dict[str, NDArray[np.float64]] | None, State]:
    """The mean as doubles, None of nothing; and the state of nothing."""
    whole = weight(state)
    if not whole:
        return None, state
    return {name: state[_SUM + name] / whole for name in sorted(model)}, {**state, **start(model)}
