"""Equally shaped rows in files, numbered through, read as an array is and never loaded.

They are read, not mapped: what a process has looked at of a mapped file counts as its memory, in pieces as great as
the kernel likes, and a file that is cut short under a mapping ends the process instead of raising.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.manifest import element_type, require_whole
from shared.documents.types import TensorSpec
from shared.errors import StorageError
from shared.storage import storage_errors


class RowFile(NamedTuple):
    path: Path
    rows: int


class _Opened(NamedTuple):
    """`first`: the number of its first row."""

    path: Path
    descriptor: int
    first: int


class StoredRows:
    """`rows[numbers]` and `rows[start:stop]` are copies of shape `[n, *spec.shape]`, in the order asked for.

    May be used from several threads. Raises StorageError for a file that cannot be read or is too short, IndexError
    for a row that is none.
    """

    def __init__(self, files: Sequence[RowFile], spec: TensorSpec) -> None:
        self.spec = spec
        self._type = element_type(spec)
        self._opened: list[_Opened] = []
        self._ends = np.cumsum([file.rows for file in files if file.rows], dtype=np.int64)
        for file, end in zip((file for file in files if file.rows), self._ends.tolist(), strict=True):
            self._opened.append(self._open(file, end - file.rows))

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._opened else 0

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> NDArray[Any]:
        wanted = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else rows
        found = np.empty((len(wanted), *self.spec.shape), self._type)
        # From the front of the files to the back, which is how a disk likes it.
        order = np.argsort(wanted, kind="stable")
        ascending = wanted[order]
        if len(wanted) and not (ascending[0] >= 0 and ascending[-1] < len(self)):
            raise IndexError(f"rows {ascending[0]} to {ascending[-1]} of {len(self)}")
        room, size = found.reshape(-1).view(np.uint8).data, self.spec.size_bytes
        for place, row, count in self._runs(ascending, order):
            self._read(row, room[place * size : (place + count) * size])
        return found

    def _runs(self, ascending: NDArray[np.int64], order: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
        """(place in the result, first row, rows) of what lies together both in one file and in the result."""
        files = np.searchsorted(self._ends, ascending, side="right")
        together = (np.diff(ascending) == 1) & (np.diff(order) == 1) & (np.diff(files) == 0)
        borders = np.flatnonzero(~together) + 1
        starts = [0, *borders.tolist(), len(ascending)] if len(ascending) else []
        places, rows = order.tolist(), ascending.tolist()
        for start, stop in pairwise(starts):
            yield places[start], rows[start], stop - start

    def _read(self, row: int, room: memoryview) -> None:
        file = self._opened[int(np.searchsorted(self._ends, row, side="right"))]
        offset = (row - file.first) * self.spec.size_bytes
        with storage_errors(file.path):
            while room:
                read = os.preadv(file.descriptor, (room,), offset)
                if not read:
                    raise StorageError(
                        f"the shelf is damaged: {file.path} has nothing at byte {offset}; remove its folder"
                    )
                room, offset = room[read:], offset + read

    def _open(self, file: RowFile, first: int) -> _Opened:
        with storage_errors(file.path):
            descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        finalize(self, os.close, descriptor)
        require_whole(file.path, file.rows, self.spec)
        return _Opened(file.path, descriptor, first)
