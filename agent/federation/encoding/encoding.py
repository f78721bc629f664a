"""What every encoding is: tensors to fewer bytes, and back."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.federation.weights import UnlikeError, Weights

Encoded = Mapping[str, NDArray[Any]]


class Encoding(Protocol):
    def encode(self, change: Weights) -> Encoded: ...

    def decode(self, encoded: Mapping[str, NDArray[Any]], model: Weights) -> Weights:
        """`encoded` comes from anybody. Raises UnlikeError unless it is what `encode` makes of a change of `model`."""
        ...


def part(encoded: Mapping[str, NDArray[Any]], name: str, dtype: type[np.generic]) -> NDArray[Any]:
    """Raises UnlikeError when it is missing or of another type."""
    if name not in encoded:
        raise UnlikeError(f"tensor {name!r} is missing: it is of another network or encoding")
    if encoded[name].dtype != dtype:
        raise UnlikeError(f"tensor {name!r} is {encoded[name].dtype}, not {np.dtype(dtype)}")
    return encoded[name]


def only(encoded: Mapping[str, NDArray[Any]], names: set[str]) -> None:
    """Raises UnlikeError for a tensor that nobody asked for."""
    for name in sorted(encoded.keys() - names):
        raise UnlikeError(f"tensor {name!r} is not in the model: it is of another network or encoding")
