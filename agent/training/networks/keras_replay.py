"""Layers of a functional Keras model used once more, on another tensor: new tensors, the same weights."""

from collections.abc import Mapping
from typing import Any

from agent.training.networks.keras_library import libraries

Tensor = Any


def replayed(outputs: Mapping[str, Tensor], *, at: Tensor, by: Tensor) -> dict[str, Tensor]:
    """What `outputs` would be had their layers read `by` in place of `at`. Keras raises where they need more than `at`.

    A model that is called on a tensor becomes one layer of the new network; here its layers stay what they are.
    """
    _, keras = libraries()
    again: dict[str, Tensor] = keras.Function(at, dict(outputs)).call(by)
    return again
