"""The operator's credential: made once, written to a file only its owner can read, kept here as a hash."""

import os
from collections.abc import Callable
from pathlib import Path

from controlplane.auth import hashed
from shared.errors import SettingsError
from shared.storage import storage_errors


def ensure(path: Path, *, is_known: bool, new_secret: Callable[[], str]) -> str | None:
    """The hash of the credential in the file; the file is made where there is none and none is known yet.

    None when there is no file and need not be: its owner has taken it away. Raises StorageError, SettingsError.
    """
    if not path.exists():
        if is_known:
            return None
        _write(path, new_secret())
    secret = _read(path)
    if len(secret) < 32:
        raise SettingsError(f"{path}: a credential has at least 32 characters: write a longer one, or remove the file")
    return hashed(secret)


def _read(path: Path) -> str:
    try:
        with storage_errors(path):
            return path.read_text().strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not a credential: write another, or remove the file") from error


def _write(path: Path, secret: str) -> None:
    """Whole or not at all: a crash must not leave an empty credential."""
    unfinished = path.with_name(path.name + ".unfinished")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
