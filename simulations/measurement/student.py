"""Student's t distribution for whole degrees of freedom, without scipy."""

import math
from statistics import NormalDist


def cdf(value: float, freedom: int) -> float:
    """Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4."""
    angle = math.atan(value / math.sqrt(freedom))
    cosine_squared, odd = math.cos(angle) ** 2, freedom % 2
    term, terms = math.cos(angle) if odd else 1.0, 0.0
    for step in range(freedom // 2):
        terms += term
        term *= cosine_squared * (2 * step + 1 + odd) / (2 * step + 2 + odd)
    area = 2 / math.pi * (angle + math.sin(angle) * terms) if odd else math.sin(angle) * terms
    return 0.5 + area / 2


def quantile(probability: float, freedom: int) -> float:
    """The value above the median that is exceeded with 1 - `probability`; by bisection."""
    low, high = 0.0, 1e9
    while high - low > 1e-9 * max(1.0, low):
        middle = (low + high) / 2
        low, high = (middle, high) if cdf(middle, freedom) < probability else (low, middle)
    return low


def expanded_tail(tail: float, clusters: int) -> float:
    """The tail to cut from a bootstrap distribution of so many clusters for an interval that leaves out `tail`.

    The bootstrap's percentile interval is too narrow for few samples: by sqrt((n - 1) / n), and because it takes the
    normal's quantile for Student's. Hesterberg, What Teachers Should Know About the Bootstrap, The American
    Statistician 69(4), 2015, section 5.3, "expanded percentile interval".
    """
    widened = math.sqrt(clusters / (clusters - 1)) * quantile(1 - tail, clusters - 1)
    return NormalDist().cdf(-widened)
