"""The last two moments a run can go on from, on the disk.

<folder>/<number>.checkpoint    an array file: `standing`, `learner/...` and, with early stopping, `best/...`

Two are kept, so that a damaged one costs the time between them. Starting over, should both be damaged, gives the same
result again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.checked_file import DamagedFileError
from agent.training import array_file
from agent.training.fitting.learner import Arrays
from agent.training.fitting.standing import Standing
from shared.documents import decode, encode
from shared.documents.types import Message
from shared.errors import DocumentError
from shared.storage import storage_errors

_KEPT = 2
_SUFFIX = ".checkpoint"
_STANDING = "standing"


class _Header(Message, frozen=True, kw_only=True):
    """`run`: what the checkpoint belongs to; of other parameters or records it must not be gone on from."""

    run: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    standing: Standing
    learner: Arrays
    best: Arrays


class Checkpoints:
    """One process at a time. `damaged` is told of each file that is passed over."""

    def __init__(self, folder: Path, *, run: str, damaged: Callable[[str], None]) -> None:
        self._folder = folder
        self._run = run
        self._damaged = damaged

    def newest(self) -> Checkpoint | None:
        """The newest that is whole. Raises StorageError, DocumentError when it is another run's."""
        for path in reversed(self._paths()):
            try:
                return self._read(path)
            except DamagedFileError as error:
                self._damaged(str(error))
        return None

    def save(
        self, standing: Standing, *, learner: Mapping[str, NDArray[Any]], best: Mapping[str, NDArray[Any]]
    ) -> None:
        """Survives a power cut on return. Raises StorageError; those before it are then untouched."""
        with storage_errors(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        paths = self._paths()
        number = int(paths[-1].stem) + 1 if paths else 1
        header = np.frombuffer(encode(_Header(run=self._run, standing=standing)), np.uint8)
        arrays = {_STANDING: header, **_under("learner", learner), **_under("best", best)}
        array_file.write(self._folder / f"{number:08}{_SUFFIX}", arrays)
        with storage_errors(self._folder):
            for path in paths[: 1 - _KEPT]:
                path.unlink()

    def _paths(self) -> list[Path]:
        with storage_errors(self._folder):
            found = self._folder.glob(f"*{_SUFFIX}")
            return sorted((path for path in found if path.stem.isdigit()), key=lambda path: int(path.stem))

    def _read(self, path: Path) -> Checkpoint:
        arrays = array_file.read(path)
        if _STANDING not in arrays:
            raise DamagedFileError(f"{path} is damaged: it does not say where the run stood")
        header = decode(arrays.pop(_STANDING).tobytes(), _Header)
        if header.run != self._run:
            raise DocumentError(
                f"{self._folder} holds checkpoints of a run with another source, stream or parameters: "
                "give this run a folder of its own, or remove that one"
            )
        return Checkpoint(standing=header.standing, learner=_within("learner", arrays), best=_within("best", arrays))


def _under(name: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    return {f"{name}/{key}": array for key, array in arrays.items()}


def _within(name: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
