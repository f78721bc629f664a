"""A .csv of numbers under one row of names; one column may hold the labels, as numbers or as text.

It is read twice: before the first record is sent it must be known which classes there are.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fogline.datasets.dataset import MOST_CLASSES, Block, Dataset, numbers_of, sorted_classes
from shared.errors import SettingsError

USUAL_LABEL_COLUMN = "label"
_ROWS = 256

# With the number of its line.
Row = tuple[int, list[str]]


def open_csv(file: Path, *, label_column: str | None, is_labelled: bool) -> Dataset:
    """Data are float32; labels int64 where all are whole numbers, float32 where they are not, or numbers of classes."""
    labels, total = _Labels(), 0
    with _rows(file) as (names, rows):
        column = _label_column(file, names, label_column, is_labelled=is_labelled)
        if names == [column]:
            raise SettingsError(f"{file} has no column of data beside {column!r}")
        for line, row in rows:
            total += 1
            if is_labelled and column is not None:
                labels.take(row[names.index(column)].strip(), f"{file}, line {line}")
    classes = sorted_classes(labels.texts, f"{file}, column {column!r}")
    table = _Table(
        file=file, names=names, label=column, classes=classes, is_labelled=is_labelled, is_whole=labels.are_whole
    )
    return Dataset(total=total, classes=classes, blocks=table.blocks)


@dataclass(slots=True)
class _Labels:
    """What they are, as far as they were seen."""

    texts: set[str] = field(default_factory=set)
    any_number: bool = False
    are_whole: bool = True

    def take(self, cell: str, where: str) -> None:
        try:
            float(cell)
        except ValueError:
            if not cell or self.any_number:
                raise SettingsError(f"{where}: the label {cell!r} is no number as those before are") from None
            if len(self.texts) <= MOST_CLASSES:
                self.texts.add(cell)
            return
        if self.texts:
            raise SettingsError(f"{where}: the label {cell} is a number, those before are text")
        self.any_number = True
        self.are_whole = self.are_whole and _is_whole(cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The column `label` is left out of the data, whether or not it is read."""

    file: Path
    names: list[str]
    label: str | None
    classes: tuple[str, ...]
    is_labelled: bool
    is_whole: bool

    def blocks(self) -> Iterator[Block]:
        with _rows(self.file) as (_, rows):
            while block := list(islice(rows, _ROWS)):
                yield Block(self._data(block), self._labels(block))

    def _data(self, rows: list[Row]) -> NDArray[np.float32]:
        columns = [column for column, name in enumerate(self.names) if name != self.label]
        try:
            numbers = _float32([[row[column] for column in columns] for _, row in rows])
        except ValueError as error:
            raise self._fault(rows, columns) from error
        if not np.isfinite(numbers).all():
            raise self._fault(rows, columns)
        return numbers

    def _labels(self, rows: list[Row]) -> NDArray[Any] | None:
        if self.label is None or not self.is_labelled:
            return None
        column = self.names.index(self.label)
        cells = [row[column].strip() for _, row in rows]
        if self.classes:
            return numbers_of(cells, self.classes, str(self.file))
        return np.array(cells).astype(np.int64) if self.is_whole else _float32(cells)

    def _fault(self, rows: list[Row], columns: list[int]) -> SettingsError:
        places = ((line, self.names[column], row[column]) for line, row in rows for column in columns)
        line, name, cell = next(place for place in places if not _is_finite(place[2]))
        return SettingsError(f"{self.file}, line {line}, column {name!r}: {cell!r} is no number")


@contextmanager
def _rows(file: Path) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """The names of the columns, and the rows below them."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text)
            names = [name.strip() for name in next(reader, [])]
            if len(set(names)) < len(names) or not names:
                raise SettingsError(f"{file}: its first line must name each column, no two alike")
            yield names, _checked(file, reader, len(names))
    except (csv.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is no CSV in UTF-8: {error}") from error
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error


def _checked(file: Path, reader: Any, columns: int) -> Iterator[Row]:  # noqa: ANN401 - csv's reader has no public type
    for row in reader:
        if row and len(row) != columns:
            raise SettingsError(f"{file}, line {reader.line_num}: {len(row)} cells under {columns} names")
        if row:
            yield reader.line_num, row


def _label_column(file: Path, names: list[str], wanted: str | None, *, is_labelled: bool) -> str | None:
    """Records without labels may come from a file that has some: that column is no data."""
    name = USUAL_LABEL_COLUMN if wanted is None else wanted
    if name in names:
        return name
    if not is_labelled:
        return None
    raise SettingsError(
        f"{file} has no column {name!r}: name the one that holds the label with --label-column, "
        f"one of {', '.join(names)}"
    )


def _float32(cells: list[str] | list[list[str]]) -> NDArray[np.float32]:
    """Infinities for what is too great."""
    with np.errstate(over="ignore"):
        return np.array(cells, np.float32)


def _is_whole(cell: str) -> bool:
    try:
        return abs(int(cell)) < 2**63
    except ValueError:
        return False


def _is_finite(cell: str) -> bool:
    try:
        return bool(np.isfinite(_float32([cell])).all())
    except ValueError:
        return False
