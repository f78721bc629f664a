"""Equally shaped rows in files, numbered through, read as an array is and never loaded.

They are read, not mapped: what a process has looked at of a mapped file counts as its memory, in pieces as great as
the kernel likes, and a file that is cut short under a mapping ends the process instead of raising.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.manifest import element_type, require_whole
from shared.documents.types import TensorSpec
from shared.errors import StorageError
from shared.storage import storage_error, storage_errors

# What lies nearer together than this is read together: a page is read whole anyway.
_PAGE_BYTES = 4096
# Of a stretch that is read with what lies between, so that it takes little memory.
_MOST_ROWS = 256


class RowFile(NamedTuple):
    path: Path
    rows: int


class _Opened(NamedTuple):
    """`first`: the number of its first row."""

    path: Path
    descriptor: int
    first: int


class _Stretch(NamedTuple):
    """`rows` of a file from `row` on. The rows `start` to `stop` of the ascending ones lie in it, the first of them at
    `place` of the result; not scattered, they are all of it, in order."""

    file: int
    start: int
    stop: int
    row: int
    rows: int
    place: int
    is_scattered: bool


class StoredRows:
    """`rows[numbers]` and `rows[start:stop]` are copies of shape `[n, *spec.shape]`, in the order asked for.

    May be used from several threads. Raises StorageError for a file that cannot be read or is too short, IndexError
    for a row that is none.
    """

    def __init__(self, files: Sequence[RowFile], spec: TensorSpec) -> None:
        self.spec = spec
        self._type = element_type(spec)
        self._row_bytes = spec.size_bytes
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
        room = found.reshape(-1).view(np.uint8)
        for stretch in self._stretches(ascending, order):
            if stretch.is_scattered:
                self._pick(stretch, ascending, order, room)
            else:
                begin, end = stretch.place * self._row_bytes, (stretch.place + stretch.rows) * self._row_bytes
                self._fill(self._opened[stretch.file], stretch.row, room.data[begin:end])
        return found

    def _stretches(self, ascending: NDArray[np.int64], order: NDArray[np.int64]) -> list["_Stretch"]:
        """What is read at once. A loop over single rows would take longer than many a network takes to learn them."""
        if not len(ascending):
            return []
        files = np.searchsorted(self._ends, ascending, side="right")
        steps, is_turned = np.diff(ascending), (np.diff(ascending) != 1) | (np.diff(order) != 1)
        apart = (steps * self._row_bytes > _PAGE_BYTES) | (np.diff(files) != 0)
        apart[_MOST_ROWS - 1 :: _MOST_ROWS] = True
        starts = np.concatenate(([0], np.flatnonzero(apart) + 1))
        stops = np.append(starts[1:], len(ascending))
        turns = np.concatenate(([0], np.cumsum(is_turned)))
        is_scattered = turns[stops - 1] != turns[starts]
        first, rows = ascending[starts], ascending[stops - 1] + 1 - ascending[starts]
        columns = (files[starts], starts, stops, first, rows, order[starts], is_scattered)
        return [_Stretch(*one) for one in zip(*(column.tolist() for column in columns), strict=True)]

    def _pick(
        self, stretch: "_Stretch", ascending: NDArray[np.int64], order: NDArray[np.int64], room: NDArray[np.uint8]
    ) -> None:
        """Of a stretch that is read with what lies between."""
        whole = np.empty((stretch.rows, self._row_bytes), np.uint8)
        self._fill(self._opened[stretch.file], stretch.row, whole.reshape(-1).data)
        asked = slice(stretch.start, stretch.stop)
        room.reshape(-1, self._row_bytes)[order[asked]] = whole[ascending[asked] - stretch.row]

    def _fill(self, file: _Opened, row: int, room: memoryview) -> None:
        offset = (row - file.first) * self._row_bytes
        try:
            while read := os.preadv(file.descriptor, (room,), offset):
                if read == len(room):
                    return
                room, offset = room[read:], offset + read
        except OSError as error:
            raise storage_error(file.path, error) from error
        raise StorageError(f"the shelf is damaged: {file.path} has nothing at byte {offset}; remove its folder")

    def _open(self, file: RowFile, first: int) -> _Opened:
        with storage_errors(file.path):
            descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        finalize(self, os.close, descriptor)
        require_whole(file.path, file.rows, self.spec)
        return _Opened(file.path, descriptor, first)
