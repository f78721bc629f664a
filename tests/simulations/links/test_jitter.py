from statistics import fmean, pstdev

import pytest

from simulations.experiment.document import Jitter
from simulations.links.jitter import quantile

DRAWS = 200_000
SHARES = [(index + 0.5) / DRAWS for index in range(DRAWS)]


@pytest.mark.parametrize("distribution", Jitter)
def test_the_delays_mean_is_the_latency(distribution: Jitter) -> None:
    assert fmean(quantile(distribution, share) for share in SHARES) == pytest.approx(0, abs=2e-3)


@pytest.mark.parametrize(("distribution", "deviation"), [("normal", 1), ("uniform", 3**-0.5), ("pareto", 1)])
def test_the_deviation_is_the_jitter(distribution: str, deviation: float) -> None:
    assert pstdev([quantile(Jitter(distribution), share) for share in SHARES]) == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize("distribution", Jitter)
def test_every_share_has_a_quantile(distribution: Jitter) -> None:
    assert quantile(distribution, 0.0) < quantile(distribution, 0.5) < quantile(distribution, 1 - 2**-53)
