"""Whole numbers of float32, and float16, half of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.encoding.encoding import Encoded, only, part
from agent.federation.weights import Weights, require_like
from shared.documents.types import Document


class Float32(Document, frozen=True, kw_only=True, tag_field="kind", tag="f32"):
    """As they are."""

    def encode(self, change: Weights) -> Encoded:
        return change

    def decode(self, encoded: Mapping[str, NDArray[Any]], model: Weights) -> Weights:
        return require_like(encoded, model)


class Float16(Document, frozen=True, kw_only=True, tag_field="kind", tag="f16"):
    """What is too great for a half is the greatest half."""

    def encode(self, change: Weights) -> Encoded:
        most = np.finfo(np.float16).max
        return {name: np.clip(one, -most, most).astype(np.float16) for name, one in change.items()}

    def decode(self, encoded: Mapping[str, NDArray[Any]], model: Weights) -> Weights:
        only(encoded, set(model))
        return require_like({name: part(encoded, name, np.float16).astype(np.float32) for name in model}, model)
