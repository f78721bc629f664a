"""Artifacts on this node: found in its store, or fetched from the control plane and kept."""

import asyncio
from contextlib import aclosing
from pathlib import Path

from agent.control_plane import ControlPlane
from shared.artifacts import ArtifactStore
from shared.documents import Artifact


class Artifacts:
    def __init__(self, store: ArtifactStore, control_plane: ControlPlane) -> None:
        self._store = store
        self._control_plane = control_plane
        # One download at a time: the link to an edge box is narrow, and a digest must have a single writer.
        self._downloading = asyncio.Lock()

    async def path(self, artifact: Artifact) -> Path:
        """The verified file; what a broken download left is gone on with.

        Raises ArtifactError when the bytes are others than named, ControlPlaneError, StorageError.
        """
        async with self._downloading:
            found = await asyncio.to_thread(self._store.path, artifact.sha256)
            return found or await self._download(artifact)

    async def _download(self, artifact: Artifact) -> Path:
        with self._store.open_partial(artifact.sha256, max_bytes=artifact.size_bytes) as partial:
            offset = partial.received_bytes
            if offset < artifact.size_bytes:
                async with aclosing(self._control_plane.artifact(artifact.sha256, offset=offset)) as chunks:
                    async for chunk in chunks:
                        partial.append(chunk)
            return await asyncio.to_thread(partial.finish)
