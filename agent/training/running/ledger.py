"""What a node remembers of a run beside what its processes leave: whose work it is, and how often it crashed."""

import shutil
from pathlib import Path

import msgspec

from agent import checked_file
from shared.documents import decode, digest, encode
from shared.documents.training_workloads import TrainingWorkload
from shared.documents.types import Message
from shared.errors import DocumentError
from shared.storage import storage_errors

_FILE = "ledger"


class Reached(Message, frozen=True, kw_only=True, order=True):
    """`step` of this epoch are done and on the disk; online, `epoch` is the last window learnt."""

    epoch: int = 0
    step: int = 0


class Ledger(Message, frozen=True, kw_only=True):
    """`work`: names all that decides what comes out. `crashes`: those since it last got further, `reached`: than here.

    `handed_in`: the control plane has this attempt's result.
    """

    work: str
    attempt: int
    crashes: int = 0
    reached: Reached = Reached()
    handed_in: bool = False


def opened(folder: Path, document: TrainingWorkload) -> Ledger:
    """Of this attempt. An earlier attempt at the same is gone on with; anything else in the folder is removed.

    Raises StorageError.
    """
    fresh = Ledger(work=_work(document), attempt=document.attempt)
    found = _read(folder)
    if found is not None and found.work == fresh.work:
        return found if found.attempt == fresh.attempt else fresh
    with storage_errors(folder):
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
    save(folder, fresh)
    return fresh


def save(folder: Path, ledger: Ledger) -> None:
    """Raises StorageError."""
    checked_file.write(folder / _FILE, encode(ledger))


def _read(folder: Path) -> Ledger | None:
    try:
        content = checked_file.read(folder / _FILE)
        return None if content is None else decode(content, Ledger)
    except (checked_file.DamagedFileError, DocumentError):
        return None


def _work(document: TrainingWorkload) -> str:
    """Where a cluster is reached and what a node may use decide nothing."""
    return digest(
        msgspec.structs.replace(
            document, attempt=1, clusters=(), start_deadline_s=0.0, memory_bytes=0, gpu_memory_bytes=0, most_crashes=1
        )
    )
