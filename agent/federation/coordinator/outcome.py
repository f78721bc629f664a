"""What becomes of the last model: judged, exported like any run's, uploaded, and handed in with where it comes from."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from agent.federation.coordinator.evaluation import stream_of
from agent.federation.coordinator.standing import Standing
from agent.federation.weights import Weights
from agent.training import array_file, task
from agent.training.exporting import events as exporting
from agent.training.reading.shelf import Shelf
from agent.training.running.children import Children
from agent.training.running.harvest import left, packages
from agent.training.running.limits import Limits
from agent.training.running.outcome import control_plane_answers
from agent.training.running.telling import scores
from agent.workload import Upload
from shared.documents.federation_workloads import CoordinatorWorkload, FederationOutcome
from shared.documents.model import FederatedLineage, Lineage, SiteShare
from shared.documents.run import RunFile
from shared.storage import storage_errors

WEIGHTS = "weights.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`conclude`: the judging process leaves what a run leaves. `limits`: of the process that exports."""

    document: CoordinatorWorkload
    folder: Path
    children: Children
    limits: Limits
    conclude: Callable[[Weights], Awaitable[None]]
    upload: Upload

    async def outcome(self, model: Weights, standing: Standing) -> FederationOutcome:
        """Of a federation with an evaluation.

        Raises ControlPlaneError, StorageError, and what outcome.py of training says of a child.
        """
        # 1. A judged network, as training leaves one.
        await self.conclude(model)
        # 2. The artifacts of its sub-models.
        arguments = ("-m", "agent.training.exporting", ".")
        await self.children.run("exporting", arguments, events=exporting.Event, limits=self.limits)
        # 3. Everything that is to stay, where it stays.
        found = await asyncio.to_thread(left, self.folder)
        await self._send(found.uploads)
        # 4. What it is, and where it comes from.
        return FederationOutcome(
            manifest=found.manifest,
            lineage=await asyncio.to_thread(self._lineage, standing),
            exits=found.trained.exits,
            test=scores(found.trained.test),
            files=found.files,
        )

    async def weights_alone(self, model: Weights) -> FederationOutcome:
        """Of one that nobody judges, or that was cancelled. Raises ControlPlaneError, StorageError."""
        file = await asyncio.to_thread(self._written, model)
        await self._send({file.sha256: self.folder / "last" / WEIGHTS})
        return FederationOutcome(files=(file,))

    def _written(self, model: Weights) -> RunFile:
        path = self.folder / "last" / WEIGHTS
        with storage_errors(path):
            path.parent.mkdir(exist_ok=True)
        array_file.write(path, model)
        with storage_errors(path), path.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
            return RunFile(name=WEIGHTS, sha256=sha256, size_bytes=path.stat().st_size)

    async def _send(self, files: Mapping[str, Path]) -> None:
        for sha256, path in files.items():
            with control_plane_answers(conflict_passes=True):
                await self.upload(path, sha256, sent=lambda _: None)

    def _lineage(self, standing: Standing) -> Lineage:
        document, given = self.document, task.read(self.folder)
        federation, start, shelf = document.federation, document.start_from, self.folder / given.shelf
        return Lineage(
            network=document.network.name,
            sources=tuple(one.sha256 for one in document.network.files),
            stream=stream_of(self.folder, federation.cluster),
            records=task.records_name(shelf, Shelf.open(shelf), given),
            seed=federation.parameters.seed,
            split_seed=federation.split_seed,
            parameters=federation.parameters,
            start_from="" if start is None else f"{start.model}/{start.version}",
            packages=packages(document.network.framework),
            federation=FederatedLineage(
                name=federation.name,
                edition=document.edition,
                strategy=federation.strategy.name,
                rounds=standing.round,
                participants={
                    name: SiteShare(updates=one.accepted, records=one.total_records)
                    for name, one in sorted(standing.participants.items())
                    if one.accepted
                },
            ),
        )
