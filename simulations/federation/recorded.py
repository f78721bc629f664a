"""A real federation taken again, by the simulation: the same updates in the same order must give the same models.

Read from its topics, from the newest snapshot on, as whoever takes over would: nothing is written. What a coordinator
has decided on is cut away two snapshots later, so whoever wants all of it reads while it goes on.
"""

from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Contribution
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.deciding import Offer
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Closed, Published
from agent.federation.coordinator.log import Entry, Log
from agent.federation.coordinator.replica import Replica
from agent.federation.coordinator.snapshots import Snapshots
from agent.federation.coordinator.topics import Topics
from agent.federation.coordinator.updates import Fetching
from shared.documents import Cluster
from shared.documents.federation import Federation
from shared.kafka import connect, consumer, stop_within, translated
from simulations.federation.undisturbed import Undisturbed

_STOP_TIMEOUT_S = 2.0


@dataclass(slots=True, kw_only=True)
class Recording:
    """`decisions`: those after the snapshot that `replica` is made of. `updates`: by participant and number.

    `position`: of the log, as far as it was read.
    """

    cluster: Cluster
    topics: Topics
    folder: Path
    reader: Reader
    replica: Replica
    position: int
    decisions: list[AnyDecision] = field(default_factory=list)
    updates: dict[tuple[str, int], Contribution] = field(default_factory=dict)

    @property
    def published(self) -> list[Published]:
        return [one for one in self.decisions if isinstance(one, Published)]

    async def go_on(self) -> None:
        """What was decided since. Raises ClusterError, and LogError where it is cut away already."""
        log, client = (
            Log(cluster=self.cluster, topic=self.topics.decisions),
            consumer(self.cluster, group=None, read_committed=True),
        )
        with translated(self.cluster.name):
            try:
                await connect(client)
                fetching = Fetching(
                    client=client,
                    topics=self.topics,
                    folder=self.folder,
                    most_bytes=self.reader.most_bytes(self.replica.model),
                )
                async with aclosing(log.read(self.position)) as entries:
                    async for entry in entries:
                        await self._take(entry, fetching)
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _take(self, entry: Entry, fetching: Fetching) -> None:
        decision = entry.decision
        if isinstance(decision, Accepted):
            content = self.reader.read(await fetching.again(decision), self.replica.model)
            made = self.reader.contribution(decision, content, round=decision.base)
            self.updates[decision.participant, decision.number] = made
        self.decisions.append(decision)
        self.position = entry.offset + 1


async def recording(cluster: Cluster, federation: Federation, edition: int, folder: Path) -> Recording | None:
    """From its newest snapshot on, None before there is one to be read. Raises ClusterError, LogError, StorageError."""
    topics = Topics(federation=federation.name, edition=edition)
    chosen = strategy(federation.strategy.name, federation.strategy.parameters)
    found = await Snapshots(cluster=cluster, topics=topics, folder=folder / "snapshots").newest()
    if found is None:
        return None
    return Recording(
        cluster=cluster,
        topics=topics,
        folder=folder,
        reader=Reader.of(federation, chosen),
        replica=Replica.restored(chosen, found.standing, found.tensors),
        position=found.behind,
    )


def simulated(recording: Recording, federation: Federation) -> list[Published]:
    """The models that a coordinator comes to which was given these updates, and judged them so, undisturbed."""
    first, published = recording.replica.standing.round + 1, list[Published]()
    metrics = {one.round: one.metrics for one in recording.published}

    def told(decision: AnyDecision) -> None:
        if isinstance(decision, Published):
            published.append(decision)

    coordinator = Undisturbed(
        replica=recording.replica,
        rounds=federation.rounds,
        stop=federation.stop,
        judge=lambda _: metrics.get(first + len(published), {}),
        told=told,
    )
    for one in recording.decisions:
        if isinstance(one, Accepted):
            coordinator.take(_offer(one), recording.updates[one.participant, one.number], at=one.at)
        elif isinstance(one, Closed):
            # Only where the log says so: here a round begins when the last one closed, there when it was published.
            coordinator.settle(at=one.at)
    return published


def _offer(accepted: Accepted) -> Offer:
    return Offer(
        participant=accepted.participant,
        number=accepted.number,
        base=accepted.base,
        records=accepted.records,
        steps=accepted.steps,
        offset=accepted.offset,
        first=accepted.first,
        sha256=accepted.sha256,
        metrics=accepted.metrics,
    )
