"""The watch over one control topic as a workload of a node."""

import asyncio
from random import Random

from msgspec.structs import replace

from agent.announcements.lookout import Lookout
from agent.announcements.persistence import Persistence
from agent.announcements.watch import Watch
from agent.workload import RestartNeededError, Surroundings
from shared.documents import Phase, WorkloadStatus
from shared.documents.cluster import Cluster
from shared.documents.training_workloads import ANNOUNCEMENTS, AnnouncementsWorkload
from shared.errors import DocumentError


class Announcements:
    """Satisfies `agent.workload.RunningWorkload`. Raises DocumentError for a cluster that the document leaves out."""

    def __init__(
        self, document: AnnouncementsWorkload, surroundings: Surroundings, *, random: Random | None = None
    ) -> None:
        self._document = document
        self._changed = surroundings.changed
        self._draining = asyncio.Event()
        self._ended = asyncio.Event()
        random = random or Random()  # noqa: S311 - jitter, not a secret
        cluster = _cluster(document)
        self._watch = Watch(
            cluster=cluster,
            control_topic=document.control_topic,
            group=document.group,
            tell=surroundings.streams,
            persistence=Persistence(what="watching a control topic", changed=surroundings.changed, random=random),
            changed=surroundings.changed,
            clock=surroundings.clock,
        )
        self._lookout = Lookout(
            cluster=cluster,
            control_topic=document.control_topic,
            ranges=document.looked_after,
            look_every_s=document.look_every_s,
            tell=surroundings.streams,
            persistence=Persistence(what="looking after streams", changed=surroundings.changed, random=random),
        )

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                work = [tasks.create_task(self._watch.run()), tasks.create_task(self._lookout.run())]
                await self._draining.wait()
                # What was begun need not be finished: whoever watches next reads and tells it again.
                for one in work:
                    one.cancel()
        finally:
            self._ended.set()
            self._changed()

    async def update(self, document: AnnouncementsWorkload) -> None:
        """Raises RestartNeededError for anything else than what is looked after, and how often."""
        looked_after, look_every_s = document.looked_after, document.look_every_s
        if replace(self._document, looked_after=looked_after, look_every_s=look_every_s) != document:
            raise RestartNeededError("another control topic, cluster or group")
        self._document = document
        self._lookout.change(looked_after, look_every_s)

    async def drain(self) -> None:
        self._draining.set()
        await self._ended.wait()

    def status(self) -> WorkloadStatus:
        return WorkloadStatus(
            id=self._document.id,
            kind=ANNOUNCEMENTS,
            phase=self._phase(),
            reason="; ".join(filter(None, (self._watch.trouble, self._lookout.persistence.trouble))),
            counters={"found": self._watch.found, "refused": self._watch.refused},
        )

    def _phase(self) -> Phase:
        if self._ended.is_set():
            return Phase.STOPPED
        if self._draining.is_set():
            return Phase.DRAINING
        return Phase.RUNNING if self._watch.has_begun else Phase.STARTING


def _cluster(document: AnnouncementsWorkload) -> Cluster:
    for one in document.clusters:
        if one.name == document.cluster:
            return one
    raise DocumentError(f"{document.cluster!r} is not among `clusters`", field="cluster")
