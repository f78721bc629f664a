"""Small models and what participants may have learnt of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.strategy import Contribution, State, Strategy
from agent.federation.weights import Weights

SHAPES = {"bias": (3,), "kernel": (2, 3)}


def model(seed: int = 0) -> Weights:
    random = np.random.default_rng(seed)
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}


def contributions(count: int, seed: int = 1) -> list[Contribution]:
    random = np.random.default_rng(seed)
    return [
        Contribution(
            participant=f"site-{number}",
            change=_drawn(random, 0.1),
            weight=float(random.integers(1, 100)),
            steps=int(random.integers(1, 9)),
            control=_drawn(random, 0.01),
        )
        for number in range(count)
    ]


def _drawn(random: np.random.Generator, size: float) -> dict[str, NDArray[np.float32]]:
    return {name: (size * random.normal(size=shape)).astype(np.float32) for name, shape in SHAPES.items()}


def folded(strategy: Strategy, state: State, some: list[Contribution]) -> State:
    for one in some:
        state = strategy.fold(state, one)
    return state


def stepped(strategy: Strategy, model: Weights, some: list[Contribution]) -> Weights:
    return strategy.step(folded(strategy, strategy.start(model), some), model)[0]


def copied(state: State) -> State:
    """As from a snapshot."""
    return {name: one.copy() for name, one in state.items()}


def same_bytes(one: Any, other: Any) -> bool:  # noqa: ANN401 - weights or states
    return sorted(one) == sorted(other) and all(
        one[name].tobytes() == other[name].tobytes() and one[name].dtype == other[name].dtype for name in one
    )
