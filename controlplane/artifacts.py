"""Artifacts on disk, named by their SHA-256: whole ones in one folder, unfinished uploads in another."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from hashlib import file_digest
from http import HTTPStatus
from pathlib import Path

from controlplane.problems import RefusedError
from shared.documents import ArtifactView
from shared.errors import ArtifactError
from shared.storage import require_room, storage_errors

_WRITE_BYTES = 1024 * 1024


class ArtifactStore:
    """A file appears under its digest only when it is whole, verified and on the disk."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._whole = folder / "whole"
        self._unfinished = folder / "unfinished"
        self._max_bytes = max_bytes
        self._busy: set[str] = set()
        with storage_errors(folder):
            self._whole.mkdir(parents=True, exist_ok=True)
            self._unfinished.mkdir(exist_ok=True)

    def path(self, sha256: str) -> Path | None:
        path = self._whole / sha256
        return path if path.exists() else None

    def view(self, sha256: str) -> ArtifactView:
        whole, unfinished = self._whole / sha256, self._unfinished / sha256
        if whole.exists():
            return ArtifactView(sha256=sha256, received_bytes=whole.stat().st_size, complete=True)
        received = unfinished.stat().st_size if unfinished.exists() else 0
        return ArtifactView(sha256=sha256, received_bytes=received, complete=False)

    async def append(self, sha256: str, *, offset: int, length: int, chunks: AsyncIterator[bytes]) -> ArtifactView:
        """Take in what follows `offset`; with the last of `length` bytes the whole is verified and put away.

        Raises RefusedError when `offset` is not where the upload stands or bytes are too many; ArtifactError when
        the whole is not what its digest says (nothing of it is kept); StorageError when the disk cannot hold it.
        """
        self._check(sha256, offset, length)
        view = self.view(sha256)
        if view.complete:
            return view
        with self._only_upload(sha256), storage_errors(self._unfinished):
            require_room(self._unfinished, length - offset)
            received = await self._receive(sha256, offset, length, chunks)
            if received == length:
                await asyncio.to_thread(self._finish, sha256)
        return self.view(sha256)

    def _check(self, sha256: str, offset: int, length: int) -> None:
        if length > self._max_bytes:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"an artifact has at most {self._max_bytes} bytes",
                field="Upload-Length",
            )
        view = self.view(sha256)
        if offset != view.received_bytes:
            raise RefusedError(
                HTTPStatus.CONFLICT,
                f"the upload stands at {view.received_bytes}, not at {offset}",
                field="Upload-Offset",
                headers=upload_headers(view),
            )

    @contextmanager
    def _only_upload(self, sha256: str) -> Iterator[None]:
        if sha256 in self._busy:
            raise RefusedError(
                HTTPStatus.CONFLICT, "another upload of this artifact is going on: wait for it, or end it"
            )
        self._busy.add(sha256)
        try:
            yield
        finally:
            self._busy.discard(sha256)

    async def _receive(self, sha256: str, offset: int, length: int, chunks: AsyncIterator[bytes]) -> int:
        buffer = bytearray()
        with (self._unfinished / sha256).open("ab") as file:
            received = offset
            try:
                async for chunk in chunks:
                    received += len(chunk)
                    if received > length:
                        raise RefusedError(
                            HTTPStatus.UNPROCESSABLE_ENTITY,
                            f"more bytes than the {length} announced",
                            field="Upload-Length",
                        )
                    buffer += chunk
                    if len(buffer) >= _WRITE_BYTES:
                        await asyncio.to_thread(file.write, bytes(buffer))
                        buffer.clear()
            finally:
                file.write(buffer)
        return received

    def _finish(self, sha256: str) -> None:
        unfinished = self._unfinished / sha256
        with unfinished.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            if digest != sha256:
                unfinished.unlink()
                raise ArtifactError(f"these bytes have SHA-256 {digest}, not {sha256}: nothing of them was kept")
            os.fsync(file.fileno())
        unfinished.rename(self._whole / sha256)
        folder = os.open(self._whole, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def upload_headers(view: ArtifactView) -> dict[str, str]:
    return {"Upload-Offset": str(view.received_bytes), "Upload-Complete": "?1" if view.complete else "?0"}
