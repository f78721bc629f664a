"""The binomial distribution against exact fractions, and what few successes prove."""

import importlib
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.exiting.binomial import binomial_cdf, least_trials, most_successes, upper_bound

rates = st.floats(1e-6, 1 - 1e-6)
trials = st.integers(1, 80)
confidences = st.floats(0.01, 0.999)


def exact(successes: int, count: int, rate: float) -> Fraction:
    success = Fraction(rate)
    return sum(
        (math.comb(count, one) * success**one * (1 - success) ** (count - one) for one in range(successes + 1)),
        Fraction(0),
    )


@given(st.data(), trials, rates)
def test_the_distribution_is_what_fractions_say(data: st.DataObject, count: int, rate: float) -> None:
    successes = data.draw(st.integers(0, count))
    assert binomial_cdf(successes, count, rate) == pytest.approx(float(exact(successes, count, rate)), rel=1e-11)


@pytest.mark.parametrize(("successes", "count"), [(0, 2000), (3, 2000), (13, 2000), (19, 2000), (20, 2000), (45, 2000)])
def test_it_is_as_good_for_many_trials(successes: int, count: int) -> None:
    # A fraction whose denominator is a power of two keeps the exact sum small.
    rate = 41 / 4096
    assert binomial_cdf(successes, count, rate) == pytest.approx(float(exact(successes, count, rate)), rel=1e-10)


def test_it_agrees_with_scipy_where_fractions_are_too_slow() -> None:
    scipy = importlib.import_module("scipy.special")
    for count in (10_000, 1_000_000):
        for rate in (0.001, 0.01, 0.3):
            for deviations in (-6, -1.28, 0, 1, 5):
                successes = max(0, int(count * rate + deviations * math.sqrt(count * rate)))
                expected = float(scipy.bdtr(successes, count, rate))
                assert binomial_cdf(successes, count, rate) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(
    ("successes", "rate", "expected"), [(-1, 0.5, 0), (5, 0.5, 1), (9, 0.5, 1), (0, 0.0, 1), (4, 1.0, 0), (5, 1.0, 1)]
)
def test_the_ends_are_exact(successes: int, rate: float, expected: float) -> None:
    assert binomial_cdf(successes, 5, rate) == expected


@given(st.data(), trials, confidences)
def test_the_upper_bound_is_where_the_chance_falls_to_one_less_the_confidence(
    data: st.DataObject, count: int, confidence: float
) -> None:
    successes = data.draw(st.integers(0, count - 1))
    bound = upper_bound(successes, count, confidence)
    assert binomial_cdf(successes, count, bound) == pytest.approx(1 - confidence, rel=1e-6)
    assert upper_bound(count, count, confidence) == 1


@pytest.mark.parametrize("confidence", [1e-320, 1e-9, 1 - 1e-15])
def test_no_confidence_is_too_extreme(confidence: float) -> None:
    assert 0 < upper_bound(0, 230, confidence) <= upper_bound(3, 230, confidence) < 1
    assert least_trials(1e-300, confidence) >= 1


def test_the_upper_bound_of_nothing_found_by_hand() -> None:
    assert upper_bound(0, 230, 0.9) == pytest.approx(1 - 0.1 ** (1 / 230))


@given(st.integers(1, 3000), st.floats(0.001, 0.5), confidences)
def test_one_success_more_than_the_most_proves_nothing(count: int, rate: float, confidence: float) -> None:
    most = most_successes(count, rate, confidence)
    assert most == -1 or binomial_cdf(most, count, rate) <= 1 - confidence
    assert binomial_cdf(most + 1, count, rate) > 1 - confidence


@given(st.integers(1, 3000), st.floats(0.001, 0.5), confidences)
def test_what_passes_has_its_upper_bound_below_the_rate(count: int, rate: float, confidence: float) -> None:
    most = most_successes(count, rate, confidence)
    if most >= 0:
        assert upper_bound(most, count, confidence) <= rate * (1 + 1e-9)
    assert upper_bound(most + 1, count, confidence) >= rate * (1 - 1e-9)


@given(st.floats(0.0001, 0.9), confidences)
def test_one_trial_fewer_than_the_least_proves_nothing(rate: float, confidence: float) -> None:
    least = least_trials(rate, confidence)
    assert most_successes(least, rate, confidence) >= 0
    assert least == 1 or (1 - rate) ** (least - 1) > (1 - confidence) * (1 - 1e-9)


def test_the_least_trials_by_hand() -> None:
    assert least_trials(0.01, 0.9) == 230
    assert least_trials(0.05, 0.95) == 59
