"""Some records of a part, drawn by lot: the first ones may all be of one class."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.batches import RowNumbers
from agent.training.reading.permutation import Permutation, derived_seed
from agent.training.reading.shelf import Shelf


def drawn(shelf: Shelf, part: RowNumbers, records: int, *, seed: int, purpose: str) -> NDArray[Any]:
    """Inputs `[n, ...]` of as many records as there are, `records` at most; the same for the same seed and purpose."""
    places = np.arange(min(records, len(part)))
    return shelf.inputs[part[np.sort(Permutation(len(part), derived_seed(seed, purpose, 0))[places])]]
