"""Delay that varies: the quantile functions of the three distributions, scaled to mean 0. Pure.

Drawn by inverting one uniform number each, so that the same seed gives the same delays under every version of Python
(`random.Random.random` is promised to stay; the library's own normal deviates are not).
"""

import math
from statistics import NormalDist

from simulations.experiment.document import Jitter

# The heaviest tail of a whole exponent that still has a standard deviation.
PARETO_SHAPE = 3.0
_PARETO_MEAN = PARETO_SHAPE / (PARETO_SHAPE - 1)
_PARETO_DEVIATION = math.sqrt(PARETO_SHAPE / (PARETO_SHAPE - 2)) / (PARETO_SHAPE - 1)
_NORMAL = NormalDist()
_LEAST = 2.0**-54


def quantile(distribution: Jitter, share: float) -> float:
    """The value that `share` (0 to below 1) of all draws stay below.

    Normal and Pareto have a standard deviation of 1, uniform runs from -1 to 1.
    """
    match distribution:
        case Jitter.NORMAL:
            return _NORMAL.inv_cdf(max(share, _LEAST))
        case Jitter.UNIFORM:
            return 2 * share - 1
        case Jitter.PARETO:
            return (math.pow(1 - share, -1 / PARETO_SHAPE) - _PARETO_MEAN) / _PARETO_DEVIATION
