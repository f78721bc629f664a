"""Which records hold only numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def finite_rows(batch: NDArray[Any]) -> NDArray[np.bool_]:
    """Shape `[n]`: True where a record holds neither NaN nor an infinity."""
    rows = len(batch)
    if batch.dtype.kind != "f" or _is_finite(batch):
        return np.ones(rows, dtype=np.bool_)
    finite: NDArray[np.bool_] = np.isfinite(batch).reshape(rows, -1).all(axis=1)
    return finite


def _is_finite(batch: NDArray[Any]) -> bool:
    """One pass without a temporary: NaN and infinities survive a sum. An overflow only sends us to the exact way."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(batch.sum(dtype=np.float32 if batch.dtype.itemsize < 8 else None)))
