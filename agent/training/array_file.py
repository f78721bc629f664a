"""Named arrays in one file: numpy's .npz, never pickled, replaced in one step, and damage is seen.

Every entry has a CRC-32 of its own, which is checked as it is read. Equal arrays give equal bytes.
"""

import errno
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.checked_file import DamagedFileError
from shared.storage import require_room, storage_errors

_OVERHEAD_BYTES = 512
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, LookupError, RuntimeError, OverflowError)


def write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """The old file or the new one at any moment; on return it survives a power cut. Raises StorageError."""
    fresh = path.with_name(path.name + ".new")
    require_room(path.parent, sum(array.nbytes + _OVERHEAD_BYTES for array in arrays.values()))
    with storage_errors(path):
        try:
            _fill(fresh, arrays)
        except OSError:
            # A disk that is full has better use for the room.
            fresh.unlink(missing_ok=True)
            raise
        fresh.replace(path)
        _sync(path.parent)


def read(path: Path, *, most_bytes: int | None = None) -> dict[str, NDArray[Any]]:
    """`most_bytes`: what somebody else's file may unfold to. Raises DamagedFileError, StorageError."""
    with storage_errors(path), path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                _require_small(archive, most_bytes)
                return {name.removesuffix(".npy"): _array(archive.read(name)) for name in archive.namelist()}
        except _DAMAGE as error:
            raise DamagedFileError(f"{path} is damaged: {error}") from error
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # Its own directory points to before its beginning.
            raise DamagedFileError(f"{path} is damaged: {error}") from error


def _require_small(archive: zipfile.ZipFile, most_bytes: int | None) -> None:
    held = sum(one.file_size for one in archive.infolist())
    if most_bytes is not None and held > most_bytes:
        raise ValueError(f"its arrays would take {held:,} bytes, and {most_bytes:,} are expected")


def _array(content: bytes) -> NDArray[Any]:
    """Decoded once its CRC has held: a damaged shape would ask for any amount of memory."""
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array


def _fill(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                # A date of its own: that of the moment would give equal arrays other bytes.
                entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
                with archive.open(entry, "w", force_zip64=True) as opened:
                    np.lib.format.write_array(opened, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
