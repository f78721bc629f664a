import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.online.page_hinkley import PageHinkley, watched


def errors(seed: int, *parts: tuple[float, int]) -> list[float]:
    drawn = np.random.default_rng(seed)
    return [float(drawn.random() < rate) for rate, count in parts for _ in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_a_rise_is_seen_soon_after_it_came(seed: int) -> None:
    _, seen = watched(PageHinkley(), errors(seed, (0.1, 3000), (0.4, 1000)))
    assert seen is not None
    assert 3000 <= seen < 3500


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 1.0])
def test_chance_is_no_rise(rate: float) -> None:
    assert all(watched(PageHinkley(), errors(seed, (rate, 5000)))[1] is None for seed in range(10))


@pytest.mark.parametrize("seed", range(5))
def test_learning_is_no_rise_and_hides_none_later(seed: int) -> None:
    learning = [(0.9 - 0.08 * step, 500) for step in range(11)]
    assert watched(PageHinkley(), errors(seed, *learning))[1] is None
    assert watched(PageHinkley(), errors(seed, *learning, (0.1, 4000), (0.4, 1000)))[1] is not None


@given(st.lists(st.floats(0, 1)), st.integers(0, 50))
def test_it_can_stop_anywhere_and_go_on(values: list[float], at: int) -> None:
    whole, _ = watched(PageHinkley(), values)
    first, _ = watched(PageHinkley(), values[:at])
    assert watched(first, values[at:])[0] == whole
