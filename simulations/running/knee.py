"""What a search has found so far, as it lies in a run's folder."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from shared.documents import Message
from shared.errors import DocumentError
from shared.storage import replace_file, storage_errors

FILE = "knee.json"


class Tried(Message, frozen=True, kw_only=True):
    """A cell of the results, and how many of its repetitions sustained the value."""

    cell: int
    value: str | float
    sustained: int
    repetitions: int


class Knee(Message, frozen=True, kw_only=True):
    """Of one cell of the sweep. `sustained`: the highest value that was, None when not even the lowest was.
    `not_sustained`: the lowest that was not, None when even the highest was. `found`: nothing is left to be tried."""

    cell: int
    name: str
    settings: dict[str, object]
    setting: str
    sustained: str | float | None
    not_sustained: str | float | None
    found: bool
    tried: tuple[Tried, ...]

    def __str__(self) -> str:
        said = ", ".join([*([self.name] if self.name else []), *(f"{k} = {v}" for k, v in self.settings.items())])
        return f"{said}: {self._said}" if said else self._said

    @property
    def _said(self) -> str:
        if self.sustained is None:
            return f"{self.setting} = {self.not_sustained} is not sustained, and nothing less was tried"
        if self.not_sustained is None:
            return f"{self.setting} = {self.sustained} is sustained, and nothing more was tried"
        return f"{self.setting} = {self.sustained} is sustained, {self.not_sustained} is not"


def write(run: Path, knees: Sequence[Knee]) -> None:
    """Raises StorageError."""
    replace_file(run / FILE, msgspec.json.format(msgspec.json.encode(list(knees))))


def read(run: Path) -> tuple[Knee, ...]:
    """None at all where the run searched for nothing. Raises StorageError, and DocumentError for a damaged file."""
    file = run / FILE
    if not file.exists():
        return ()
    with storage_errors(file):
        content = file.read_bytes()
    try:
        return msgspec.json.decode(content, type=tuple[Knee, ...])
    except msgspec.DecodeError as error:
        raise DocumentError(f"{file}: {error}") from error
