"""Windows on their way from the process that reads to the one that trains: a file each, in the order they were read.

    <folder>/windows/<number>.window    an array file: `head`, `inputs`, `labels`
    <folder>/trained                    Trained, behind its checksum; the trainer writes it, the reader obeys it

The reader owns the windows: it alone writes and removes them. The newest one stays, for it says where to read on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent import checked_file
from agent.checked_file import DamagedFileError
from agent.training import array_file
from shared.documents import decode, encode
from shared.documents.types import DType, Message, TensorSpec
from shared.storage import storage_errors

FIRST = 1
MOST_WAITING = 4
_SUFFIX = ".window"


class Head(Message, frozen=True, kw_only=True):
    """`positions`: of each Kafka partition the next offset to read after this window.

    `rejected`: records read for it that became none of its rows, and why the first of them did not.
    """

    number: int
    positions: tuple[tuple[int, int], ...]
    rejected: int = 0
    reason: str = ""


class Trained(Message, frozen=True, kw_only=True):
    """`window`: the next to be learnt; `needed`: the first that will have to be if a checkpoint is damaged."""

    window: int = FIRST
    needed: int = FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`inputs` and `labels`: `[n, *shape]`."""

    head: Head
    inputs: NDArray[Any]
    labels: NDArray[Any]

    def __getitem__(self, rows: NDArray[np.int64], /) -> tuple[NDArray[Any], NDArray[Any]]:
        return self.inputs[rows], self.labels[rows]

    @property
    def specs(self) -> tuple[TensorSpec, TensorSpec]:
        """Of one record's input and label."""
        return _spec(self.inputs), _spec(self.labels)


def path(folder: Path, number: int) -> Path:
    return folder / "windows" / f"{number:08}{_SUFFIX}"


def write(folder: Path, window: Window) -> None:
    """Survives a power cut on return. Raises StorageError."""
    place = path(folder, window.head.number)
    with storage_errors(place.parent):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = np.frombuffer(encode(window.head), np.uint8)
    array_file.write(place, {"head": head, "inputs": window.inputs, "labels": window.labels})


def read(folder: Path, number: int) -> Window:
    """Raises DamagedFileError, StorageError."""
    place = path(folder, number)
    arrays = array_file.read(place)
    if arrays.keys() != {"head", "inputs", "labels"}:
        raise DamagedFileError(f"{place} is damaged: it is no window")
    return Window(head=decode(arrays["head"].tobytes(), Head), inputs=arrays["inputs"], labels=arrays["labels"])


def numbers(folder: Path) -> list[int]:
    """Of those that are there, ascending."""
    with storage_errors(folder):
        return sorted(int(one.stem) for one in (folder / "windows").glob(f"*{_SUFFIX}") if one.stem.isdigit())


def remove_before(folder: Path, number: int) -> None:
    """All but the newest. Raises StorageError."""
    with storage_errors(folder):
        for one in numbers(folder)[:-1]:
            if one < number:
                path(folder, one).unlink(missing_ok=True)


def say_trained(folder: Path, trained: Trained) -> None:
    checked_file.write(folder / "trained", encode(trained))


def trained(folder: Path) -> Trained:
    """Where nothing is said yet, or what was is damaged, nothing is taken for trained: it will be said again."""
    try:
        content = checked_file.read(folder / "trained")
    except DamagedFileError:
        content = None
    return Trained() if content is None else decode(content, Trained)


def _spec(rows: NDArray[Any]) -> TensorSpec:
    return TensorSpec(dtype=DType(rows.dtype.name), shape=rows.shape[1:])
