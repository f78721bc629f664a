"""What can be added to a model, and what is refused before it is."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.federation.weights import UnlikeError, norm, require_like

MODEL = {"bias": np.zeros(3, np.float32), "kernel": np.zeros((2, 3), np.float32)}


def changed(name: str, tensor: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {**MODEL, name: tensor}


def test_what_is_like_the_model_passes() -> None:
    assert require_like(changed("bias", np.ones(3, np.float32)), MODEL)["bias"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bias": MODEL["bias"]}, "tensor 'kernel' is missing"),
        (changed("more", np.zeros(1, np.float32)), "tensor 'more' is not in the model"),
        (changed("bias", np.zeros(3)), "tensor 'bias' is float64, not float32"),
        (changed("bias", np.zeros(4, np.float32)), r"tensor 'bias' has shape \[4\], not \[3\]"),
        (changed("bias", np.array([1, np.nan, np.inf], np.float32)), "'bias' holds NaN or infinities, 2 of 3"),
    ],
)
def test_what_is_not_is_refused_with_the_tensors_name(given: dict[str, NDArray[Any]], said: str) -> None:
    with pytest.raises(UnlikeError, match=said):
        require_like(given, MODEL)


def test_a_norm_is_over_all_tensors_and_overflows_not() -> None:
    assert norm({"a": np.array([3], np.float32), "b": np.array([[4]], np.float32)}) == 5
    assert norm({"a": np.full(4, 3e38, np.float32)}) == pytest.approx(6e38)
