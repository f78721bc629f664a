"""What one reader is to do, what it says, and how it is known that it is done."""

from pathlib import Path

from agent import checked_file
from agent.training.events import TaggedEvent
from shared.documents import Cluster, decode, encode
from shared.documents.types import Fraction, Message
from shared.streams.inputs import Input
from shared.streams.ranges import Range

_COMPLETE = "complete"


class ReadingTask(Message, frozen=True, kw_only=True):
    """Given on standard input, for the cluster has secrets. `is_labelled` False: keys are not looked at."""

    cluster: Cluster
    ranges: tuple[Range, ...]
    input: Input
    is_labelled: bool = True
    most_rejected: Fraction = 0.01

    @property
    def offsets(self) -> int:
        return sum(one.offsets for one in self.ranges)


class Read(TaggedEvent, frozen=True, kw_only=True, tag="read"):
    """`done` of the `total` offsets are behind the reader, those of earlier processes included."""

    done: int
    total: int


class Waiting(TaggedEvent, frozen=True, kw_only=True, tag="waiting"):
    """Another process reads the same stream onto the same shelf."""


class Complete(Message, frozen=True, kw_only=True):
    """All of the stream is on the shelf, but for `rejected` records."""

    offsets: int
    rejected: int


def complete(folder: Path) -> Complete | None:
    """None where it is not, or not known to be. Raises StorageError, DocumentError for another kind of file."""
    try:
        content = checked_file.read(folder / _COMPLETE)
    except checked_file.DamagedFileError:
        return None
    return None if content is None else decode(content, Complete)


def mark_complete(folder: Path, found: Complete) -> None:
    """Raises StorageError."""
    checked_file.write(folder / _COMPLETE, encode(found))
