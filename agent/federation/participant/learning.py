"""One update at a site: from its records and a global model to weights that have learnt, by children of this process.

The network's own code runs in one that has no network, sees the records and the model it learns from, and writes in
a folder of its own.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.federation.aggregation.strategy import Local
from agent.federation.participant.change import along
from agent.federation.participant.choosing import Lesson
from agent.federation.participant.journal import Underway
from agent.federation.participant.places import Places
from agent.federation.participant.training_task import training_task, work
from agent.federation.wire.following import GlobalModel
from agent.training import array_file
from agent.training.fitting import progress as fitting
from agent.training.reading.task import Read, ReadingTask, Waiting, complete
from agent.training.running.children import Children
from agent.training.running.harvest import require_trained
from agent.training.running.limits import Limits
from agent.training.running.outcome import CrashedError, HopelessError, control_plane_answers
from agent.training.running.preparing import place_sources
from agent.training.task import FILE
from agent.workload import Surroundings
from shared.documents import Cluster, digest, encode
from shared.documents.federation_workloads import ParticipantWorkload
from shared.errors import FoglineError
from shared.storage import replace_file, storage_errors

logger = logging.getLogger(__name__)

MOST_CRASHES = 3


class UnreadError(FoglineError):
    """The records cannot be read as they were chosen: others may be."""


class UntaughtError(FoglineError):
    """Nothing comes of learning from this model: another may be better."""


@dataclass(slots=True, kw_only=True)
class Learning:
    """`site`: the Kafka that the records lie in. `local`: what the strategy asks for."""

    document: ParticipantWorkload
    surroundings: Surroundings
    places: Places
    children: Children
    local: Local
    site: Cluster
    does: Callable[[str], None]
    _crashes: int = field(default=0, init=False)

    def place(self, model: GlobalModel, lesson: Lesson) -> Underway:
        """What an update begins with, on the disk. Raises UnlikeError, StorageError."""
        places, self._crashes = self.places, 0
        array_file.write(places.base, dict(model.weights))
        if self.local.controls:
            own = array_file.read(places.control) if places.control.exists() else {}
            array_file.write(places.handed_down, dict(model.handed_down))
            array_file.write(places.along, dict(along(model.handed_down, own, model.weights)))
        return Underway(
            base=model.round,
            work=work(self.document),
            ranges=lesson.ranges,
            input=lesson.input,
            validation=lesson.rates.validation,
            test=lesson.rates.test,
        )

    async def learn(self, underway: Underway) -> None:
        """To the end; what is done is not done again.

        Raises UnreadError, UntaughtError, LeftError, ControlPlaneError, ArtifactError, ClusterError, StorageError.
        """
        # 1. The network's files.
        with control_plane_answers():
            fetched = {one: await self.surroundings.artifact(one) for one in self.document.network.files}
        await asyncio.to_thread(_make, self.places.attempt)
        await asyncio.to_thread(place_sources, self.places.attempt, fetched)
        # 2. The site's records.
        shelf = self.places.shelves / digest([self.site.name, underway.ranges, underway.input])
        await self._shelve(underway, shelf)
        # 3. Weights that have learnt.
        await self._train(underway, shelf)

    async def _shelve(self, underway: Underway, shelf: Path) -> None:
        if await asyncio.to_thread(complete, shelf) is not None:
            return
        self.does(f"reads the records that it learns from, for an update of model {underway.base}")
        await asyncio.to_thread(_make_room, shelf)
        task = ReadingTask(
            cluster=self.site,
            ranges=underway.ranges,
            input=underway.input,
            most_rejected=self.document.federation.most_rejected,
        )
        arguments = ("-m", "agent.training.reading", str(shelf))
        # Fogline's own code alone: it needs the site's Kafka, and a shelf that is not its own.
        limits = Limits(network=True, disk=True)
        try:
            await self.children.run("reading", arguments, events=Read | Waiting, limits=limits, given=encode(task))
        except HopelessError as error:
            await asyncio.to_thread(shutil.rmtree, shelf, ignore_errors=True)
            raise UnreadError(f"an update of model {underway.base} was given up: {error}") from error

    async def _train(self, underway: Underway, shelf: Path) -> None:
        places = self.places
        task = training_task(self.document, underway, self.local, shelf=shelf, base=places.base, along=places.along)
        await asyncio.to_thread(replace_file, places.attempt / FILE, encode(task))
        self.does(f"trains from model {underway.base}")
        reads = (str(shelf), str(places.base), *((str(places.along),) if self.local.controls else ()))
        limits = Limits(memory_bytes=self.document.federation.memory_bytes or None, reads=reads)
        try:
            await self.children.run("training", ("-m", "agent.training", "."), events=fitting.Event, limits=limits)
            await asyncio.to_thread(require_trained, places.attempt)
        except (HopelessError, CrashedError) as error:
            # In the words of the network's own code, it may be.
            logger.warning("training failed", extra={"workload": self.document.id, "reason": str(error)})
            self._crashes += 1
            if isinstance(error, CrashedError) and self._crashes < MOST_CRASHES:
                raise CrashedError(
                    f"training crashed, {self._crashes} times so far; this site's log says how"
                ) from None
            raise UntaughtError(
                f"an update of model {underway.base} was given up: training failed, and this site's log says why"
            ) from None


def _make(folder: Path) -> None:
    with storage_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _make_room(shelf: Path) -> None:
    """Records of earlier updates are read again when they are wanted again."""
    with storage_errors(shelf):
        shelf.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in shelf.parent.iterdir():
            if other != shelf:
                shutil.rmtree(other)
