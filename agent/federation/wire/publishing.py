"""Content and its manifest to a compacted topic: chunks first, the manifest last, what is older taken away after that.

Whoever reads the topic finds at any moment the old content or the new, each whole, whatever compaction has done.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from math import ceil

from aiokafka import AIOKafkaProducer

from agent.federation.wire.chunks import CHUNK_BYTES, MANIFEST_KEY, ChunkKey, chunks_of
from agent.federation.wire.manifests import Content
from agent.federation.wire.tensors import Piece
from shared.kafka import translated

_CHUNKS_AT_ONCE = 8
_TOMBSTONES_AT_ONCE = 1000
_TRANSACTION_S = 2.0
"""A broker gives up what is open for long: what is begun within this time passes a thin link before that."""

Keyed = tuple[bytes, bytes | None]


def content_of(*pieces: Piece) -> Content:
    """Of the pieces laid end to end."""
    size, digest = 0, sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
    return Content(chunks=max(1, ceil(size / CHUNK_BYTES)), size_bytes=size, sha256=digest.hexdigest())


async def publish(
    producer: AIOKafkaProducer, topic: str, *, number: int, pieces: Iterable[Piece], manifest: bytes
) -> None:
    """`producer`: transactional and started. `manifest`: of this content, as `content_of` has it.

    Raises ClusterError, of it FencedError; then it may be there or not, and doing it again does no harm.
    """
    # 1. Chunks, which count for nothing yet.
    keyed: Iterator[Keyed] = (
        (ChunkKey(number, place).to_bytes(), chunk) for place, chunk in enumerate(chunks_of(pieces))
    )
    await _send(producer, topic, _some(keyed, _CHUNKS_AT_ONCE))
    # 2. The manifest, which makes them count; acknowledged on return.
    await _send(producer, topic, iter([[(MANIFEST_KEY, manifest)]]))


async def withdraw(producer: AIOKafkaProducer, topic: str, older: Mapping[int, int]) -> None:
    """Chunks of `older` numbers, so many of each, may be taken by compaction. Only after `publish` of a newer one.

    Raises as `publish`.
    """
    keys = (ChunkKey(number, place).to_bytes() for number, chunks in older.items() for place in range(chunks))
    await _send(producer, topic, _some(((key, None) for key in keys), _TOMBSTONES_AT_ONCE))


async def _send(producer: AIOKafkaProducer, topic: str, lots: Iterator[list[Keyed]]) -> None:
    """In as few transactions as their time allows."""
    clock = asyncio.get_running_loop().time
    lot = next(lots, None)
    with translated(topic):
        while lot:
            # Never aborted here: of a producer that has failed the next one under its id aborts what is open.
            await producer.begin_transaction()
            began_s = clock()
            while lot and clock() - began_s < _TRANSACTION_S:
                await asyncio.gather(*[await producer.send(topic, value, key, 0) for key, value in lot])
                lot = next(lots, None)
            await producer.commit_transaction()


def _some(keyed: Iterable[Keyed], most: int) -> Iterator[list[Keyed]]:
    left = iter(keyed)
    while some := [*islice(left, most)]:
        yield some
