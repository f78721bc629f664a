"""Integers that stand for real numbers: `real = scale * (integer - zero_point)`, one pair a tensor.

Source: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
CVPR 2018, equation 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantisation:
    dtype: np.dtype[Any]
    scale: float
    zero_point: int

    def encode(self, reals: NDArray[np.float32]) -> NDArray[Any]:
        """Nearest integer, ties to even, held within the dtype."""
        limits = np.iinfo(self.dtype)
        steps = np.rint(reals / np.float32(self.scale)) + np.float32(self.zero_point)
        clipped: NDArray[np.float32] = np.clip(steps, limits.min, limits.max)
        return clipped.astype(self.dtype)

    def decode(self, integers: NDArray[Any]) -> NDArray[np.float32]:
        return (integers.astype(np.float32) - np.float32(self.zero_point)) * np.float32(self.scale)
