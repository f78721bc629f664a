"""The versions in memory, and the one that serves: a newer one takes over between two micro-batches.

It must load and infer zeros first. If it then fails its first micro-batches, the version before it, which was kept for
that, takes over again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from agent.backends.protocol import Backend
from agent.backends.registry import choose
from agent.inference.sub_model import SubModelInUse
from shared.documents import Artifact, ArtifactFormat, InferenceWorkload, LoadedVersion
from shared.errors import ModelError
from shared.record.decoders import DecodeBatch, decoder_for
from shared.record.prediction import Answerer
from shared.record.tensor import decode_batch

logger = logging.getLogger(__name__)

# After this many micro-batches without a failure a version is trusted, and its predecessor let go.
PROBATION_BATCHES = 3

ChooseBackend = Callable[[ArtifactFormat, str | None], Backend]


class SubModels:
    """`artifact` gives the path of a verified file, `choose` a backend for it. `node` names this node in answers."""

    def __init__(
        self, *, node: str, artifact: Callable[[Artifact], Awaitable[Path]], choose: ChooseBackend = choose
    ) -> None:
        self._node = node
        self._artifact = artifact
        self._choose = choose
        self._loaded: dict[str, SubModelInUse] = {}
        self._serving = ""
        self._predecessor: SubModelInUse | None = None
        self._probation = 0
        self.trouble = ""

    @property
    def loaded(self) -> Mapping[str, SubModelInUse]:
        return MappingProxyType(self._loaded)

    @property
    def serving(self) -> str:
        """The version of records that name none: it stands first in `ids`."""
        return self._serving

    @property
    def ids(self) -> tuple[str, ...]:
        """The one that serves, the others, and the one that would serve again: what may yet make features."""
        predecessor = () if self._predecessor is None else (self._predecessor.id,)
        return tuple(dict.fromkeys((self._serving, *self._loaded, *predecessor))) if self._serving else ()

    async def change(self, document: InferenceWorkload) -> None:
        """Load what is missing, then take over all at once. On any error everything stays as it was.

        Raises ModelError, ArtifactError, UnavailableError, DocumentError and what `artifact` raises.
        """
        fresh: dict[str, SubModelInUse] = {}
        try:
            for version in document.versions:
                if not self._has(version):
                    fresh[version.id] = await self._load(version, document)
        except BaseException:
            for one in fresh.values():
                one.retire()
            raise
        self._take_over(document, fresh)

    def failed(self, version: str, reason: str) -> bool:
        """A whole micro-batch of `version` failed. True when its predecessor has taken over: infer them again."""
        if version not in self._loaded:
            return True
        predecessor = self._predecessor
        if version != self._serving or predecessor is None or self._probation == 0:
            return False
        self.trouble = f"{version} failed its first records, {predecessor.id} serves on: {reason}"
        logger.error("fell back", extra={"version": version, "reason": reason})
        self._loaded.pop(version).retire()
        self._loaded = {predecessor.id: predecessor, **self._loaded}
        self._serving, self._predecessor, self._probation = predecessor.id, None, 0
        return True

    def passed(self, version: str) -> None:
        """A micro-batch of `version` was inferred."""
        if version == self._serving and self._probation:
            self._probation -= 1
            if self._probation == 0:
                self._dismiss_predecessor()

    def close(self) -> None:
        self._dismiss_predecessor()
        for one in self._loaded.values():
            one.retire()
        self._loaded = {}

    def _has(self, version: LoadedVersion) -> bool:
        return version.id in self._loaded and self._loaded[version.id].version == version

    def _take_over(self, document: InferenceWorkload, fresh: Mapping[str, SubModelInUse]) -> None:
        before, self._loaded = (
            self._loaded,
            {version.id: fresh.get(version.id) or self._loaded[version.id] for version in document.versions},
        )
        serving = document.versions[0].id
        self._dismiss_predecessor()
        if serving in fresh and self._serving in before:
            self._predecessor, self._probation = before[self._serving], PROBATION_BATCHES
        self._serving, self.trouble = serving, ""
        kept = {id(one) for one in (*self._loaded.values(), self._predecessor)}
        for one in before.values():
            if id(one) not in kept:
                one.retire()

    def _dismiss_predecessor(self) -> None:
        predecessor, self._predecessor = self._predecessor, None
        if predecessor is not None and predecessor not in self._loaded.values():
            predecessor.retire()

    async def _load(self, version: LoadedVersion, document: InferenceWorkload) -> SubModelInUse:
        path = await self._artifact(version.artifact)
        return await asyncio.to_thread(self._load_now, version, document, path)

    def _load_now(self, version: LoadedVersion, document: InferenceWorkload, path: Path) -> SubModelInUse:
        spec = version.sub_model.input
        backend = self._choose(version.artifact.format, document.backend)
        try:
            model = backend.load(path, version.sub_model, threads=document.threads)
        except ModelError as error:
            raise ModelError(f"{version.id} does not load: {error}") from error
        try:
            model.infer(np.zeros((1, *spec.shape), spec.dtype.value))
        except ModelError as error:
            model.close()
            raise ModelError(f"{version.id} loads, but cannot infer zeros: {error}") from error
        return SubModelInUse(version, model, _decoder(version, document), self._answerer(version, document))

    def _answerer(self, version: LoadedVersion, document: InferenceWorkload) -> Answerer:
        return Answerer(
            deployment=document.deployment,
            tier=document.tier,
            node=self._node,
            model=version.model,
            version=version.version,
            labels=version.labels,
        )


def _decoder(version: LoadedVersion, document: InferenceWorkload) -> DecodeBatch:
    """Only the first tier reads what a sensor sends; the others read what an agent sent."""
    spec = version.sub_model.input
    if document.is_first_tier:
        return decoder_for(document.decoder, spec)
    return lambda values, headers: decode_batch(values, headers, spec)
