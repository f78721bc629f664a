"""A stream on its way to the disk: rows first, then the manifest that speaks of them.

Between two commits nothing waits for the disk, and a crash costs no more than reading those records again: what lies
beyond the manifest is cut off, and the positions in it say where to read on.
"""

import fcntl
import os
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.training.reading import manifest
from agent.training.reading.manifest import COLUMNS, Column, Lot, Manifest, Origin, element_type, lot_path
from shared.documents.types import TensorSpec
from shared.errors import BusyError, DiskFullError, DocumentError
from shared.storage import require_room, storage_errors

# What a crash may cost. The whole of a small stream: waiting for the disk is most of the work of writing.
COMMIT_BYTES = 256 * 2**20
# Left free on the disk, for the manifests and checkpoints of the run.
RESERVE_BYTES = 2**20


class ShelfWriter:
    """One process at a time, one thread. Every method may raise StorageError; `append` what it says there.

    As a context it commits at the end, unless an error ends it.
    """

    def __init__(self, folder: Path, found: Manifest, commit_bytes: int, resources: ExitStack) -> None:
        self._folder = folder
        self._commit_bytes = commit_bytes
        self._manifest = found
        self._lots = list(found.lots)
        self._indices = {lot.origin: index for index, lot in enumerate(found.lots)}
        self._unsynced: set[int] = set()
        self._uncommitted_bytes = 0
        self._resources = resources

    @classmethod
    def open(cls, folder: Path, *, inputs: TensorSpec, labels: TensorSpec, commit_bytes: int = COMMIT_BYTES) -> Self:
        """Go on where the last process stopped; makes the folder.

        Raises BusyError while another process writes, StorageError when what was promised is missing, DocumentError
        when what lies there has another shape or type.
        """
        with ExitStack() as resources:
            _lock(folder, resources)
            found = manifest.load(folder)
            if found is None:
                found = Manifest(inputs=inputs, labels=labels)
                manifest.save(folder, found)
            _require_same(found.inputs, inputs, "inputs")
            _require_same(found.labels, labels, "labels")
            _cut(folder, found)
            return cls(folder, found, commit_bytes, resources.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self.close()

    @property
    def positions(self) -> dict[Origin, int]:
        """Of each (topic, Kafka partition) that was appended from, the next offset to read."""
        return {lot.origin: lot.position for lot in self._lots}

    @property
    def rows(self) -> int:
        return sum(lot.rows for lot in self._lots)

    @property
    def rejected(self) -> int:
        return sum(lot.rejected for lot in self._lots)

    def require_room(self, rows: int) -> None:
        """Raises DiskFullError, with the bytes, when so many more rows do not fit: to be asked before they are read."""
        row_bytes = self._manifest.inputs.size_bytes + self._manifest.labels.size_bytes
        require_room(self._folder, rows * row_bytes + RESERVE_BYTES)

    def append(
        self, origin: Origin, inputs: NDArray[Any], labels: NDArray[Any], *, position: int, rejected: int = 0
    ) -> None:
        """Rows `[n, *shape]` read from one (topic, Kafka partition) in the order of their offsets, n may be 0.

        `position` is the next offset to read there, `rejected` counts the records since the last call that became no
        row. Commits by itself every `commit_bytes`. Raises DocumentError for another shape or type and DiskFullError,
        with the bytes that are wanted; the shelf then is what it was. Raises ValueError for a position that goes back.
        """
        index = self._indices.get(origin, len(self._lots))
        first = Lot(topic=origin[0], partition=origin[1], position=position, rows=0)
        lot = self._lots[index] if origin in self._indices else first
        if position < lot.position:
            raise ValueError(f"position {position} of {origin}: it was read up to {lot.position} before")
        self._write(index, lot.rows, self._contents(inputs, labels))
        more = {"position": position, "rows": lot.rows + len(inputs), "rejected": lot.rejected + rejected}
        self._lots[index : index + 1] = [msgspec.structs.replace(lot, **more)]
        self._indices[origin] = index
        if self._uncommitted_bytes >= self._commit_bytes:
            self.commit()

    def commit(self) -> None:
        """On return everything appended survives a power cut."""
        lots = tuple(self._lots)
        if lots == self._manifest.lots:
            return
        for index in sorted(self._unsynced):
            for column in COLUMNS:
                _sync(lot_path(self._folder, index, column))
        # The names of new files, before a manifest names them.
        _sync(self._folder)
        committed = msgspec.structs.replace(self._manifest, lots=lots)
        manifest.save(self._folder, committed)
        self._manifest = committed
        self._unsynced.clear()
        self._uncommitted_bytes = 0

    def close(self) -> None:
        """What was not committed will be read again."""
        self._resources.close()

    def _contents(self, inputs: NDArray[Any], labels: NDArray[Any]) -> dict[Column, memoryview]:
        if len(inputs) != len(labels):
            raise DocumentError(f"{len(inputs)} inputs, but {len(labels)} labels")
        return {"inputs": self._content("inputs", inputs), "labels": self._content("labels", labels)}

    def _content(self, column: Column, rows: NDArray[Any]) -> memoryview:
        spec = self._manifest.spec(column)
        if rows.ndim == 0 or rows.shape[1:] != spec.shape or rows.dtype.name != spec.dtype:
            raise _mismatch(column, f"rows of {rows.dtype.name} in the shape {list(rows.shape[1:])}", spec)
        return np.ascontiguousarray(rows, element_type(spec)).reshape(-1).view(np.uint8).data

    def _write(self, index: int, rows: int, contents: dict[Column, memoryview]) -> None:
        wanted = sum(map(len, contents.values()))
        starts = {column: rows * self._manifest.spec(column).size_bytes for column in COLUMNS}
        try:
            for column, content in contents.items():
                _write(lot_path(self._folder, index, column), content, starts[column])
        except DiskFullError as error:
            for column, start in starts.items():
                # Others have better use for the room than half a row.
                with suppress(OSError):
                    os.truncate(lot_path(self._folder, index, column), start)
            raise DiskFullError(f"{error} ({wanted} bytes are wanted for the next records)") from error
        self._unsynced.add(index)
        self._uncommitted_bytes += wanted


def _lock(folder: Path, resources: ExitStack) -> None:
    with storage_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = resources.enter_context((folder / "lock").open("ab"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"the shelf {folder} is being written by another process") from error


def _require_same(there: TensorSpec, wanted: TensorSpec, column: Column) -> None:
    if there != wanted:
        raise _mismatch(column, f"a stream of {wanted.dtype} in the shape {list(wanted.shape)}", there)


def _mismatch(column: Column, found: str, spec: TensorSpec) -> DocumentError:
    return DocumentError(f"{found}, but the shelf holds {spec.dtype} in the shape {list(spec.shape)}", field=column)


def _cut(folder: Path, found: Manifest) -> None:
    """Take away what a crash has left beyond the manifest."""
    for column in COLUMNS:
        with storage_errors(folder):
            promised = {lot_path(folder, index, column): lot.rows for index, lot in enumerate(found.lots)}
            for path, rows in promised.items():
                os.truncate(path, manifest.require_whole(path, rows, found.spec(column)))
            for path in set(folder.glob(f"*.{column}")) - set(promised):
                path.unlink()


def _write(path: Path, content: memoryview, start: int) -> None:
    with storage_errors(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while content:
                written = os.pwrite(descriptor, content, start)
                content, start = content[written:], start + written
        finally:
            os.close(descriptor)


def _sync(path: Path) -> None:
    with storage_errors(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
