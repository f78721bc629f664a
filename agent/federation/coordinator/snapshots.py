"""How it stands, from time to time: so that a coordinator that takes over need not read the log from its beginning."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from aiokafka import AIOKafkaProducer
from aiokafka.admin import RecordsToDelete
from msgspec import Meta

from agent.federation.coordinator.replica import Replica
from agent.federation.coordinator.standing import LogError
from agent.federation.coordinator.topics import Topics
from agent.federation.weights import UnlikeError
from agent.federation.wire.manifests import Content
from agent.federation.wire.newest import newest
from agent.federation.wire.publishing import content_of, publish, withdraw
from agent.federation.wire.reading import only_partition
from agent.federation.wire.tensors import pieces
from shared.documents import Cluster, decode, encode
from shared.documents.types import Count, Message, Name
from shared.kafka import admin

MOST_DECISIONS = 256
"""So many are read again at most, however small."""


class SnapshotManifest(Message, frozen=True, kw_only=True):
    """`behind`: the offset of the log that it stands at: every decision before it is in it, none from it on.

    The content begins with `standing_bytes` of how the federation stands; its tensors follow.
    """

    schema: Count = 1
    federation: Name
    edition: Count
    behind: Annotated[int, Meta(ge=0)]
    standing_bytes: Annotated[int, Meta(ge=0)]
    content: Content

    @property
    def number(self) -> int:
        return self.behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    behind: int
    standing: bytes
    tensors: bytes


@dataclass(slots=True, kw_only=True)
class Snapshots:
    """`folder`: for what is read. `_unnecessary`: by topic, what the last snapshot has made so, up to an offset."""

    cluster: Cluster
    topics: Topics
    folder: Path
    _older: Mapping[int, int] | None = None
    _unnecessary: Mapping[str, int] = field(default_factory=dict)

    async def newest(self) -> Snapshot | None:
        """None before the first. Raises ClusterError, StorageError, LogError for one that is damaged."""
        try:
            found, reader = await newest(self.cluster, self.topics.snapshots, _manifest, folder=self.folder)
        except UnlikeError as error:
            raise LogError(f"the snapshot is damaged: {error}") from error
        self._older = dict(reader.others)
        if found is None:
            return None
        self._older |= {found.manifest.number: found.manifest.content.chunks}
        cut = found.manifest.standing_bytes
        return Snapshot(behind=found.manifest.behind, standing=found.raw[:cut], tensors=found.raw[cut:])

    async def write(self, producer: AIOKafkaProducer, replica: Replica, behind: int) -> int:
        """Its bytes, once it is acknowledged. Raises ClusterError, of it FencedError."""
        standing, tensors = replica.snapshot()
        laid = [standing, *pieces(tensors)]
        manifest = SnapshotManifest(
            federation=self.topics.federation,
            edition=self.topics.edition,
            behind=behind,
            standing_bytes=len(standing),
            content=await asyncio.to_thread(content_of, *laid),
        )
        topic = self.topics.snapshots
        # 1. The snapshot, acknowledged.
        await publish(producer, topic, number=behind, pieces=laid, manifest=encode(manifest))
        # 2. The chunks of those before it.
        older, self._older = self._older or {}, {behind: manifest.content.chunks}
        await withdraw(producer, topic, {number: chunks for number, chunks in older.items() if number != behind})
        return manifest.content.size_bytes

    async def cut(self, replica: Replica, behind: int) -> None:
        """What the snapshot before this one made unnecessary: decisions, and updates that were decided on. So whoever
        reads along has from one snapshot to the next. Only once this one is acknowledged: then it does no harm from
        whomever it comes. Raises ClusterError.
        """
        decided = {
            self.topics.updates(name): one.offset + 1
            for name, one in replica.standing.participants.items()
            if one.offset >= 0
        }
        cuts, self._unnecessary = self._unnecessary, {self.topics.decisions: behind, **decided}
        if not cuts:
            return
        async with admin(self.cluster) as client:
            await client.delete_records(
                {only_partition(topic): RecordsToDelete(before_offset=offset) for topic, offset in cuts.items()}
            )


def is_due(*, decisions: int, update_bytes: int, snapshot_bytes: int) -> bool:
    """Whether what a replay would read outweighs what a snapshot costs. Pure."""
    return decisions >= MOST_DECISIONS or update_bytes >= 4 * snapshot_bytes


def _manifest(raw: bytes) -> SnapshotManifest:
    return decode(raw, SnapshotManifest)
