"""Epsilon is that of the Gaussian mechanism, and a federation stops before it is exceeded."""

import subprocess
import sys
from math import log, sqrt

import pytest

from agent.federation.privacy.accountant import accountant, gaussian_epsilon
from shared.documents.federation import Privacy


def by_hand(noise: float, delta: float, updates: int) -> float:
    """Renyi divergence of order a is a k / (2 noise^2), so that epsilon is at most that plus log(1/delta) / (a - 1);
    the least over all a: k / (2 noise^2) + sqrt(2 k log(1/delta)) / noise (Mironov 2017, proposition 3).
    """
    return updates / (2 * noise**2) + sqrt(2 * updates * log(1 / delta)) / noise


@pytest.mark.parametrize(("noise", "updates"), [(1.0, 1), (1.0, 10), (4.0, 100), (0.5, 3)])
def test_epsilon_is_the_one_that_can_be_reckoned_by_hand(noise: float, updates: int) -> None:
    plain = by_hand(noise, 1e-5, updates)
    found = gaussian_epsilon(noise, 1e-5, updates)
    # The library converts a little better than the formula (Canonne, Kamath and Steinke 2020), and never worse.
    assert 0.8 * plain < found <= plain * 1.001


def test_a_known_value() -> None:
    """One update with noise 1 at delta 1e-5: the exact curve of the Gaussian mechanism gives 4.377 (Balle and Wang,
    ICML 2018, theorem 8); Renyi bounds lie above it, and by less than a tenth."""
    assert 4.377 <= gaussian_epsilon(1.0, 1e-5, 1) <= 1.1 * 4.377


def test_nothing_costs_nothing_and_more_costs_more() -> None:
    spent = accountant(Privacy(norm=1, noise=1))
    assert spent.epsilon(0) == 0
    assert spent.most_updates is None
    costs = [spent.epsilon(updates) or 0 for updates in range(1, 6)]
    assert costs == sorted(costs)


@pytest.mark.parametrize("most", [0.1, 4.0, 5.0, 20.0])
def test_as_many_updates_as_epsilon_allows_and_not_one_more(most: float) -> None:
    allowed = accountant(Privacy(norm=1, noise=1, most_epsilon=most)).most_updates
    assert allowed is not None
    assert gaussian_epsilon(1.0, 1e-5, allowed) <= most < gaussian_epsilon(1.0, 1e-5, allowed + 1)


def test_without_noise_nothing_is_promised() -> None:
    for privacy in (None, Privacy(norm=1)):
        spent = accountant(privacy)
        assert (spent.epsilon(3), spent.most_updates) == (None, None)


def test_the_library_is_not_there_until_it_is_needed() -> None:
    code = (
        "import sys; from agent.federation.privacy.accountant import accountant; accountant(None).epsilon(1); "
        "sys.exit('dp_accounting' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
