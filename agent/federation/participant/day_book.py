"""How many bytes a site has sent today, in a file of each participant: a restart must not begin the day anew."""

from datetime import date
from pathlib import Path

from agent import checked_file
from shared.documents import decode, encode
from shared.documents.types import Message
from shared.errors import DocumentError

_FILE = "bytes-sent"


class _Day(Message, frozen=True, kw_only=True):
    day: str
    sent: int


def book(folder: Path, day: date, sent: int) -> None:
    """So many more, before they leave. Raises StorageError."""
    total = _sent(folder / _FILE, day) + sent
    checked_file.write(folder / _FILE, encode(_Day(day=day.isoformat(), sent=total)))


def sent(folders: Path, day: date) -> int:
    """By all participants of this node, each of which has a folder in `folders`. Raises StorageError."""
    return sum(_sent(file, day) for file in folders.glob(f"*/{_FILE}"))


def _sent(file: Path, day: date) -> int:
    """A file that is damaged raises: a site that does not know what it has sent sends nothing."""
    content = checked_file.read(file)
    if content is None:
        return 0
    try:
        found = decode(content, _Day)
    except DocumentError as error:
        raise checked_file.DamagedFileError(f"{file} is damaged: {error}; remove it") from error
    return found.sent if found.day == day.isoformat() else 0
