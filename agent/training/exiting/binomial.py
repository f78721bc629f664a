"""How likely so few successes are, and what so few prove about the rate: the binomial distribution, exactly."""

import math

# A tail's terms fall at least geometrically: what is smaller than this share of their sum no longer changes it.
_NOTHING = 1e-17


def binomial_cdf(successes: int, trials: int, rate: float) -> float:
    """The chance of at most `successes` in `trials` independent ones that succeed at `rate`, 0 to 1.

    Correct to eight digits for up to a million trials, those of the smaller tail.
    """
    if successes < 0:
        return 0.0
    if successes >= trials or rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    if successes == 0:
        return math.exp(trials * math.log1p(-rate))
    if successes <= trials * rate:
        return min(1.0, _lower_tail(successes, trials, math.log(rate), math.log1p(-rate)))
    # The same from the other side, where the terms fall.
    return max(0.0, 1.0 - _lower_tail(trials - successes - 1, trials, math.log1p(-rate), math.log(rate)))


def _lower_tail(successes: int, trials: int, log_rate: float, log_rest: float) -> float:
    """The sum of the terms from `successes` down to 0, each made from the one above it."""
    log_ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    odds_against = math.exp(log_rest - log_rate)
    term = total = 1.0
    for count in range(successes, 0, -1):
        term *= count / (trials - count + 1) * odds_against
        total += term
        if term < total * _NOTHING:
            break
    return total * math.exp(log_ways + successes * log_rate + (trials - successes) * log_rest)


def upper_bound(successes: int, trials: int, confidence: float) -> float:
    """The greatest rate at which so few successes have a chance above 1 - confidence.

    Clopper and Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial, Biometrika
    26, 1934: one-sided.
    """
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if binomial_cdf(successes, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def most_successes(trials: int, rate: float, confidence: float) -> int:
    """The greatest count that proves, at `confidence`, a true rate of at most `rate`; -1 when not even 0 does."""
    low, high = -1, trials
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_cdf(middle, trials, rate) <= 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def least_trials(rate: float, confidence: float) -> int:
    """The fewest trials of which 0 successes prove, at `confidence`, a true rate of at most `rate`.

    (1 - rate)^n <= 1 - confidence.
    """
    trials = max(1, math.ceil(math.log(1 - confidence) / math.log1p(-rate)))
    return trials if binomial_cdf(0, trials, rate) <= 1 - confidence else trials + 1
