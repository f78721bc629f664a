"""The way of a federation: network and evaluation fetched, round after round, its end. Gone again after a failure."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from agent.federation.aggregation.strategy import Strategy
from agent.federation.coordinator.account import Account
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.court import Court
from agent.federation.coordinator.decisions import Cause
from agent.federation.coordinator.evaluation import Shelving, rates_of, shelf
from agent.federation.coordinator.folders import folder_of
from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.outcome import Ending
from agent.federation.coordinator.preparing import place_tasks
from agent.federation.coordinator.publication import Judge
from agent.federation.coordinator.session import Session
from agent.federation.coordinator.takeover import Takeover
from agent.federation.coordinator.topics import Topics
from agent.federation.privacy.sealing import Seal
from agent.federation.weights import Weights
from agent.training.running.children import Children
from agent.training.running.limits import Limits
from agent.training.running.outcome import HopelessError, control_plane_answers
from agent.training.running.preparing import place_sources
from agent.workload import Surroundings
from shared.documents import Cluster
from shared.documents.federation_workloads import CoordinatorWorkload, FederationOutcome
from shared.storage import storage_errors


@dataclass(slots=True, kw_only=True)
class Attempt:
    """`by`: names this coordinator. `most_updates`: of one participant, as privacy allows. `trouble`: no broker is
    there.

    `go` may be called again after it failed; what is done is not done again.
    """

    document: CoordinatorWorkload
    surroundings: Surroundings
    strategy: Strategy
    orders: Orders
    account: Account
    by: str
    most_updates: int | None = None
    folder: Path = field(init=False)
    court: Court = field(init=False)
    trouble: str = field(default="", init=False)
    _children: Children = field(init=False)
    _session: Session | None = field(default=None, init=False)
    _weights: Path | None = field(default=None, init=False)
    _seen: tuple[int, int] = field(default=(-1, 0), init=False)
    _began: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        clock = self.surroundings.clock
        self._began = clock.now().timestamp(), clock.monotonic()
        self.folder = self.surroundings.common / folder_of(self.document.id)
        self.court = Court(folder=self.folder, limits=Limits(), noticed=self.account.notice)
        self._children = Children(folder=self.folder, heard=lambda _: None, noticed=self.account.notice)

    async def make_folder(self) -> None:
        """Raises StorageError."""

        def made() -> None:
            with storage_errors(self.folder):
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

        await asyncio.to_thread(made)

    async def go(self) -> FederationOutcome:
        """To the end.

        Raises SupersededError, LogError, ClusterError, StorageError, ControlPlaneError, ArtifactError, and what
        outcome.py of training says.
        """
        # 1. The network, and what its models are judged by.
        if self._session is None:
            await self._prepare()
            self._session = self._made()
        # 2. Round after round.
        book = await self._session.run()
        # 3. What the last model comes to.
        ending = Ending(
            document=self.document,
            folder=self.folder,
            children=self._children,
            limits=self.court.limits,
            conclude=self.court.conclude,
            upload=self.surroundings.upload,
        )
        self.account.wait("the last model is judged, exported and handed in")
        is_judged = self.document.federation.evaluation is not None and book.standing.ended is not Cause.CANCELLED
        if not is_judged:
            return await ending.weights_alone(book.replica.model)
        return await ending.outcome(book.replica.model, book.standing)

    def has_gone_further(self) -> bool:
        """Since this was asked last: what fails now and then is not what fails again and again."""
        standing = self.account.standing
        before, self._seen = self._seen, (standing.round, len(standing.accepted))
        return self._seen > before

    async def _prepare(self) -> None:
        document = self.document
        with control_plane_answers():
            fetched = {one: await self.surroundings.artifact(one) for one in document.network.files}
            if document.start_from is not None:
                self._weights = await self.surroundings.artifact(document.start_from.weights)
        await asyncio.to_thread(place_sources, self.folder, fetched)
        rates, place = None, None
        evaluation = document.federation.evaluation
        if evaluation is not None:
            shelving = Shelving(
                cluster=self._cluster(),
                evaluation=evaluation,
                folder=self.folder,
                children=self._children,
                most_rejected=document.federation.most_rejected,
                waits=self.account.wait,
            )
            rates, place = rates_of(await shelving.shelved()), shelf(self.folder)
        await asyncio.to_thread(place_tasks, self.folder, document, shelf=place, rates=rates, weights=self._weights)
        self.court.limits = Limits(
            memory_bytes=document.federation.memory_bytes or None,
            reads=() if self._weights is None else (str(self._weights),),
        )

    def _made(self) -> Session:
        federation, topics = self.document.federation, self._topics()
        reader = Reader.of(federation, self.strategy)
        takeover = Takeover(
            cluster=self._cluster(),
            topics=topics,
            strategy=self.strategy,
            reader=reader,
            seal=Seal(self.document.noise_key, topics.decisions),
            folder=self.surroundings.spool_directory,
            initial=self.court.initial,
            by=self.by,
            clock=self._now,
        )
        return Session(
            federation=federation,
            strategy=self.strategy,
            reader=reader,
            takeover=takeover,
            orders=self.orders,
            judge=self._judge(),
            clock=self._now,
            stood=self.account.stood,
            noticed=self.account.notice,
            away=self._away,
            most_updates=self.most_updates,
        )

    def _away(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.surroundings.changed()

    def _judge(self) -> Judge:
        async def nobody(model: Weights, round: int) -> dict[str, float]:
            return {}

        return nobody if self.document.federation.evaluation is None else self.court.metrics

    def _topics(self) -> Topics:
        return Topics(federation=self.document.federation.name, edition=self.document.edition)

    def _cluster(self) -> Cluster:
        name = self.document.federation.cluster
        found = next((one for one in self.document.clusters if one.name == name), None)
        if found is None:
            raise HopelessError(f"the assignment does not say where cluster {name!r} is")
        return found

    def _now(self) -> float:
        """Since the epoch, as the clock had it in the beginning: no deadline passes because somebody sets it."""
        wall, steady = self._began
        return wall + self.surroundings.clock.monotonic() - steady
