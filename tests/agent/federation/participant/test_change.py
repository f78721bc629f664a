"""What leaves of a change, and what SCAFFOLD makes of it."""

import numpy as np
import pytest

from agent.federation.participant.change import along, change, control_change, moved, private
from agent.federation.weights import UnlikeError, Weights, norm
from shared.documents.federation import NoiseAt, Privacy

BASE: Weights = {"kernel": np.ones((2, 3), np.float32), "bias": np.zeros(3, np.float32)}
AFTER: Weights = {name: one + 2 for name, one in BASE.items()}
SEED = b"0123456789abcdef"


def test_what_is_not_the_models_stays() -> None:
    found = change({**AFTER, "steps": np.array(7)}, BASE)
    assert {name: one.tolist() for name, one in found.items()} == {"kernel": [[2.0] * 3] * 2, "bias": [2.0] * 3}


@pytest.mark.parametrize(
    "after",
    [
        {"kernel": AFTER["kernel"]},
        {**AFTER, "bias": np.zeros(4, np.float32)},
        {**AFTER, "bias": np.array([0, np.nan, 0], np.float32)},
        {**AFTER, "bias": np.zeros(3)},
    ],
)
def test_weights_that_are_not_the_models_are_no_update(after: Weights) -> None:
    with pytest.raises(UnlikeError):
        change(after, BASE)


def test_without_privacy_a_change_leaves_as_it_is() -> None:
    assert private(AFTER, None, seed=SEED) is AFTER


@pytest.mark.parametrize("at", NoiseAt)
def test_it_is_clipped_at_the_site_wherever_the_noise_comes_from(at: NoiseAt) -> None:
    assert norm(private(AFTER, Privacy(norm=0.5, at=at), seed=SEED)) == pytest.approx(0.5, rel=1e-5)


def test_noise_is_added_at_the_site_where_it_is_to_be() -> None:
    here, there = (private(AFTER, Privacy(norm=0.5, noise=2.0, at=at), seed=SEED) for at in NoiseAt)
    assert norm(there) == pytest.approx(0.5, rel=1e-5)
    assert norm({name: here[name] - there[name] for name in BASE}) == pytest.approx(3.0, rel=0.6)


def test_control_variates_move_by_what_the_second_option_says() -> None:
    server: Weights = {name: np.full(one.shape, 0.5, np.float32) for name, one in BASE.items()}
    own: Weights = {name: np.full(one.shape, 0.2, np.float32) for name, one in BASE.items()}
    handed_down = {f"control:{name}": one for name, one in server.items()}
    assert np.allclose(along(handed_down, own, BASE)["bias"], 0.3)
    changed = change(AFTER, BASE)
    by = control_change(changed, handed_down, steps=10, rate=0.1, base=BASE)
    # c_i+ = c_i - c + (x - y) / (K eta), of which what travels is c_i+ - c_i.
    assert np.allclose(by["bias"], -0.5 - 2.0)
    assert np.allclose(moved(own, by)["bias"], 0.2 - 2.5)
    assert np.allclose(moved({}, by)["kernel"], -2.5)


def test_control_variates_of_another_network_are_refused() -> None:
    with pytest.raises(UnlikeError, match="missing"):
        along({"control:bias": BASE["bias"]}, {}, BASE)
