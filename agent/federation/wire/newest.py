"""The newest whole content of a compacted topic, whatever lies in it beside: older chunks, and half of a newer one.

found = await newest(cluster, topic, global_manifest, folder=folder)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from agent.federation.weights import UnlikeError
from agent.federation.wire.chunks import MANIFEST_KEY, ChunkKey, chunk_key
from agent.federation.wire.manifests import Content
from agent.federation.wire.reading import BOUNDS, end_of, only_partition, records
from shared.documents import Cluster
from shared.errors import DocumentError
from shared.kafka import connect, consumer, stop_within, translated
from shared.storage import storage_errors

_STOP_TIMEOUT_S = 5.0


class Manifest(Protocol):
    """`number`: that its chunks are keyed by."""

    @property
    def number(self) -> int: ...

    @property
    def content(self) -> Content: ...


M = TypeVar("M", bound=Manifest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[M]):
    manifest: M
    raw: bytes


async def newest(
    cluster: Cluster, topic: str, read: Callable[[bytes], M], *, folder: Path
) -> tuple[Found[M] | None, "Newest[M]"]:
    """What is newest up to the topic's end, None of a topic without any; and the reader, to be fed with what comes.

    `folder` is the reader's alone. Raises ClusterError, StorageError, UnlikeError for a topic whose manifests speak of
    what is not there.
    """
    reader = Newest(read, folder)
    client = consumer(cluster, group=None, read_committed=True, bounds=BOUNDS)
    partition = only_partition(topic)
    with translated(cluster.name):
        try:
            await connect(client)
            while reader.position < (end := await end_of(client, partition)):
                async for record in records(client, partition, start=reader.position or None, end=end):
                    reader.take(record.key, record.value)
                reader.position = end
        finally:
            await stop_within(client, _STOP_TIMEOUT_S)
    found = reader.found()
    if found is None and reader.trouble:
        raise UnlikeError(f"topic {topic!r}: {reader.trouble}")
    return found, reader


class Newest(Generic[M]):
    """Is fed with a topic's records in their order, and holds what is whole and what is coming on the disk.

    Compaction may have kept the later copy of a chunk that was sent twice, so that places need not come in order.
    `position`: the offset to go on from, kept by whoever feeds it. `trouble`: what the latest manifest lacks.
    """

    def __init__(self, read: Callable[[bytes], M], folder: Path) -> None:
        self.position = 0
        self.trouble = ""
        self._read = read
        self._whole: tuple[M, _Coming] | None = None
        self._files = (folder / "one", folder / "other")
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._coming = _Coming(self._files[0])
        self._chunks: dict[int, int] = {}

    def take(self, key: bytes | None, value: bytes | None) -> M | None:
        """A manifest that made something newer whole. Raises StorageError."""
        if key == MANIFEST_KEY:
            return self._judge(value or b"")
        place = chunk_key(key)
        if place is None:
            return None
        if value is None:
            self._chunks.pop(place.number, None)
        else:
            self._keep(place, value)
        return None

    def found(self) -> Found[M] | None:
        """Raises StorageError."""
        if self._whole is None:
            return None
        manifest, chunks = self._whole
        return Found(manifest=manifest, raw=chunks.laid_end_to_end())

    @property
    def others(self) -> Mapping[int, int]:
        """How many chunks lie in the topic of numbers that are not the newest: whoever owns it may withdraw them."""
        newest = self._whole and self._whole[0].number
        return {number: chunks for number, chunks in self._chunks.items() if number != newest}

    def _keep(self, place: ChunkKey, chunk: bytes) -> None:
        self._chunks[place.number] = max(self._chunks.get(place.number, 0), place.place + 1)
        if self._whole is not None and place.number == self._whole[0].number:
            # Published again by one who was not sure: the same bytes.
            return
        if place.number != self._coming.number:
            self._coming.begin(place.number)
        self._coming.take(place.place, chunk)

    def _judge(self, raw: bytes) -> M | None:
        try:
            manifest = self._read(raw)
        except DocumentError as error:
            self.trouble = f"its manifest cannot be read: {error}"
            return None
        if self._whole is not None and manifest.number == self._whole[0].number:
            return None
        self.trouble = self._coming.obstacle(manifest)
        if self.trouble:
            return None
        self._whole = manifest, self._coming
        self._coming = _Coming(next(one for one in self._files if one != self._coming.file))
        return manifest


@dataclass(slots=True)
class _Coming:
    """The chunks of one number, each where it lies in a file; as long as each comes once and in its place, reckoned up
    as they come."""

    file: Path
    number: int = -1
    _places: dict[int, tuple[int, int]] = field(default_factory=dict)
    _size: int = 0
    _digest: Any = None

    def begin(self, number: int) -> None:
        self.number, self._size, self._digest = number, 0, sha256()
        self._places.clear()

    def take(self, place: int, chunk: bytes) -> None:
        with storage_errors(self.file), self.file.open("r+b" if self._size else "wb") as file:
            file.seek(self._size)
            file.write(chunk)
        if self._digest is not None and place == len(self._places):
            self._digest.update(chunk)
        else:
            self._digest = None
        self._places[place] = self._size, len(chunk)
        self._size += len(chunk)

    def obstacle(self, manifest: Manifest) -> str:
        """Why this is not what the manifest speaks of; empty when it is."""
        number, content = manifest.number, manifest.content
        if self.number != number:
            return f"no chunk of {number} came before its manifest"
        if (missing := next(place for place in count() if place not in self._places)) < content.chunks:
            return f"chunk {missing} of {content.chunks} is missing of {number}"
        size = sum(length for place, (_, length) in self._places.items() if place < content.chunks)
        if size != content.size_bytes:
            return f"{number} has {size} bytes, and its manifest says {content.size_bytes}"
        if self._sha256(content.chunks) != content.sha256:
            return f"{number} has another digest than its manifest says"
        return ""

    def laid_end_to_end(self, chunks: int | None = None) -> bytes:
        with storage_errors(self.file), self.file.open("rb") as file:
            if self._is_as_it_came(chunks):
                return file.read(self._size)
            return b"".join(self._read(file, *self._places[place]) for place in sorted(self._places)[:chunks])

    def _sha256(self, chunks: int) -> str:
        if self._is_as_it_came(chunks):
            found: str = self._digest.hexdigest()
            return found
        return sha256(self.laid_end_to_end(chunks)).hexdigest()

    def _is_as_it_came(self, chunks: int | None) -> bool:
        return self._digest is not None and chunks in (None, len(self._places))

    @staticmethod
    def _read(file: BinaryIO, start: int, length: int) -> bytes:
        file.seek(start)
        return file.read(length)
