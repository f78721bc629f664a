"""The way of one attempt at a run: from an announced stream to a version in the registry."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agent.training.exporting import events as exporting
from agent.training.fitting import progress as fitting
from agent.training.reading.task import Read, ReadingTask, Waiting, complete
from agent.training.running.account import Account
from agent.training.running.children import Children
from agent.training.running.folders import ShelfPlace, shelf_places
from agent.training.running.harvest import Harvest, harvested, require_trained
from agent.training.running.limits import Limits
from agent.training.running.outcome import CrashedError, HopelessError, control_plane_answers
from agent.training.running.preparing import place_sources, place_tasks
from agent.workload import Surroundings
from shared.documents import Stage, encode
from shared.documents.training_workloads import TrainingWorkload
from shared.storage import storage_errors


@dataclass(slots=True, kw_only=True)
class Attempt:
    """`go` may be called again after it failed; what is done is not done again, by this process or the next.

    `folder`: the run's, `account` is told how it goes, `children` do the work.
    """

    document: TrainingWorkload
    surroundings: Surroundings
    folder: Path
    account: Account
    children: Children
    _weights: Path | None = field(default=None, init=False)
    _done: set[Stage] = field(default_factory=set, init=False)
    _harvest: Harvest | None = field(default=None, init=False)

    async def go(self) -> None:
        """To the end. Raises what outcome.py says, ArtifactError, ControlPlaneError, StorageError, ClusterError."""
        # 1. The network's files.
        await self._once(Stage.FETCHING, self._fetch)
        # 2. The stream, on a shelf that runs of one configuration share.
        await self._once(Stage.READING, self._read)
        # 3. A judged network.
        await self._once(Stage.LOADING, self._train)
        # 4. The artifacts of its sub-models.
        await self._once(Stage.EXPORTING, self._export)
        # 5. Everything that is to stay, where it stays.
        await self._once(Stage.UPLOADING, self._upload)
        # 6. The word that it is there.
        await self._hand_in()

    async def _once(self, stage: Stage, step: Callable[[], Awaitable[None]]) -> None:
        if stage not in self._done:
            self.account.stage(stage)
            await step()
            self._done.add(stage)

    async def _fetch(self) -> None:
        with control_plane_answers():
            fetched = {one: await self.surroundings.artifact(one) for one in self.document.network.files}
            if self.document.start_from is not None:
                self._weights = await self.surroundings.artifact(self.document.start_from.weights)
        await asyncio.to_thread(place_sources, self.folder, fetched)

    async def _read(self) -> None:
        places = shelf_places(self.document)
        for place in places:
            await self._shelve(place)
        shelves = tuple(self.surroundings.common / place.name for place in places)
        await asyncio.to_thread(place_tasks, self.folder, self.document, shelves=shelves, weights=self._weights)

    async def _shelve(self, place: ShelfPlace) -> None:
        shelf = self.surroundings.common / place.name
        if await asyncio.to_thread(complete, shelf) is not None:
            return
        cluster = next((one for one in self.document.clusters if one.name == self.document.cluster), None)
        if cluster is None:
            raise HopelessError(f"the assignment does not say where cluster {self.document.cluster!r} is")
        task = ReadingTask(
            cluster=cluster,
            ranges=place.ranges,
            input=self.document.announcement.input,
            is_labelled=place.is_labelled,
            most_rejected=self.document.most_rejected,
        )
        arguments = ("-m", "agent.training.reading", str(shelf))
        # Fogline's own code alone, in bounded memory: it needs the network, and a shelf that is not its own.
        limits = Limits(network=True, disk=True)
        await self.children.run("reading", arguments, events=Read | Waiting, limits=limits, given=encode(task))

    async def _train(self) -> None:
        arguments = ("-m", "agent.training", ".")
        await self.children.run("training", arguments, events=fitting.Event, limits=self._limits)
        await asyncio.to_thread(require_trained, self.folder)

    async def _export(self) -> None:
        arguments = ("-m", "agent.training.exporting", ".")
        await self.children.run("exporting", arguments, events=exporting.Event, limits=self._limits)

    async def _upload(self) -> None:
        try:
            self._harvest = await asyncio.to_thread(harvested, self.folder, self.document)
        except CrashedError:
            self._done -= {Stage.LOADING, Stage.EXPORTING}
            raise
        sizes = await asyncio.to_thread(_sizes, self._harvest.uploads)
        total, before = sum(sizes.values()), 0
        for sha256, path in self._harvest.uploads.items():
            # Two runs that came to the same bytes may send them at the same time.
            with control_plane_answers(conflict_passes=True):
                await self.surroundings.upload(path, sha256, sent=partial(self._arrived, before, total))
            before += sizes[sha256]

    def _arrived(self, before: int, total: int, now: int) -> None:
        self.account.arrived(before + now, total)

    async def _hand_in(self) -> None:
        assert self._harvest is not None  # noqa: S101 - uploaded before
        with control_plane_answers():
            await self.surroundings.hand_in(self.document.run, self._harvest.result)

    @property
    def _limits(self) -> Limits:
        shelves = (str(self.surroundings.common / place.name) for place in shelf_places(self.document))
        weights = () if self._weights is None else (str(self._weights),)
        return Limits(memory_bytes=self.document.memory_bytes or None, reads=(*shelves, *weights))


def _sizes(files: Mapping[str, Path]) -> dict[str, int]:
    with storage_errors(next(iter(files.values())).parent):
        return {sha256: path.stat().st_size for sha256, path in files.items()}
