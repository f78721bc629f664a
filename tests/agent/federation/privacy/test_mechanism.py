"""No change is longer than it may be, and noise is what its seed makes it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agent.federation.privacy.mechanism import clipped, longest, noised
from agent.federation.weights import Weights, norm
from tests.agent.federation.aggregation.drawn import model, same_bytes

SEED = bytes(range(16))
changes = st.fixed_dictionaries(
    {
        "kernel": hnp.arrays(np.float32, (2, 3), elements=st.floats(-1e6, 1e6, width=32)),
        "bias": hnp.arrays(np.float32, (3,), elements=st.floats(-1e6, 1e6, width=32)),
    }
)


@given(changes, st.floats(0.01, 1e4))
def test_nothing_is_longer_than_the_bound_and_points_another_way(change: Weights, most: float) -> None:
    found, length = clipped(change, most), norm(change)
    assert norm(found) <= most * (1 + 1e-5)
    share = min(1.0, most / length) if length else 1.0
    assert all(np.allclose(found[name], one * share, rtol=1e-4, atol=1e-6 * most) for name, one in change.items())


@given(changes)
def test_what_is_short_enough_is_left_as_it_is(change: Weights) -> None:
    assert same_bytes(clipped(change, norm(change) + 1), change)


def test_noise_is_what_its_seed_makes_it() -> None:
    once, again = noised(model(), 0.1, seed=SEED), noised(model(), 0.1, seed=SEED)
    assert same_bytes(once, again)
    assert not same_bytes(once, noised(model(), 0.1, seed=SEED[::-1]))


def test_noise_is_as_wide_as_it_says_and_the_same_on_every_weight() -> None:
    zeros: Weights = {name: np.zeros((200, 200), np.float32) for name in ("a", "b")}
    found = noised(zeros, 0.3, seed=SEED)
    for one in found.values():
        assert one.std() == pytest.approx(0.3, rel=0.02)
        assert abs(one.mean()) < 0.01
    assert abs(np.corrcoef(found["a"].ravel(), found["b"].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("elements", [3, 10_000])
def test_what_was_clipped_and_noised_is_not_clipped_again(elements: int) -> None:
    change = {"kernel": np.full(elements, 1 / np.sqrt(elements), np.float32)}
    most = longest(1.0, 2.0, elements)
    lengths = [norm(noised(change, 2.0, seed=SEED + bytes([number]))) for number in range(50)]
    assert max(lengths) < most
    assert most < max(lengths) * (1.2 if elements > 100 else 5)


def test_a_seed_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="can be guessed"):
        noised(model(), 0.1, seed=b"1234")
