"""A byte a weight: each tensor in 127 steps up and down to its own greatest."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.encoding.encoding import Encoded, only, part
from agent.federation.weights import UnlikeError, Weights, require_like
from shared.documents.types import Document

_SCALE = "scale:"
_STEPS = 127


class Int8(Document, frozen=True, kw_only=True, tag_field="kind", tag="int8"):
    """No weight is off by more than half a step, the greatest of its tensor / 254."""

    def encode(self, change: Weights) -> Encoded:
        encoded: dict[str, NDArray[Any]] = {}
        for name, one in change.items():
            scale = np.float32(np.abs(one).max(initial=0) / _STEPS)
            steps = np.rint(one / scale) if scale else np.zeros(one.shape)
            encoded[name] = np.clip(steps, -_STEPS, _STEPS).astype(np.int8)
            encoded[_SCALE + name] = np.array(scale, np.float32)
        return encoded

    def decode(self, encoded: Mapping[str, NDArray[Any]], model: Weights) -> Weights:
        only(encoded, {*model, *(_SCALE + name for name in model)})
        return require_like({name: self._decoded(encoded, name) for name in model}, model)

    def _decoded(self, encoded: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
        scale = part(encoded, _SCALE + name, np.float32)
        if scale.shape or not scale >= 0:
            raise UnlikeError(f"tensor {_SCALE + name!r} is no scale: one number, 0 or more")
        with np.errstate(over="ignore", invalid="ignore"):
            decoded: NDArray[np.float32] = part(encoded, name, np.int8) * np.float32(scale)
        return decoded
