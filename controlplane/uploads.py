"""Artifacts as HTTP sees them: taken in piece by piece, each where the last one ended. The disk is the store's."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

from controlplane.problems import RefusedError
from shared.artifacts import ArtifactStore, PartialArtifact
from shared.documents import ArtifactView, ModelManifest
from shared.errors import BusyError, DocumentError
from shared.storage import require_room
from shared.threads import to_its_end

_WRITE_BYTES = 1024 * 1024


class Uploads:
    """Every method raises ArtifactError for what is no digest, and StorageError when the disk refuses."""

    def __init__(self, store: ArtifactStore, *, max_bytes: int) -> None:
        self._store = store
        self._max_bytes = max_bytes

    def find(self, sha256: str) -> Path | None:
        """Where the whole artifact lies."""
        return self._store.find(sha256)

    def view(self, sha256: str) -> ArtifactView:
        is_whole = self._store.find(sha256) is not None
        return ArtifactView(sha256=sha256, received_bytes=self._store.received_bytes(sha256), complete=is_whole)

    async def append(self, sha256: str, *, offset: int, length: int, chunks: AsyncIterator[bytes]) -> ArtifactView:
        """Take in what follows `offset`; with the last of `length` bytes the whole is verified and put away.

        Raises RefusedError when `offset` is not where the upload stands or bytes are too many; ArtifactError when
        the whole is not what its digest says (nothing of it is kept).
        """
        self._check(sha256, offset, length)
        if self._store.find(sha256):
            return self.view(sha256)
        require_room(self._store.root, length - offset)
        with self._only_upload(sha256) as partial:
            if await _receive(partial, offset, length, chunks) == length:
                await to_its_end(partial.finish)
        return self.view(sha256)

    def require(self, sha256: str, size_bytes: int, field: str) -> None:
        """Raise DocumentError unless this artifact is here, whole, and of this size."""
        view = self.view(sha256)
        if not view.complete:
            raise DocumentError(f"not here: upload it by PATCH /v1/artifacts/{sha256} first", field=f"{field}.sha256")
        if view.received_bytes != size_bytes:
            raise DocumentError(f"the artifact has {view.received_bytes} bytes", field=f"{field}.size_bytes")

    def require_all(self, manifest: ModelManifest, field: str = "") -> None:
        """As `require`, of every artifact of a manifest that stands at `field`."""
        for i, sub_model in enumerate(manifest.sub_models):
            for j, artifact in enumerate(sub_model.artifacts):
                place = f"{field}sub_models[{i}].artifacts[{j}]"
                self.require(artifact.sha256, artifact.size_bytes, place)

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

    def _only_upload(self, sha256: str) -> PartialArtifact:
        try:
            return self._store.open_partial(sha256, max_bytes=self._max_bytes)
        except BusyError as error:
            raise RefusedError(
                HTTPStatus.CONFLICT, "another upload of this artifact is going on: wait for it, or end it"
            ) from error


def upload_headers(view: ArtifactView) -> dict[str, str]:
    return {"Upload-Offset": str(view.received_bytes), "Upload-Complete": "?1" if view.complete else "?0"}


async def _receive(partial: PartialArtifact, offset: int, length: int, chunks: AsyncIterator[bytes]) -> int:
    """How far the upload stands when `chunks` end. What came before they broke off is kept."""
    buffer, received = bytearray(), offset
    try:
        async for chunk in chunks:
            received += len(chunk)
            if received > length:
                raise RefusedError(
                    HTTPStatus.UNPROCESSABLE_ENTITY, f"more bytes than the {length} announced", field="Upload-Length"
                )
            buffer += chunk
            if len(buffer) >= _WRITE_BYTES:
                full, buffer = buffer, bytearray()
                await to_its_end(partial.append, memoryview(full))
    finally:
        partial.append(memoryview(buffer))
    return received
