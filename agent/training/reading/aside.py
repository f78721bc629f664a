"""Records that became no example: where they lie in the log, and why. The log itself keeps their bytes."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from agent.training.reading.manifest import Origin
from shared.documents.types import Message
from shared.errors import StorageError
from shared.storage import replace_file, storage_errors

FILE = "aside.jsonl"


class Rejected(Message, frozen=True, kw_only=True):
    topic: str
    partition: int
    offset: int
    reason: str


class Aside:
    """One line of JSON for each. What is added survives a power cut on return."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    @classmethod
    @contextmanager
    def open(cls, folder: Path, positions: Mapping[Origin, int]) -> Iterator[Self]:
        """Without those beyond the `positions`: they will be read again. Raises StorageError."""
        path = folder / FILE
        kept = [one for one in read(folder) if one.offset < positions.get((one.topic, one.partition), 0)]
        replace_file(path, b"".join(map(_line, kept)))
        with storage_errors(path), path.open("ab") as file:
            yield cls(path, file)

    def add(self, rejected: Iterable[Rejected]) -> None:
        """Raises StorageError."""
        lines = b"".join(map(_line, rejected))
        if lines:
            with storage_errors(self._path):
                self._file.write(lines)
                self._file.flush()
                os.fsync(self._file.fileno())


def read(folder: Path) -> tuple[Rejected, ...]:
    """None of them where nothing was kept aside yet. A last line that a crash cut short is left out.

    Raises StorageError.
    """
    path = folder / FILE
    with storage_errors(path):
        content = path.read_bytes() if path.exists() else b""
    *lines, _cut_short = content.split(b"\n")
    try:
        return tuple(msgspec.json.decode(line, type=Rejected) for line in lines)
    except msgspec.DecodeError as error:
        raise StorageError(f"{path} is damaged: {error}; remove the folder to read the stream again") from error


def _line(one: Rejected) -> bytes:
    return msgspec.json.encode(one) + b"\n"
