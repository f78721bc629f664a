"""The greatest changes alone, each with its place; what is left out is made up for later, by error feedback.

Lin, Han, Mao, Wang and Dally, Deep Gradient Compression: Reducing the Communication Bandwidth for Distributed Training,
ICLR 2018 (arXiv 1712.01887), section 3.1.
"""

from collections.abc import Mapping
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.bounds import UpToOne
from agent.federation.encoding.encoding import Encoded, only, part
from agent.federation.weights import UnlikeError, Weights, require_like
from shared.documents.types import Document

_AT = "at:"


class TopK(Document, frozen=True, kw_only=True, tag_field="kind", tag="top-k"):
    """`share`: of each tensor's weights, rounded up. A weight takes six bytes: its place, and its change as a half."""

    share: UpToOne = 0.05

    def encode(self, change: Weights) -> Encoded:
        encoded: dict[str, NDArray[Any]] = {}
        most = np.finfo(np.float16).max
        for name, one in change.items():
            flat = one.reshape(-1)
            kept = ceil(self.share * flat.size)
            # Stable, so that equal changes give equal bytes.
            places = np.sort(np.argsort(-np.abs(flat), kind="stable")[:kept])
            encoded[_AT + name] = places.astype(np.uint32)
            encoded[name] = np.clip(flat[places], -most, most).astype(np.float16)
        return encoded

    def decode(self, encoded: Mapping[str, NDArray[Any]], model: Weights) -> Weights:
        only(encoded, {*model, *(_AT + name for name in model)})
        return require_like({name: _decoded(encoded, name, one.shape) for name, one in model.items()}, model)


def _decoded(encoded: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    places, values = part(encoded, _AT + name, np.uint32), part(encoded, name, np.float16)
    size = prod(shape)
    if places.ndim != 1 or places.shape != values.shape or places.size > size:
        raise UnlikeError(f"tensor {name!r} has {list(values.shape)} changes at {list(places.shape)} places of {size}")
    if places.size and (int(places[-1]) >= size or (np.diff(places.astype(np.int64)) <= 0).any()):
        raise UnlikeError(f"tensor {_AT + name!r} is no list of places from 0 to {size - 1}, each once and in order")
    flat = np.zeros(size, np.float32)
    flat[places] = values
    return flat.reshape(shape)
