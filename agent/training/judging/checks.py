"""What is refused before it is judged, each with the row it was found in, counted over all batches from 0."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from shared.record.finite import finite_rows

# Beyond it a sum of squares may pass the greatest float64.
_GREATEST = 1e140


def numbers(array: NDArray[Any], *, name: str, first: int, outputs: int) -> NDArray[np.float64]:
    """`[n, *shape]` as float64 `[n, outputs]`; `first` is the number of its first row.

    Raises DocumentError where it holds no numbers, not `outputs` of them, NaN, an infinity, or one that cannot be
    squared.
    """
    if array.ndim == 0 or array.dtype.kind not in "fiub":
        raise DocumentError(
            f"not an array of numbers, one row a record: {array.dtype} of shape {array.shape}", field=name
        )
    width = math.prod(array.shape[1:])
    if width != outputs:
        raise DocumentError(f"{width} numbers a record where {outputs} are expected", field=name)
    rows = array.reshape(len(array), width)
    refuse_rows(~finite_rows(rows), "holds NaN or an infinity", name=name, first=first)
    exact = rows.astype(np.float64, copy=False)
    refuse_rows((np.abs(exact) > _GREATEST).any(axis=1), "too great to be squared", name=name, first=first)
    return exact


def refuse_rows(bad: NDArray[np.bool_] | np.bool_, reason: str, *, name: str, first: int) -> None:
    """Raises DocumentError naming the first bad row, if there is one."""
    if bad.any():
        raise DocumentError(reason, field=f"{name}[{first + int(bad.argmax())}]")


def refuse_other_length(outputs: NDArray[Any], truth: NDArray[Any], *, name: str) -> None:
    if len(outputs) != len(truth):
        raise DocumentError(f"{len(truth)} rows for {len(outputs)} records", field=name)


def refuse_nothing(records: int) -> None:
    if records == 0:
        raise DocumentError("no record to judge: the test set is empty")
