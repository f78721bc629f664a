"""What a training step is given: batch by batch, the same each time, from any step on."""

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.permutation import Permutation, derived_seed

Batch = tuple[NDArray[Any], NDArray[Any]]
Given = TypeVar("Given", covariant=True)
# Put in order at once: of one batch alone, starting each calculation takes longer than the calculation.
_ORDERED_AT_ONCE = 2**14


class Examples(Protocol[Given]):
    """As Shelf: what belongs to these rows, such as their inputs and labels, copied."""

    def __getitem__(self, rows: NDArray[np.int64], /) -> Given: ...


class RowNumbers(Protocol):
    def __len__(self) -> int: ...

    def __getitem__(self, positions: NDArray[np.int64], /) -> NDArray[np.int64]: ...


def steps(rows: int, batch: int) -> int:
    """Batches an epoch: the last one may be smaller."""
    return -(-rows // batch)


def batches(
    shelf: Examples[Given], part_rows: RowNumbers, *, batch: int, seed: int, epoch: int, start_step: int = 0
) -> Iterator[Given]:
    """Each row of the part once, shuffled by seed and epoch; from `start_step` on, exactly what followed before.

    Of a shelf `(inputs [batch, ...], labels [batch, ...])`, read when asked for and the caller's to keep or change.
    """
    order = Permutation(len(part_rows), derived_seed(seed, "epoch", epoch))
    for positions in _positions(len(part_rows), batch, start_step):
        yield from _read(shelf, part_rows[order[positions]], batch)


def in_order(shelf: Examples[Given], part_rows: RowNumbers, *, batch: int) -> Iterator[Given]:
    """Each row of the part once, in the order of the disk: to judge by."""
    for positions in _positions(len(part_rows), batch, 0):
        yield from _read(shelf, part_rows[positions], batch)


def _positions(rows: int, batch: int, start_step: int) -> Iterator[NDArray[np.int64]]:
    """Of several whole batches together."""
    together = max(1, _ORDERED_AT_ONCE // batch) * batch
    for start in range(start_step * batch, rows, together):
        yield np.arange(start, min(start + together, rows))


def _read(shelf: Examples[Given], rows: NDArray[np.int64], batch: int) -> Iterator[Given]:
    for start in range(0, len(rows), batch):
        yield shelf[rows[start : start + batch]]
