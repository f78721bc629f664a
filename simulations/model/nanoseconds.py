"""Time in the model: int64 nanoseconds since the load began. Floats would make sums depend on their order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
NEVER = 2**62
_PER_SECOND = 1e9


def nanoseconds(seconds: float) -> int:
    """`inf` is never."""
    return NEVER if seconds * _PER_SECOND >= NEVER else round(seconds * _PER_SECOND)


def all_nanoseconds(seconds: NDArray[np.float64] | Sequence[float]) -> Times:
    return np.rint(np.asarray(seconds, dtype=np.float64) * _PER_SECOND).astype(np.int64)
