"""What every decoder gives back: the records that could be read as one batch, the others with their reasons."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from shared.errors import RecordError


class Decoded(NamedTuple):
    """`batch` has one row for each index in `kept`, in order; every other index of the micro-batch is in `errors`."""

    batch: NDArray[Any]
    kept: Sequence[int]
    errors: Mapping[int, RecordError]
