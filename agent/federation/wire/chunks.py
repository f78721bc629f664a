"""Content in pieces that a broker takes, under keys that say which: `<number>/<place>`, and the manifest's.

Under one key of a compacted topic only the last record is kept, so a piece has a key of its own.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

CHUNK_BYTES = 2**19
"""Half of what a broker takes by default (`message.max.bytes`), for it counts headers and batches too."""

MANIFEST_KEY = b"manifest"


class ChunkKey(NamedTuple):
    """`number`: of the update, or the round of the model; `place`: from 0."""

    number: int
    place: int

    def to_bytes(self) -> bytes:
        return f"{self.number}/{self.place}".encode()


def chunk_key(raw: bytes | None) -> ChunkKey | None:
    """None for what is no key of a chunk."""
    number, slash, place = (raw or b"").partition(b"/")
    if not slash or not (_is_number(number) and _is_number(place)):
        return None
    return ChunkKey(int(number), int(place))


def chunks_of(pieces: Iterable[bytes | memoryview], size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Of the pieces laid end to end, of which no more than a chunk is ever held twice.

    At least one, so that nothing at all is sent as one empty chunk.
    """
    chunk, is_empty = bytearray(), True
    for piece in pieces:
        view = memoryview(piece)
        while len(view):
            taken = size - len(chunk)
            chunk += view[:taken]
            view, is_empty = view[taken:], False
            if len(chunk) == size:
                yield bytes(chunk)
                chunk.clear()
    if chunk or is_empty:
        yield bytes(chunk)


def _is_number(raw: bytes) -> bool:
    return len(raw) <= 18 and raw.isdigit()
