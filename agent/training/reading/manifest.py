"""What a shelf holds, in one small file: whatever lies beyond it on the disk was never promised.

    <folder>/manifest        this document, behind its checksum
    <folder>/lock            held by the one process that writes
    <folder>/<n>.inputs      the rows of the n-th lot: elements in C order, little endian, nothing else
    <folder>/<n>.labels      their labels, the same way

A lot is what one Kafka partition gave. Each has files of its own, because the rows of a stream are numbered by topic,
then Kafka partition, then offset: a reader that was killed gets its records interleaved another way the next time, and
the numbers must not change with that.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from agent import checked_file
from shared.documents import decode, encode
from shared.documents.types import Message, TensorSpec
from shared.errors import StorageError
from shared.storage import storage_errors

Origin = tuple[str, int]
Column = Literal["inputs", "labels"]
COLUMNS: tuple[Column, Column] = ("inputs", "labels")
_Natural = Annotated[int, msgspec.Meta(ge=0)]


class Lot(Message, frozen=True, kw_only=True):
    """`position`: the next offset to read; `rejected`: how many records before it became no row."""

    topic: str
    partition: _Natural
    position: _Natural
    rows: _Natural
    rejected: _Natural = 0

    @property
    def origin(self) -> Origin:
        return self.topic, self.partition


class Manifest(Message, frozen=True, kw_only=True):
    """`lots` in the order in which they came, which is what their files are named by."""

    format: Literal["fogline-shelf/1"] = "fogline-shelf/1"
    inputs: TensorSpec
    labels: TensorSpec
    lots: tuple[Lot, ...] = ()

    def spec(self, column: Column) -> TensorSpec:
        return self.inputs if column == "inputs" else self.labels


def element_type(spec: TensorSpec) -> np.dtype[Any]:
    return np.dtype(spec.dtype.value).newbyteorder("<")


def lot_path(folder: Path, index: int, column: Column) -> Path:
    return folder / f"{index}.{column}"


def load(folder: Path) -> Manifest | None:
    """None where nothing was shelved yet. Raises StorageError for a damaged file, DocumentError for another kind."""
    content = checked_file.read(folder / "manifest")
    return None if content is None else decode(content, Manifest)


def save(folder: Path, manifest: Manifest) -> None:
    """Durable on return, the old one or the new one at any moment. Raises StorageError."""
    checked_file.write(folder / "manifest", encode(manifest))


def require_whole(path: Path, rows: int, spec: TensorSpec) -> int:
    """How many bytes of the file are promised; raises StorageError when it has fewer."""
    with storage_errors(path):
        promised, there = rows * spec.size_bytes, path.stat().st_size
    if there < promised:
        raise StorageError(
            f"the shelf is damaged: {path} has {there} of the {promised} bytes its manifest speaks of; "
            "remove the folder to read the stream again"
        )
    return promised
