"""One state folder, one control plane: two would give the same numbers to different assignments."""

import fcntl
import os
from pathlib import Path

from shared.errors import StorageError
from shared.storage import storage_errors


class StateLock:
    """Held from its making until `release`, or until the process ends, however that ends. Raises StorageError."""

    def __init__(self, folder: Path) -> None:
        with storage_errors(folder):
            self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise StorageError(
                f"{folder} is in use by another control plane: end it, or name another --state-dir"
            ) from error

    def release(self) -> None:
        os.close(self._file)
