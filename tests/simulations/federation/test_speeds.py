"""How long updates take is drawn by the seed, the site and the number alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.quantities import Duration, Share
from simulations.federation.document import Normal, Uniform
from simulations.federation.speeds import own_seconds, seconds

SEEDS, SITES, NUMBERS = st.integers(0, 2**32 - 1), st.integers(0, 999), st.integers(1, 10_000)
UNIFORM = Uniform(least=Duration(50), most=Duration(200), varies=Share(0.2))


@given(SEEDS, SITES, NUMBERS)
def test_the_same_update_takes_the_same_time(seed: int, site: int, number: int) -> None:
    taken = seconds(UNIFORM, 0.3, seed, site, number)
    assert taken == seconds(UNIFORM, 0.3, seed, site, number)
    assert taken > 0


@given(SEEDS, SITES, NUMBERS)
def test_an_update_varies_around_what_its_site_takes(seed: int, site: int, number: int) -> None:
    own = own_seconds(UNIFORM, seed, site)
    assert 50 <= own <= 200
    assert 0.8 * own <= seconds(UNIFORM, 0, seed, site, number) <= 1.2 * own


@given(SEEDS, SITES, NUMBERS)
def test_nobody_is_faster_than_the_constant_and_the_least(seed: int, site: int, number: int) -> None:
    normal = Normal(means=(Duration(100),), deviation=Share(1), constant=Duration(5), least=Duration(2))
    assert seconds(normal, 0, seed, site, number) >= 7


def test_sites_have_one_of_the_means_each_and_vary_around_it() -> None:
    normal = Normal(means=(Duration(100), Duration(400)), deviation=Share(0.1), constant=Duration(5))
    for site, mean in enumerate((100, 400, 100, 400)):
        drawn = [seconds(normal, 0, 1, site, number) for number in range(1, 2000)]
        assert np.mean(drawn) == pytest.approx(mean + 5, rel=0.01)
        assert np.std(drawn) == pytest.approx(mean / 10, rel=0.1)


@given(SEEDS, SITES, NUMBERS)
def test_a_crash_costs_time_and_never_gains_any(seed: int, site: int, number: int) -> None:
    assert seconds(UNIFORM, 0.5, seed, site, number) >= 0.8 * own_seconds(UNIFORM, seed, site)


def test_half_of_all_attempts_crashing_costs_half_an_attempt_more_on_the_average() -> None:
    steady = Uniform(least=Duration(100), most=Duration(100))
    assert np.mean([seconds(steady, 0.5, 1, 0, number) for number in range(1, 4000)]) == pytest.approx(150, abs=5)
