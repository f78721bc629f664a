"""Tensors of PyTorch as arrays, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.torch_library import library, model_errors
from shared.errors import ModelError

Tensor = Any


def arrays(tensors: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Copies."""
    return {name: np.array(tensor.detach().cpu().numpy()) for name, tensor in tensors.items()}


def take_over(tensors: Mapping[str, Tensor], given: Mapping[str, NDArray[Any]], *, otherwise: str) -> None:
    """Raises ModelError, `otherwise`, unless names and shapes are the same."""
    torch = library()
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if other := sorted(shapes.items() ^ {(name, array.shape) for name, array in given.items()}):
        raise ModelError(f"{otherwise}: {other[0][0]!r} is not the same in both")
    with model_errors("taking over the weights"), torch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(torch.from_numpy(np.array(given[name])))
