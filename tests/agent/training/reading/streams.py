"""Made streams, for tests of what becomes of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.reading import manifest
from agent.training.reading.manifest import Lot, Manifest, Origin, lot_path
from agent.training.reading.shelf import Shelf
from agent.training.reading.shelf_writer import ShelfWriter
from shared.documents.types import DType, TensorSpec

INPUTS = TensorSpec(dtype=DType.FLOAT32, shape=(2, 3))
LABELS = TensorSpec(dtype=DType.UINT8, shape=())


def numbered(start: int, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Examples that tell which they are: by their first element, and nearly by their label."""
    numbers = np.arange(start, start + count)
    inputs = (numbers[:, None] * 10 + np.arange(6)).astype(np.float32).reshape(-1, 2, 3)
    return inputs, (numbers % 251).astype(np.uint8)


def numbers_in(inputs: NDArray[Any]) -> list[int]:
    numbers: list[int] = (inputs[:, 0, 0] / 10).astype(int).tolist()
    return numbers


def opened(folder: Path) -> ShelfWriter:
    return ShelfWriter.open(folder, inputs=INPUTS, labels=LABELS)


def shelved(folder: Path, rows: int) -> Shelf:
    with opened(folder) as writer:
        writer.append(("stream", 0), *numbered(0, rows), position=rows)
    return Shelf.open(folder)


def read_on(folder: Path, turns: Iterable[Origin], end: int = 6) -> None:
    """Two records of the one whose turn it is, from where the shelf says: a record's number tells partition and offset.

    Committed every third turn and at the end.
    """
    with opened(folder) as writer:
        for turn, origin in enumerate(turns):
            position = writer.positions.get(origin, 0)
            until = min(position + 2, end)
            writer.append(origin, *numbered(origin[1] * 1000 + position, until - position), position=until)
            if turn % 3 == 2:
                writer.commit()


def hollow(folder: Path, rows: int, inputs: TensorSpec) -> Shelf:
    """A shelf of zeros that takes no room on the disk."""
    folder.mkdir()
    lot = Lot(topic="stream", partition=0, position=rows, rows=rows)
    made = Manifest(inputs=inputs, labels=LABELS, lots=(lot,))
    for column in manifest.COLUMNS:
        with lot_path(folder, 0, column).open("wb") as file:
            file.truncate(rows * made.spec(column).size_bytes)
    manifest.save(folder, made)
    return Shelf.open(folder)
