"""An online run on a node: one process reads, one trains, and what they publish is exported and handed in."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec

from agent.backoff import Backoff
from agent.training.exporting import events as exporting
from agent.training.exporting import task as export_task
from agent.training.exporting.task import ExportTask
from agent.training.online import publications
from agent.training.online.events import OnlineEvent, Published, WindowRead
from agent.training.online.preparing import place_task
from agent.training.online.publications import Publication
from agent.training.running.account import Account
from agent.training.running.children import Children
from agent.training.running.harvest import harvested
from agent.training.running.limits import Limits
from agent.training.running.outcome import HopelessError, control_plane_answers
from agent.training.running.preparing import place_sources
from agent.workload import Surroundings
from shared.documents import Cluster, Stage, encode
from shared.documents.training_workloads import TrainingWorkload
from shared.errors import ClusterError, ControlPlaneError
from shared.storage import replace_file

RETRY = Backoff(first_s=1.0, cap_s=60.0)


@dataclass(slots=True, kw_only=True)
class OnlineAttempt:
    """As `running.attempt.Attempt`, but `go` never returns. Cancelled, it kills its processes, which loses nothing."""

    document: TrainingWorkload
    surroundings: Surroundings
    folder: Path
    account: Account
    retry: Backoff = RETRY
    random: Random = field(default_factory=Random)
    _weights: Path | None = field(default=None, init=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def go(self) -> None:
        """Raises what outcome.py says, ArtifactError, ControlPlaneError, StorageError."""
        self.account.stage(Stage.FETCHING)
        await self._fetch()
        self.account.stage(Stage.READING)
        # Those that an earlier process has published and nobody has taken over.
        self._news.set()
        await _together(self._read(), self._train(), self._hand_over())

    async def _fetch(self) -> None:
        with control_plane_answers():
            fetched = {one: await self.surroundings.artifact(one) for one in self.document.network.files}
            if self.document.start_from is not None:
                self._weights = await self.surroundings.artifact(self.document.start_from.weights)
        await asyncio.to_thread(place_sources, self.folder, fetched)
        await asyncio.to_thread(place_task, self.folder, self.document, self._weights)

    async def _read(self) -> None:
        """A cluster that is away is waited for; the trainer has windows left, or waits as well."""
        arguments = ("-m", "agent.training.online.reading", ".")
        # Fogline's own code alone: it needs the network, and the cluster's certificates wherever they lie.
        limits = Limits(network=True, reads=None)
        cluster, failures = self._cluster(), 0
        while True:
            try:
                await self._child(self.folder).run(
                    "reading", arguments, events=OnlineEvent, limits=limits, given=encode(cluster)
                )
            except ClusterError as error:
                failures += 1
                self.account.wait(f"{error}; trying again")
                await self._pause(failures)

    async def _train(self) -> None:
        arguments = ("-m", "agent.training.online", ".")
        await self._child(self.folder).run("training", arguments, events=OnlineEvent, limits=self._limits)

    async def _hand_over(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            for one in await asyncio.to_thread(publications.waiting, self.folder):
                if await self._is_exported(one):
                    await self._upload(one)
                await asyncio.to_thread(publications.hand_in, self.folder, one.number)

    async def _is_exported(self, one: Publication) -> bool:
        """Where an earlier version could be exported, one that cannot is no reason to end the run."""
        document = self.document
        task = ExportTask(model=document.model, labels=document.labels, export=document.export)
        replace_file(one.folder / export_task.FILE, encode(task))
        arguments = ("-m", "agent.training.exporting", ".")
        try:
            await self._child(one.folder).run("exporting", arguments, events=exporting.Event, limits=self._limits)
        except HopelessError as error:
            if one.number == 1:
                raise
            self.account.notice(f"version {one.number} of this run is left out: {error}")
            return False
        return True

    async def _upload(self, one: Publication) -> None:
        """For as long as it takes."""
        harvest = await asyncio.to_thread(harvested, one.folder, self.document)
        result = msgspec.structs.replace(harvest.result, is_last=False)
        failures = 0
        while True:
            try:
                with control_plane_answers(conflict_passes=True):
                    for sha256, path in harvest.uploads.items():
                        await self.surroundings.upload(path, sha256, sent=lambda _: None)
                with control_plane_answers():
                    await self.surroundings.hand_in(self.document.run, result)
                return
            except ControlPlaneError as error:
                failures += 1
                self.account.wait(f"{error}; trying again")
                await self._pause(failures)

    def _child(self, folder: Path) -> Children:
        return Children(folder=folder, heard=self._hear, noticed=self.account.notice)

    def _hear(self, event: OnlineEvent | exporting.Event) -> None:
        match event:
            case Published():
                self._news.set()
            case exporting.PhaseBegun() | exporting.Converted() | exporting.Checked() | exporting.Done() | WindowRead():
                pass
            case _:
                self.account.heard(event)

    def _cluster(self) -> Cluster:
        for one in self.document.clusters:
            if one.name == self.document.cluster:
                return one
        raise HopelessError(f"the assignment does not say where cluster {self.document.cluster!r} is")

    async def _pause(self, failures: int) -> None:
        await asyncio.sleep(self.retry.delay_s(failures, jitter=self.random.random()))

    @property
    def _limits(self) -> Limits:
        weights = () if self._weights is None else (str(self._weights),)
        # A published version has a folder below the run's, and is made from files in that.
        return Limits(memory_bytes=self.document.memory_bytes or None, reads=(str(self.folder), *weights))


async def _together(*work: Coroutine[None, None, None]) -> None:
    """Until one of them fails, which ends all; raises its error alone."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for one in work:
                tasks.create_task(one)
    except ExceptionGroup as group:
        raise _first(group) from None


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
