"""Two shares compared: in pairs, and apart."""

import math
from statistics import NormalDist

from agent.training.exiting.binomial import binomial_cdf


def mcnemar(one: int, other: int) -> float:
    """The exact two-sided p-value of `one` discordant pair's kind against the `other`'s, 0 to 1.

    McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika
    12, 1947, with the binomial distribution at 1/2 in place of its normal approximation: twice the smaller tail.
    """
    return min(1.0, 2 * binomial_cdf(min(one, other), one + other, 0.5))


def wilson(right: int, records: int, *, confidence: float) -> tuple[float, float]:
    """Wilson's score interval for a share: "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = right / records
    middle = 2 * right + z**2
    reach = z * math.sqrt(z**2 + 4 * right * (1 - share))
    below, above = ((middle + side * reach) / (2 * (records + z**2)) for side in (-1, 1))
    # Rounding must not put the share itself outside.
    return min(max(below, 0.0), share), max(min(above, 1.0), share)


def newcombe(
    right_one: int, records_one: int, right_other: int, records_other: int, *, confidence: float
) -> tuple[float, float]:
    """The interval for the first share less the second, -1 to 1, of two independent samples.

    Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods",
    Statistics in Medicine 17, 1998, method 10: two score intervals without continuity correction, squared and added.
    """
    one, other = right_one / records_one, right_other / records_other
    one_below, one_above = wilson(right_one, records_one, confidence=confidence)
    other_below, other_above = wilson(right_other, records_other, confidence=confidence)
    difference = one - other
    return (
        difference - math.hypot(one - one_below, other_above - other),
        difference + math.hypot(one_above - one, other - other_below),
    )
