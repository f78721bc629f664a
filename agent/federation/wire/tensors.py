"""Tensors by name to bytes and back, as safetensors: nothing in it is ever run.

https://huggingface.co/docs/safetensors; equal tensors give equal bytes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from agent.federation.weights import UnlikeError


def to_bytes(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    # What numpy reckons with an array of no dimensions is no array any more.
    return save({name: np.asarray(tensors[name], order="C") for name in sorted(tensors)})


def from_bytes(raw: bytes) -> dict[str, NDArray[Any]]:
    """Raises UnlikeError for what is none, from whomever it came."""
    try:
        return dict(load(raw))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UnlikeError(f"no tensors: {error}") from error
