"""A federation's topics, each with one Kafka partition, made by whoever coordinates."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.announcements.topics import partitions
from shared.documents import Cluster
from shared.kafka import admin, ensure_topic
from shared.topics import federation_topic

# Only segments that are full, or old, are compacted: whoever joins late reads what is left.
_COMPACTED = {
    "cleanup.policy": "compact",
    "segment.bytes": str(16 * 2**20),
    "segment.ms": "600000",
    "min.cleanable.dirty.ratio": "0.1",
}
# Cut by the coordinator alone, and never behind its last snapshot.
_KEPT = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    federation: str
    edition: int

    @property
    def decisions(self) -> str:
        return self._named("decisions")

    @property
    def snapshots(self) -> str:
        return self._named("snapshots")

    @property
    def models(self) -> str:
        return self._named("models")

    def updates(self, participant: str) -> str:
        return self._named("updates", participant)

    @property
    def transactional_id(self) -> str:
        """Whoever starts a producer under it shuts out all before."""
        return self._named("coordinator")

    def settings(self, participants: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """Of every topic."""
        kept = {self.updates(one): _KEPT for one in participants}
        return {self.decisions: _KEPT, self.snapshots: _COMPACTED, self.models: _COMPACTED, **kept}

    def _named(self, what: str, participant: str = "") -> str:
        return federation_topic(self.federation, self.edition, what, participant)


async def ensure(cluster: Cluster, topics: Topics, participants: Iterable[str]) -> None:
    """All of them are there. Raises ClusterError, ClusterRefusedError."""
    async with admin(cluster) as client:
        there = await partitions(client)
        for name, settings in _missing(topics.settings(participants), there):
            await ensure_topic(client, cluster, name, partitions=1, settings=settings)


def _missing(
    wanted: Mapping[str, Mapping[str, str]], there: Mapping[str, object]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    return ((name, settings) for name, settings in wanted.items() if name not in there)
