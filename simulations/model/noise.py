"""How much longer or shorter than its mean a step takes: a machine has other things to do."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

# So many are drawn in one call: one by one they would cost more than all the rest.
_DRAWN_AT_ONCE = 4096


class Noise:
    """Factors with the mean 1, lognormal, `spread` the standard deviation of their logarithm. Without one, always 1."""

    def __init__(self, random: Generator, spread: float) -> None:
        self._random = random
        self._spread = spread
        self._drawn: list[float] = []

    def factor(self) -> float:
        if not self._spread:
            return 1.0
        if not self._drawn:
            self._drawn = self.factors(_DRAWN_AT_ONCE).tolist()
        return self._drawn.pop()

    def factors(self, count: int) -> NDArray[np.float64]:
        if not self._spread:
            return np.ones(count)
        return self._random.lognormal(-(self._spread**2) / 2, self._spread, count)


def median_of(mean: float, spread: float) -> float:
    return mean * math.exp(-(spread**2) / 2)


def mean_of(median: float, spread: float) -> float:
    return median * math.exp(spread**2 / 2)
