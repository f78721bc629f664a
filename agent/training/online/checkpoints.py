"""The last two windows an online run can go on after, on the disk.

<folder>/<window>.checkpoint    an array file: `standing`, `learner/...`, `published/...`; the window is the next one
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.checked_file import DamagedFileError
from agent.training import array_file
from agent.training.fitting.learner import Arrays
from agent.training.online.standing import OnlineStanding
from agent.training.online.windows import FIRST
from shared.documents import decode, encode
from shared.documents.types import Message
from shared.errors import DocumentError
from shared.storage import storage_errors

_KEPT = 2
_SUFFIX = ".checkpoint"


class _Header(Message, frozen=True, kw_only=True):
    """`run`: what the checkpoint belongs to; of other parameters or records it must not be gone on from."""

    run: str
    standing: OnlineStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`learner`: its variables; `published`: the weights of the version that is out."""

    standing: OnlineStanding
    learner: Arrays
    published: Arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """One process at a time. `damaged` is told of each file that is passed over."""

    folder: Path
    run: str
    damaged: Callable[[str], None]

    def newest(self) -> Checkpoint | None:
        """The newest that is whole. Raises StorageError, DocumentError when it is another run's."""
        for number in reversed(self._numbers()):
            try:
                return self._read(self._path(number))
            except DamagedFileError as error:
                self.damaged(str(error))
        return None

    def save(self, checkpoint: Checkpoint) -> int:
        """The first window that is needed should the newest be damaged. Survives a power cut on return.

        Raises StorageError; those before it are then untouched.
        """
        with storage_errors(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        header = np.frombuffer(encode(_Header(run=self.run, standing=checkpoint.standing)), np.uint8)
        learner = {f"learner/{name}": array for name, array in checkpoint.learner.items()}
        published = {f"published/{name}": array for name, array in checkpoint.published.items()}
        array_file.write(self._path(checkpoint.standing.window), {"standing": header, **learner, **published})
        numbers = self._numbers()
        with storage_errors(self.folder):
            for number in numbers[:-_KEPT]:
                self._path(number).unlink(missing_ok=True)
        return numbers[-_KEPT] if len(numbers) >= _KEPT else FIRST

    def _numbers(self) -> list[int]:
        with storage_errors(self.folder):
            return sorted(int(one.stem) for one in self.folder.glob(f"*{_SUFFIX}") if one.stem.isdigit())

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08}{_SUFFIX}"

    def _read(self, path: Path) -> Checkpoint:
        arrays = array_file.read(path)
        if "standing" not in arrays:
            raise DamagedFileError(f"{path} is damaged: it does not say where the run stood")
        header = decode(arrays.pop("standing").tobytes(), _Header)
        if header.run != self.run:
            raise DocumentError(
                f"{self.folder} holds checkpoints of a run with another source, stream or parameters: "
                "give this run a folder of its own, or remove that one"
            )
        return Checkpoint(
            standing=header.standing, learner=_within("learner", arrays), published=_within("published", arrays)
        )


def _within(name: str, arrays: Arrays) -> Arrays:
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
