"""The frames of a spool's files: one appended group of entries each, so that a group is there wholly or not at all.

A frame is `crc32, body length, first sequence number, entries` (little endian; the checksum covers all that follows it)
and the body, a msgpack array of entries.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from shared.errors import StorageError
from shared.record.headers import Header

_CHECKSUM = struct.Struct("<I")
_REST = struct.Struct("<IQI")
HEAD_BYTES = _CHECKSUM.size + _REST.size


class SpoolEntry(msgspec.Struct, frozen=True, array_like=True):
    """One record as it will be sent."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()


class Frame(NamedTuple):
    """Where one frame lies in its file, and the sequence numbers of its entries, `end` exclusive."""

    start: int
    stop: int
    first: int
    end: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[SpoolEntry])


def encode(entries: Sequence[SpoolEntry], first: int) -> bytes:
    body = _encoder.encode(entries)
    rest = _REST.pack(len(body), first, len(entries))
    return _CHECKSUM.pack(zlib.crc32(body, zlib.crc32(rest))) + rest + body


def stated_length(content: bytes, start: int) -> int:
    """Bytes of the frame at `start` as it says itself, true or not; of its head alone where there is no more."""
    if len(content) - start < HEAD_BYTES:
        return HEAD_BYTES
    length, _, _ = _REST.unpack_from(content, start + _CHECKSUM.size)
    return HEAD_BYTES + int(length)


def frame_at(content: bytes, start: int) -> Frame | None:
    """The frame that begins at `start`; None when it is torn or damaged."""
    stop = start + stated_length(content, start)
    if stop > len(content):
        return None
    # A page of zeros, as a power cut may leave it, is no frame: the checksum of zeros is not zero.
    (checksum,) = _CHECKSUM.unpack_from(content, start)
    if zlib.crc32(memoryview(content)[start + _CHECKSUM.size : stop]) != checksum:
        return None
    _, first, entries = _REST.unpack_from(content, start + _CHECKSUM.size)
    return Frame(start, stop, first, first + entries)


def decode(content: bytes) -> tuple[Frame, list[SpoolEntry]]:
    """One frame, checked again; raises StorageError when it was damaged since it was written."""
    frame = frame_at(content, 0)
    if frame is None:
        raise StorageError("the spool is damaged: what was written cannot be read back")
    return frame, _decoder.decode(memoryview(content)[HEAD_BYTES:])
