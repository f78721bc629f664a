"""Zip archives from elsewhere: what is looked at before anything in one is read.

Keras and PyTorch both store their entries uncompressed, so an entry that is compressed, or entries that add up to more
than the file, are tricks, and no archive can grow when it is read. Nothing is ever extracted to a path.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from shared.errors import ModelError

MAX_ENTRIES = 10_000
_ENCRYPTED = 0x1


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive whose names and sizes are harmless. Raises ModelError, also for what fails while it is open."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, path.stat().st_size)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ModelError(f"{path} is no intact archive: {error}") from error
    except (OSError, KeyError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error


def _check(archive: zipfile.ZipFile, size_bytes: int) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ENTRIES or len(names) != len(entries):
        raise ModelError(f"the archive has {len(entries)} entries under {len(names)} names: refused")
    for entry in entries:
        _check_entry(entry)
    total = sum(entry.file_size for entry in entries)
    if total > size_bytes:
        raise ModelError(f"the archive of {size_bytes} bytes says it holds {total}: refused")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
        raise ModelError(f"the archive has an entry {entry.filename!r} that leaves it: refused")
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        raise ModelError(
            f"the archive's entry {entry.filename!r} is compressed; frameworks store theirs plain: refused"
        )
    if entry.flag_bits & _ENCRYPTED:
        raise ModelError(f"the archive's entry {entry.filename!r} is encrypted: refused")
