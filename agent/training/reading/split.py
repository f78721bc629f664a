"""A shelf divided into training, validation and test: in two passes over its labels, in blocks.

<folder>/training.rows, validation.rows, test.rows    the numbers of their rows, ascending, int64 little endian
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.manifest import element_type
from agent.training.reading.rates import PARTS, Part, apportion
from agent.training.reading.stored_rows import RowFile, StoredRows
from agent.training.reading.strata import Draw, strata_of
from shared.documents import Rates
from shared.documents.types import DType, TensorSpec
from shared.storage import require_room, storage_errors

ROW_NUMBER = TensorSpec(dtype=DType.INT64, shape=())
_BLOCK_ROWS = 2**17


class Labels(Protocol):
    """One label a row."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> NDArray[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A class without a record in parts it should be in; `label` is None where all records are one stratum."""

    label: int | None
    parts: tuple[Part, ...]
    counts: tuple[int, ...]

    def __str__(self) -> str:
        who = "the stream" if self.label is None else f"class {self.label}"
        if not any(self.counts):
            return f"{who} has no record at all"
        counts = ", ".join(f"{part} {count}" for part, count in zip(PARTS, self.counts, strict=True))
        return f"{who} has too few records to have one for {' and '.join(self.parts)}: {counts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`rows`: the row numbers of each part; `counts`: shape `[strata, 3]`, records by class and by PARTS."""

    rows: dict[Part, StoredRows]
    counts: NDArray[np.int64]
    absences: tuple[Absence, ...]


def split(labels: Labels, folder: Path, *, classes: int | None, rates: Rates, seed: int) -> Split:
    """Every class, or all records together where `classes` is None, by these rates within one record, by lot.

    The same labels and seed give the same split. Its files are written anew: a run has a folder of its own.
    Raises DocumentError for a label out of range, with its row; StorageError, DiskFullError.
    """
    counts = np.zeros(classes or 1, np.int64)
    for block in _strata(labels, classes):
        counts += np.bincount(block, minlength=len(counts))
    sizes = apportion(counts, rates)
    draw = Draw(sizes, seed)
    _write_parts(folder, len(labels), (draw.parts(block) for block in _strata(labels, classes)))
    rows = {
        part: StoredRows([RowFile(_path(folder, part), count)], ROW_NUMBER)
        for part, count in zip(PARTS, sizes.sum(axis=0).tolist(), strict=True)
    }
    return Split(rows=rows, counts=sizes, absences=tuple(_absences(sizes, rates, is_one_stratum=classes is None)))


def _strata(labels: Labels, classes: int | None) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(labels), _BLOCK_ROWS):
        stop = min(start + _BLOCK_ROWS, len(labels))
        yield np.zeros(stop - start, np.intp) if classes is None else strata_of(labels[start:stop], classes, start)


def _write_parts(folder: Path, rows: int, blocks: Iterator[NDArray[np.uint8]]) -> None:
    with storage_errors(folder), ExitStack() as opened:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_room(folder, rows * ROW_NUMBER.size_bytes)
        files = [opened.enter_context(_made_anew(_path(folder, part))) for part in PARTS]
        first = 0
        for block in blocks:
            for number, file in enumerate(files):
                chosen = np.flatnonzero(block == number) + first
                file.write(chosen.astype(element_type(ROW_NUMBER)).tobytes())
            first += len(block)


def _made_anew(path: Path) -> BinaryIO:
    """Not written over: a trainer that should be dead may still have the old one mapped."""
    path.unlink(missing_ok=True)
    return path.open("xb")


def _absences(sizes: NDArray[np.int64], rates: Rates, *, is_one_stratum: bool) -> Iterator[Absence]:
    wanted = np.array(rates.shares) > 0
    for label in np.flatnonzero(((sizes == 0) & wanted).any(axis=1)).tolist():
        parts = tuple(part for part, size, share in zip(PARTS, sizes[label], wanted, strict=True) if share and not size)
        yield Absence(label=None if is_one_stratum else label, parts=parts, counts=tuple(sizes[label].tolist()))


def _path(folder: Path, part: Part) -> Path:
    return folder / f"{part}.rows"
