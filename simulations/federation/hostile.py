"""Sites that would spoil the model. What they send passes all that a coordinator can check of one update alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.weights import Weights
from simulations.federation.document import Attack
from simulations.federation.virtual import Learnt, Seconds, Site

_FACTORS = {Attack.SIGN_FLIP: -1.0, Attack.SCALE: 100.0, Attack.NAN: float("nan")}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileSite:
    """`honest`: what it makes its own of."""

    honest: Site
    attack: Attack

    @property
    def name(self) -> str:
        return self.honest.name

    @property
    def joins_at(self) -> Seconds:
        return self.honest.joins_at

    def learn(self, model: Weights, handed_down: Mapping[str, NDArray[Any]], number: int) -> Learnt:
        learnt = self.honest.learn(model, handed_down, number)
        factor = np.float32(_FACTORS.get(self.attack, 1.0))
        return replace(learnt, change={name: one * factor for name, one in learnt.change.items()})

    def lasts(self, number: int) -> Seconds:
        return self.honest.lasts(number)

    def leaves_after(self, number: int) -> bool:
        return self.honest.leaves_after(number)


def flipped(truth: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Each class named as the one opposite."""
    return classes - 1 - truth


def drawn(sites: int, hostile: int, seed: int) -> frozenset[int]:
    """Which of them are."""
    return frozenset(np.random.default_rng([seed, sites]).permutation(sites)[:hostile].tolist())
