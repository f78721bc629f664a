"""The last two moments a run can go on from, on the disk.

<folder>/<number>.checkpoint    an array file: `standing`, `learner/...` and weights beside them, `<beside>/...`

Two are kept, so that a damaged one costs the time between them. Starting over, should both be damaged, gives the same
result again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import numpy as np

from agent.checked_file import DamagedFileError
from agent.training import array_file
from agent.training.fitting.learner import Arrays
from shared.documents import decode, encode
from shared.documents.types import Message
from shared.errors import DocumentError
from shared.storage import storage_errors

S = TypeVar("S", bound=Message)
_KEPT = 2
_SUFFIX = ".checkpoint"
_STANDING, _LEARNER = "standing", "learner"


class _Header(Message, frozen=True, kw_only=True):
    """`run`: what the checkpoint belongs to; of other parameters or records it must not be gone on from."""

    run: str
    standing: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(Generic[S]):
    """`learner`: its variables; `beside`: weights that are kept along with them."""

    standing: S
    learner: Arrays
    beside: Arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints(Generic[S]):
    """One process at a time. `beside`: what those weights are called. `damaged` is told of each file passed over."""

    folder: Path
    run: str
    standing: type[S]
    beside: str
    damaged: Callable[[str], None]

    def newest(self) -> Checkpoint[S] | None:
        """The newest that is whole. Raises StorageError, DocumentError when it is another run's."""
        for number in reversed(self._numbers()):
            try:
                return self._read(self._path(number))
            except DamagedFileError as error:
                self.damaged(str(error))
        return None

    def save(self, checkpoint: Checkpoint[S], *, number: int | None = None) -> int | None:
        """The number of the one that counts should this one be damaged, None where there is none.

        `number`: one more than the newest, where it is left out. Survives a power cut on return. Raises StorageError;
        those before it are then untouched.
        """
        with storage_errors(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if number is None:
            number = max(self._numbers(), default=0) + 1
        array_file.write(self._path(number), self._arrays(checkpoint))
        numbers = self._numbers()
        with storage_errors(self.folder):
            for old in numbers[:-_KEPT]:
                self._path(old).unlink(missing_ok=True)
        return numbers[-_KEPT] if len(numbers) >= _KEPT else None

    def _numbers(self) -> list[int]:
        with storage_errors(self.folder):
            return sorted(int(one.stem) for one in self.folder.glob(f"*{_SUFFIX}") if one.stem.isdigit())

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08}{_SUFFIX}"

    def _arrays(self, checkpoint: Checkpoint[S]) -> Arrays:
        header = encode(_Header(run=self.run, standing=msgspec.Raw(encode(checkpoint.standing))))
        return {
            _STANDING: np.frombuffer(header, np.uint8),
            **_under(_LEARNER, checkpoint.learner),
            **_under(self.beside, checkpoint.beside),
        }

    def _read(self, path: Path) -> Checkpoint[S]:
        arrays = array_file.read(path)
        if _STANDING not in arrays:
            raise DamagedFileError(f"{path} is damaged: it does not say where the run stood")
        header = decode(arrays.pop(_STANDING).tobytes(), _Header)
        if header.run != self.run:
            raise DocumentError(
                f"{self.folder} holds checkpoints of a run with another source, stream or parameters: "
                "give this run a folder of its own, or remove that one"
            )
        return Checkpoint(
            standing=decode(bytes(header.standing), self.standing),
            learner=_within(_LEARNER, arrays),
            beside=_within(self.beside, arrays),
        )


def _under(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}/{key}": array for key, array in arrays.items()}


def _within(name: str, arrays: Arrays) -> Arrays:
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
