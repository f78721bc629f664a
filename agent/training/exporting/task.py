"""What is to become of a trained network, as it stands in its folder."""

from pathlib import Path

from shared.documents import Export, decode
from shared.documents.types import Message, Name
from shared.errors import DocumentError
from shared.storage import storage_errors

FILE = "export.json"


class ExportTask(Message, frozen=True, kw_only=True):
    """`model`: what the version is registered as; `labels`: of its classes, or of the numbers it answers."""

    model: Name
    labels: tuple[str, ...] = ()
    export: Export = Export()


def found(folder: Path) -> ExportTask | None:
    """As `read`; None where nothing is to be exported."""
    return read(folder) if (folder / FILE).exists() else None


def read(folder: Path) -> ExportTask:
    """Raises DocumentError, StorageError."""
    path = folder / FILE
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return decode(content, ExportTask)
    except DocumentError as error:
        raise DocumentError(f"{error.reason} ({path})", field=error.field) from error
