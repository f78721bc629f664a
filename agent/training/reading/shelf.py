"""A stream on the disk, as training reads it: examples by number, in any order, from any number of processes."""

from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from agent.training.reading import manifest
from agent.training.reading.manifest import COLUMNS, Manifest, Origin, lot_path
from agent.training.reading.stored_rows import RowFile, StoredRows
from shared.errors import StorageError


class Shelf:
    """`inputs` and `labels` are what was committed when it was opened; row i of one belongs to row i of the other.

    Rows are numbered by topic, Kafka partition and offset: the same stream, read to its end, always has the same
    numbers. While it is still being read they shift. Nothing is to be closed: the files are let go with the object.
    """

    def __init__(self, inputs: StoredRows, labels: StoredRows, positions: dict[Origin, int]) -> None:
        self.inputs = inputs
        self.labels = labels
        self.positions = positions

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises StorageError where nothing was shelved, or what was is damaged."""
        found = manifest.load(folder)
        if found is None:
            raise StorageError(f"{folder}: no stream was shelved here")
        inputs, labels = (_stored(folder, found, column) for column in COLUMNS)
        return cls(inputs, labels, {lot.origin: lot.position for lot in found.lots})

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Copies of the inputs and the labels, in the order of `rows`."""
        return self.inputs[rows], self.labels[rows]


def _stored(folder: Path, found: Manifest, column: manifest.Column) -> StoredRows:
    ordered = sorted(enumerate(found.lots), key=lambda one: one[1].origin)
    files = [RowFile(lot_path(folder, index, column), lot.rows) for index, lot in ordered]
    return StoredRows(files, found.spec(column))
