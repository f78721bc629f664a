"""What the last exit says of unlabelled records where it is sure enough, on the disk.

<folder>/rows       which of the records, ascending, int64 little endian
<folder>/classes    the class of each of them, the same way
<folder>/found      how many there are and both digests, behind its checksum: written last

Said once, by the network as it is when all labelled epochs are done. From then on its weights move, and a process that
goes on must learn from the same guesses: they are kept, not made again.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent import checked_file
from agent.training.fitting.learner import Learner
from agent.training.fitting.mixed_rows import Guessed
from agent.training.reading.split import ROW_NUMBER
from agent.training.reading.stored_rows import RowFile, StoredRows
from shared.documents import PseudoLabels, decode, encode
from shared.documents.types import Message, Sha256
from shared.errors import StorageError
from shared.storage import require_room, storage_errors

_COLUMNS = ("rows", "classes")


class _Found(Message, frozen=True, kw_only=True):
    records: int
    digests: tuple[Sha256, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """`inputs`: all unlabelled records."""

    folder: Path
    inputs: StoredRows
    asked: PseudoLabels

    def make(self, learner: Learner, *, batch: int) -> Iterator[None]:
        """Batch by batch, so that whoever goes through it may leave between two. Raises ModelError, StorageError."""
        with storage_errors(self.folder):
            self.folder.mkdir(mode=0o700, exist_ok=True)
        require_room(self.folder, 2 * len(self.inputs) * ROW_NUMBER.size_bytes)
        records = 0
        with storage_errors(self.folder), ExitStack() as opened:
            rows, classes = (opened.enter_context((self.folder / name).open("wb")) for name in _COLUMNS)
            for start in range(0, len(self.inputs), batch):
                sure, said = self._sure(learner, start, batch)
                rows.write((start + sure).astype("<i8").tobytes())
                classes.write(said.astype("<i8").tobytes())
                records += len(sure)
                yield
            for file in (rows, classes):
                file.flush()
                os.fsync(file.fileno())
        found = _Found(records=records, digests=tuple(map(self._digest, _COLUMNS)))
        checked_file.write(self.folder / "found", encode(found))

    def made(self) -> Guessed:
        """Raises StorageError where they are not whole any more."""
        content = checked_file.read(self.folder / "found")
        found = None if content is None else decode(content, _Found)
        if found is None or found.digests != tuple(map(self._digest, _COLUMNS)):
            raise StorageError(
                f"{self.folder} is damaged, and the network has learnt further since it was written: "
                "remove the run's checkpoints to train it again"
            )
        rows, classes = (StoredRows([RowFile(self.folder / name, found.records)], ROW_NUMBER) for name in _COLUMNS)
        return Guessed(self.inputs, rows, classes)

    def _sure(self, learner: Learner, start: int, batch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of the next records, from 0, and their classes."""
        answers = learner.answers(self.inputs[start : start + batch])[learner.exits[-1]]
        sure = np.flatnonzero(answers.max(axis=1) >= np.float32(self.asked.confidence))
        return sure, answers[sure].argmax(axis=1)

    def _digest(self, name: str) -> str:
        """Empty where there is no such file."""
        path = self.folder / name
        with storage_errors(path):
            if not path.is_file():
                return ""
            with path.open("rb") as file:
                return file_digest(file, "sha256").hexdigest()
