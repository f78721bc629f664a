"""An update to its participant's topic: chunks first, the signed manifest that makes them count last.

    <content>          the bytes, as the manifest describes them
    <content>.sent     how many chunks of which update the broker has acknowledged

Whoever sends the same again, in this process or the next, goes on where that was; what was sent twice counts once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaProducer

from agent import checked_file
from agent.federation.wire.chunks import CHUNK_BYTES, MANIFEST_KEY, ChunkKey
from agent.federation.wire.manifests import UpdateManifest, to_bytes
from agent.federation.wire.signing import HEADER
from shared.documents import Cluster, decode, encode
from shared.documents.types import Message
from shared.errors import ClusterError, DocumentError
from shared.kafka import connect, producer, stop_within, translated
from shared.storage import storage_errors

MOST_UNACKNOWLEDGED = 4
"""So many chunks are in memory."""
DELIVERY_TIMEOUT_S = 120.0
_REQUEST_TIMEOUT_MS = 60_000
"""A chunk alone travels in a request: on a link of 70 kbit/s it arrives in time."""
_TOGETHER = 8
"""So many chunks are asked for, and remembered, at once: each of them would cost a disk more than a network."""
_STOP_TIMEOUT_S = 5.0


class _Sent(Message, frozen=True, kw_only=True):
    number: int
    sha256: str
    chunks: int


@dataclass(slots=True, kw_only=True)
class Sending:
    """`topic`: the participant's own, which is there. `signature` of bytes, by the node's key.

    `leave` returns when so many bytes may leave; `acknowledged` is told how many of the chunks have arrived.
    """

    cluster: Cluster
    topic: str
    signature: Callable[[bytes], bytes]
    leave: Callable[[int], Awaitable[None]]
    acknowledged: Callable[[int, int], None]

    async def send(self, content: Path, manifest: UpdateManifest) -> None:
        """On return the broker has all of it. Raises ClusterError, and then goes on where it was; StorageError."""
        place = await asyncio.to_thread(_begun, content, manifest)
        client = producer(self.cluster, max_batch_bytes=CHUNK_BYTES + 2**12, request_timeout_ms=_REQUEST_TIMEOUT_MS)
        with translated(self.cluster.name):
            try:
                await connect(client)
                await self._chunks(client, content, manifest, place)
                await self._manifest(client, manifest)
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _chunks(self, client: AIOKafkaProducer, content: Path, manifest: UpdateManifest, place: int) -> None:
        waiting: deque[asyncio.Future[object]] = deque()
        total = manifest.content.chunks
        for one in range(place, total):
            if (one - place) % _TOGETHER == 0:
                await self.leave(min(_TOGETHER * CHUNK_BYTES, manifest.content.size_bytes - one * CHUNK_BYTES))
            chunk = await asyncio.to_thread(_chunk, content, one)
            key = ChunkKey(manifest.number, one).to_bytes()
            waiting.append(await client.send(self.topic, key=key, value=chunk, partition=0))
            if len(waiting) >= MOST_UNACKNOWLEDGED:
                await self._arrived(waiting, content, manifest, one + 1)
        while waiting:
            await self._arrived(waiting, content, manifest, total)

    async def _arrived(
        self, waiting: deque[asyncio.Future[object]], content: Path, manifest: UpdateManifest, sent: int
    ) -> None:
        """The oldest of those under way; `sent` chunks are, or were."""
        await self._delivered(waiting[0])
        waiting.popleft()
        chunks = sent - len(waiting)
        if chunks % _TOGETHER == 0 or not waiting:
            await asyncio.to_thread(_remember, content, manifest, chunks)
        self.acknowledged(chunks, manifest.content.chunks)

    async def _manifest(self, client: AIOKafkaProducer, manifest: UpdateManifest) -> None:
        raw = to_bytes(manifest)
        headers = [(HEADER, await asyncio.to_thread(self.signature, raw))]
        await self.leave(len(raw))
        await self._delivered(await client.send(self.topic, key=MANIFEST_KEY, value=raw, headers=headers, partition=0))

    async def _delivered(self, delivery: "asyncio.Future[object]") -> None:
        done, _ = await asyncio.wait([delivery], timeout=DELIVERY_TIMEOUT_S)
        if not done:
            raise ClusterError(f"cluster {self.cluster.name!r} acknowledges nothing (is it well, and the link to it?)")
        delivery.result()


def _chunk(content: Path, place: int) -> bytes:
    with storage_errors(content), content.open("rb") as file:
        file.seek(place * CHUNK_BYTES)
        return file.read(CHUNK_BYTES)


def _begun(content: Path, manifest: UpdateManifest) -> int:
    """How many chunks need not be sent any more."""
    try:
        raw = checked_file.read(_beside(content))
        found = None if raw is None else decode(raw, _Sent)
    except (checked_file.DamagedFileError, DocumentError):
        # Sent twice they count once.
        found = None
    is_same = found is not None and (found.number, found.sha256) == (manifest.number, manifest.content.sha256)
    return min(found.chunks, manifest.content.chunks) if found is not None and is_same else 0


def _remember(content: Path, manifest: UpdateManifest, chunks: int) -> None:
    sent = _Sent(number=manifest.number, sha256=manifest.content.sha256, chunks=chunks)
    checked_file.write(_beside(content), encode(sent))


def _beside(content: Path) -> Path:
    return content.with_name(content.name + ".sent")
