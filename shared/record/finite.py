"""Which records hold only numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def finite_rows(batch: NDArray[Any]) -> NDArray[np.bool_]:
    """Shape `[n]`: True where a record holds neither NaN nor an infinity, and no boolean other than 0 and 1."""
    if batch.dtype.kind == "f":
        return _whole_rows(np.isfinite(batch))
    if batch.dtype.kind == "b":
        return _whole_rows(batch.view(np.uint8) <= 1)
    return np.ones(len(batch), np.bool_)


def _whole_rows(good: Any) -> NDArray[np.bool_]:  # noqa: ANN401 - numpy types a comparison as array or scalar
    # Of one whole batch this costs a tenth of asking row by row, and the answer is nearly always yes.
    if np.logical_and.reduce(good, axis=None):
        return np.ones(len(good), np.bool_)
    rows: NDArray[np.bool_] = good.reshape(len(good), -1).all(axis=1)
    return rows
