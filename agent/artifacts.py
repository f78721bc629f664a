"""Artifacts on this node: found in its store, or fetched from the control plane and kept."""

import asyncio
import logging
import re
from collections.abc import Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from agent.control_plane import ControlPlane
from shared.artifacts import ArtifactStore
from shared.errors import StorageError
from shared.storage import require_room

logger = logging.getLogger(__name__)

_DIGEST = re.compile(rb"[0-9a-f]{64}")


def named(documents: Iterable[bytes]) -> frozenset[str]:
    """Every digest that stands anywhere in these documents, whatever their kind. Pure."""
    return frozenset(match.decode() for document in documents for match in _DIGEST.findall(document))


class Wanted(Protocol):
    """What there is to know of a file before it is fetched; an Artifact is one."""

    @property
    def sha256(self) -> str: ...

    @property
    def size_bytes(self) -> int: ...


class Artifacts:
    def __init__(self, store: ArtifactStore, control_plane: ControlPlane) -> None:
        self._store = store
        self._control_plane = control_plane
        # One download at a time: the link to an edge box is narrow, and a digest must have a single writer.
        self._downloading = asyncio.Lock()

    async def path(self, artifact: Wanted) -> Path:
        """The verified file; what a broken download left is gone on with.

        Raises ArtifactError when the bytes are others than named, ControlPlaneError, StorageError.
        """
        async with self._downloading:
            found = await asyncio.to_thread(self._store.path, artifact.sha256)
            return found or await self._download(artifact)

    def keep_only(self, digests: frozenset[str]) -> None:
        """Remove all others: an edge box's disk is small. What cannot be removed stays and is said."""
        try:
            for sha256 in self._store.digests() - digests:
                self._store.remove(sha256)
                logger.info("unused artifact removed", extra={"sha256": sha256})
        except StorageError as error:
            logger.warning("unused artifacts not removed", extra={"reason": str(error)})

    async def _download(self, artifact: Wanted) -> Path:
        require_room(self._store.root, artifact.size_bytes - self._store.received_bytes(artifact.sha256))
        with self._store.open_partial(artifact.sha256, max_bytes=artifact.size_bytes) as partial:
            offset = partial.received_bytes
            if offset < artifact.size_bytes:
                async with aclosing(self._control_plane.artifact(artifact.sha256, offset=offset)) as chunks:
                    async for chunk in chunks:
                        partial.append(chunk)
            return await asyncio.to_thread(partial.finish)
