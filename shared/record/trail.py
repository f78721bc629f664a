"""The way a record took: one entry for each tier it passed, appended without reading the earlier ones.

On the wire a msgpack array of at most 15 entries; one entry is the array
`[node, boot id, version, received, inferred - received, sent - received, confidence]`.
"""

import struct
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.errors import RecordError

MOST_ENTRIES = 15
_EMPTY_ARRAY = 0x90
_FLOAT32 = struct.Struct(">Bf")
_NIL = b"\xc0"


class Passing(msgspec.Struct, frozen=True, kw_only=True):
    """What all records of a micro-batch have in common. Times: microseconds of this node's monotonic clock."""

    node: str
    boot_id: bytes
    version: int
    received_us: int
    inferred_us: int
    sent_us: int


class TrailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One tier passed; `boot_id` in hexadecimal tells whether two entries' clocks are the same one."""

    node: str
    boot_id: str
    version: int
    received_us: int
    inferred_us: int
    sent_us: int
    confidence: float | None


# Sums of two of them still fit into what JSON encoders take.
_Integer = Annotated[int, Meta(ge=-(2**62), le=2**62)]


class _Wire(msgspec.Struct, array_like=True):
    node: str
    boot_id: bytes
    version: _Integer
    received_us: _Integer
    inferred_after_us: _Integer
    sent_after_us: _Integer
    confidence: float | None


_decoder = msgspec.msgpack.Decoder(tuple[_Wire, ...])
_encoder = msgspec.msgpack.Encoder()


def append(trail: bytes | None, passing: Passing, confidence: float | None) -> bytes:
    """`trail` with one entry more. Raises RecordError when it cannot take one."""
    return append_all([trail], passing, [confidence])[0]


def append_all(trails: Sequence[bytes | None], passing: Passing, confidences: Sequence[float | None]) -> list[bytes]:
    """Each trail with one entry more. Raises RecordError when one cannot take it; one that was checked can."""
    head = _head(passing)
    return [
        _grown(trail) + head + _confidence(confidence) for trail, confidence in zip(trails, confidences, strict=True)
    ]


def check(trail: bytes) -> None:
    """Raises RecordError when `trail` is damaged or cannot take another entry."""
    _grown(trail)
    _decode(trail)


def parse(trail: bytes | None) -> tuple[TrailEntry, ...]:
    """Raises RecordError when `trail` is damaged."""
    if trail is None:
        return ()
    return tuple([_entry(wire) for wire in _decode(trail)])


def _decode(trail: bytes) -> tuple[_Wire, ...]:
    try:
        return _decoder.decode(trail)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"header fogline-trail is damaged: {error}") from error


def _head(passing: Passing) -> bytes:
    received = passing.received_us
    after = (passing.inferred_us - received, passing.sent_us - received)
    fields = _encoder.encode((passing.node, passing.boot_id, passing.version, received, *after))
    return bytes([fields[0] + 1]) + fields[1:]


def _confidence(value: float | None) -> bytes:
    return _NIL if value is None else _FLOAT32.pack(0xCA, value)


def _grown(trail: bytes | None) -> bytes:
    """`trail` with its array one longer, the new entry still to come."""
    if trail is None:
        return b"\x91"
    if not trail or not _EMPTY_ARRAY <= trail[0] < _EMPTY_ARRAY + MOST_ENTRIES:
        raise RecordError(f"header fogline-trail is damaged, or has {MOST_ENTRIES} entries already")
    return bytes([trail[0] + 1]) + trail[1:]


def _entry(wire: _Wire) -> TrailEntry:
    return TrailEntry(
        node=wire.node,
        boot_id=wire.boot_id.hex(),
        version=wire.version,
        received_us=wire.received_us,
        inferred_us=wire.received_us + wire.inferred_after_us,
        sent_us=wire.received_us + wire.sent_after_us,
        confidence=wire.confidence,
    )
