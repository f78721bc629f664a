"""The newest global model of a federation, as soon as there is a newer one than a site has.

What a broker holds may be from anybody: what is of another federation, too great, or no weights at all is passed over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from numpy.typing import NDArray

from agent.announcements.topics import until_there
from agent.federation.weights import UnlikeError, Weights, require_like
from agent.federation.wire.chunks import chunk_key
from agent.federation.wire.manifests import GlobalManifest, global_manifest
from agent.federation.wire.newest import Newest
from agent.federation.wire.reaching import reached
from agent.federation.wire.reading import BOUNDS, end_of, only_partition
from agent.federation.wire.tensors import from_bytes
from shared.documents import Cluster
from shared.errors import DocumentError
from shared.kafka import connect, consumer, stop_within, translated
from shared.topics import federation_topic

MOST_MODEL_BYTES = 8 * 2**30
"""Nobody has told a site how great a model is before the first one is there."""
_FIRST = "waits for the coordinator's first model"
_POLL_MS = 1000
_TAKEN_AT_ONCE = 16
_STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GlobalModel:
    """`handed_down`: what the strategy sends beside the weights; its names hold a colon, those of weights none."""

    round: int
    weights: Weights
    handed_down: Mapping[str, NDArray[Any]]


@dataclass(slots=True, kw_only=True)
class Following:
    """`folder` is this reader's alone; `waits` is told in words what is waited for."""

    cluster: Cluster
    federation: str
    edition: int
    folder: Path
    waits: Callable[[str], None]
    most_bytes: int = MOST_MODEL_BYTES
    _newest: Newest[GlobalManifest] | None = field(default=None, init=False)
    _size: tuple[int, int] = field(default=(-1, 0), init=False)
    _passed_over: str = field(default="", init=False)
    _round: int = field(default=-1, init=False)

    async def newer(self, than: int) -> GlobalModel:
        """Of the newest round after that. Raises ClusterError, StorageError; may be called again."""
        topic = federation_topic(self.federation, self.edition, "models")
        missing = f"waits for the coordinator: there is no topic {topic!r} yet"
        await until_there(self.cluster, topic, missing=lambda: self.waits(missing))
        client = consumer(self.cluster, group=None, read_committed=True, bounds=BOUNDS)
        partition = only_partition(topic)
        with translated(self.cluster.name):
            try:
                await connect(client)
                client.assign([partition])
                return await self._followed(client, partition, than)
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _followed(self, client: AIOKafkaConsumer, partition: TopicPartition, than: int) -> GlobalModel:
        reader = self._reader()
        if reader.position:
            client.seek(partition, reader.position)
        else:
            await client.seek_to_beginning(partition)
        while True:
            # Up to the end before any is believed to be the newest.
            end = await end_of(client, partition)
            if await client.position(partition) >= end:
                if (model := self._model(reader, than)) is not None:
                    return model
                self.waits(self._passed_over or (f"waits for a model newer than {than}" if than >= 0 else _FIRST))
            taken = await client.getmany(partition, timeout_ms=_POLL_MS, max_records=_TAKEN_AT_ONCE)
            for record in taken.get(partition, ()):
                self._take(reader, record)
            reader.position = await client.position(partition)
            await reached(client, self.cluster.name)

    def _reader(self) -> Newest[GlobalManifest]:
        if self._newest is None:
            self._newest = Newest(self._manifest, self.folder)
        return self._newest

    def _manifest(self, raw: bytes) -> GlobalManifest:
        found = global_manifest(raw)
        if (found.federation, found.edition) != (self.federation, self.edition):
            raise DocumentError(f"is of {found.federation!r}, edition {found.edition}", field="federation")
        return found

    def _take(self, reader: Newest[GlobalManifest], record: "ConsumerRecord[bytes, bytes]") -> None:
        key = chunk_key(record.key)
        if key is not None and record.value is not None:
            number, size = self._size
            self._size = key.number, (size if number == key.number else 0) + len(record.value)
            if self._size[1] > self.most_bytes:
                self._passed_over = f"model {key.number} has more than {self.most_bytes:,} bytes and is passed over"
                return
        if (whole := reader.take(record.key, record.value)) is not None:
            self._round, self._passed_over = whole.round, ""
        elif reader.trouble and self._size[1] <= self.most_bytes:
            self._passed_over = f"the newest model cannot be read: {reader.trouble}"

    def _model(self, reader: Newest[GlobalManifest], than: int) -> GlobalModel | None:
        if self._passed_over or self._round <= than or (found := reader.found()) is None:
            return None
        try:
            return model_of(found.manifest.round, from_bytes(found.raw))
        except UnlikeError as error:
            self._passed_over = f"model {found.manifest.round} is passed over: {error}"
            return None


def model_of(number: int, tensors: Mapping[str, NDArray[Any]]) -> GlobalModel:
    """Raises UnlikeError for what no learner takes as weights."""
    weights = {name: one for name, one in tensors.items() if ":" not in name}
    if not weights:
        raise UnlikeError("it holds no weights")
    handed_down = {name: one for name, one in tensors.items() if name not in weights}
    return GlobalModel(round=number, weights=require_like(weights, weights), handed_down=handed_down)
