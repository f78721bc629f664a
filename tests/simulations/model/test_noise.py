"""Noise changes how long something takes, and on average nothing."""

import numpy as np
import pytest

from simulations.model.noise import Noise, mean_of, median_of


def test_factors_have_the_mean_one() -> None:
    factors = Noise(np.random.default_rng(1), 0.5).factors(100_000)
    assert factors.mean() == pytest.approx(1, rel=0.01)
    assert np.log(factors).std() == pytest.approx(0.5, rel=0.01)
    assert median_of(1.0, 0.5) == pytest.approx(np.median(factors), rel=0.01)


def test_one_by_one_they_are_the_same_kind() -> None:
    noise = Noise(np.random.default_rng(1), 0.5)
    assert np.mean([noise.factor() for _ in range(20_000)]) == pytest.approx(1, rel=0.02)


def test_without_a_spread_there_is_none() -> None:
    noise = Noise(np.random.default_rng(1), 0.0)
    assert noise.factor() == 1.0
    assert set(noise.factors(3).tolist()) == {1.0}


def test_a_median_and_its_mean_go_back_and_forth() -> None:
    assert median_of(mean_of(2.0, 0.7), 0.7) == pytest.approx(2.0)
