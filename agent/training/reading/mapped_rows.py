"""Equally shaped rows in files, numbered through, read as an array is and never loaded."""

import mmap
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.manifest import element_type, require_whole
from shared.documents.types import TensorSpec
from shared.storage import storage_errors

# Linux maps so much around the page that was asked for, where it has it at hand.
_WINDOW_BYTES = 2**16
_PIECE_ROWS = 1024


class RowFile(NamedTuple):
    path: Path
    rows: int


class _Mapped(NamedTuple):
    memory: mmap.mmap
    rows: NDArray[Any]


class MappedRows:
    """`rows[numbers]` and `rows[start:stop]` are copies of shape `[n, *spec.shape]`, in the order asked for.

    Pages of a mapped file count as memory of the process that has looked at them, though the kernel could take them
    back: once about `resident_bytes` were looked at, they are given back. May be called from several threads.
    Raises StorageError for a file that cannot be opened or is too short, IndexError for a row that is none.
    """

    def __init__(self, files: Sequence[RowFile], spec: TensorSpec, *, resident_bytes: int) -> None:
        self.spec = spec
        self._type = element_type(spec)
        self._resident_bytes = resident_bytes
        self._touched = 0
        whole = [file for file in files if file.rows]
        self._mapped = [self._map(file) for file in whole]
        self._ends = np.cumsum([file.rows for file in whole], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._mapped else 0

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> NDArray[Any]:
        wanted = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else rows
        found = np.empty((len(wanted), *self.spec.shape), self._type)
        # From the front of the files to the back, which is how a disk likes it.
        order = np.argsort(wanted, kind="stable")
        ascending = wanted[order]
        if len(wanted) and not (ascending[0] >= 0 and ascending[-1] < len(self)):
            raise IndexError(f"rows {ascending[0]} to {ascending[-1]} of {len(self)}")
        for piece in self._pieces(ascending):
            found[order[piece]] = self._read(ascending[piece])
        return found

    def _pieces(self, ascending: NDArray[np.int64]) -> Iterator[slice]:
        """Each of one file, and small enough to be looked at in one go."""
        files = np.searchsorted(self._ends, ascending, side="right")
        borders = np.flatnonzero(np.diff(files)) + 1
        for start, stop in pairwise([0, *borders.tolist(), len(ascending)]):
            for first in range(start, stop, _PIECE_ROWS):
                yield slice(first, min(first + _PIECE_ROWS, stop))

    def _read(self, ascending: NDArray[np.int64]) -> NDArray[Any]:
        file = int(np.searchsorted(self._ends, ascending[0], side="right"))
        mapped = self._mapped[file]
        self._make_room(ascending)
        copies: NDArray[Any] = mapped.rows[ascending - (self._ends[file] - len(mapped.rows))]
        return copies

    def _make_room(self, ascending: NDArray[np.int64]) -> None:
        span = int(ascending[-1] - ascending[0] + 1) * self.spec.size_bytes + _WINDOW_BYTES
        touched = min(span, len(ascending) * (self.spec.size_bytes + _WINDOW_BYTES))
        if self._touched + touched > self._resident_bytes < len(self) * self.spec.size_bytes:
            for mapped in self._mapped:
                mapped.memory.madvise(mmap.MADV_DONTNEED)
            self._touched = 0
        self._touched += touched

    def _map(self, file: RowFile) -> _Mapped:
        with storage_errors(file.path), file.path.open("rb") as opened:
            size = require_whole(file.path, file.rows, self.spec)
            memory = mmap.mmap(opened.fileno(), size, access=mmap.ACCESS_READ)
        rows = np.frombuffer(memory, self._type).reshape(file.rows, *self.spec.shape)
        return _Mapped(memory, rows)
