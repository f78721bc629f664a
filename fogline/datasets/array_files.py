"""An .npz: one array holds the data, one the labels."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fogline.datasets.dataset import Block, Dataset, numbers_of, sorted_classes
from fogline.outgoing import array_of, load_arrays
from shared.errors import SettingsError

DATA = ("x", "images", "data")
LABELS = ("y", "labels")
_ROWS = 256


def open_arrays(file: Path, *, is_labelled: bool) -> Dataset:
    """The arrays are held in memory: as an archive is packed, no part of one can be read alone."""
    with load_arrays(file) as arrays:
        x = array_of(file, arrays, None, DATA)
        y = array_of(file, arrays, None, LABELS) if is_labelled else None
    if y is not None and len(x) != len(y):
        raise SettingsError(f"{file}: {len(y)} labels for {len(x)} rows")
    classes: tuple[str, ...] = ()
    if y is not None and y.dtype.kind == "U" and y.ndim == 1:
        texts = y.tolist()
        classes = sorted_classes(set(texts), str(file))
        y = numbers_of(texts, classes, str(file))
    return Dataset(total=len(x), classes=classes, blocks=lambda: _blocks(x, y))


def _blocks(x: NDArray[Any], y: NDArray[Any] | None) -> Iterator[Block]:
    for start in range(0, len(x), _ROWS):
        rows = np.s_[start : start + _ROWS]
        yield Block(x[rows], None if y is None else y[rows])
