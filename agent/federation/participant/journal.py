"""What a participant remembers of its updates, in one small file: which it has sent, which it is at, on what."""

from pathlib import Path

from agent import checked_file
from agent.training.online.page_hinkley import PageHinkley
from shared.documents import decode, encode
from shared.documents.types import Count, Message, Name
from shared.streams.inputs import Input
from shared.streams.ranges import Range

_FILE = "journal"


class Underway(Message, frozen=True, kw_only=True):
    """An update that was begun, from the model of round `base`: on what, so that who comes after a crash goes on.

    `work` names all that decides what comes out besides.
    """

    base: int
    work: str
    ranges: tuple[Range, ...]
    input: Input
    validation: float
    test: float


class Journal(Message, frozen=True, kw_only=True):
    """`number`: of the last update whose content was sealed, sent or not; `base`: the round of the last model that an
    update was sent or given up for. `learnt`: by those that were sent.
    """

    federation: Name
    edition: Count
    number: int = 0
    base: int = -1
    learnt: tuple[Range, ...] = ()
    missed: int = 0
    drift: PageHinkley = PageHinkley()
    drifts: int = 0
    underway: Underway | None = None


def opened(folder: Path, *, federation: str, edition: int) -> Journal | None:
    """None where nothing of this edition was written yet. Raises StorageError, DocumentError."""
    content = checked_file.read(folder / _FILE)
    found = None if content is None else decode(content, Journal)
    return found if found is not None and (found.federation, found.edition) == (federation, edition) else None


def save(folder: Path, journal: Journal) -> None:
    """Raises StorageError."""
    checked_file.write(folder / _FILE, encode(journal))
