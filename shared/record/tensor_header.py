"""The header `fogline-tensor`: what the bytes of a value are.

A msgpack array `[version, dtype, shape, encoding]`, and for the encoding `u8` two floats more, `scale` and `zero`: byte
`q` stands for the number `zero + scale * q`.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.documents.deployment import FeaturesEncoding
from shared.documents.types import DType
from shared.errors import RecordError

VERSION = 1
AFFINE_BYTES = 10
_FLOAT32 = 0xCA
_END = struct.Struct(">BfBf")
_AFFINE = np.dtype([("mark_scale", "u1"), ("scale", ">f4"), ("mark_zero", "u1"), ("zero", ">f4")])


class Layout(msgspec.Struct, frozen=True):
    """What one header says."""

    dtype: DType
    shape: tuple[int, ...]
    encoding: FeaturesEncoding
    scale: float = 1.0
    zero: float = 0.0


class _Wire(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    dtype: DType
    shape: tuple[int, ...]
    encoding: FeaturesEncoding
    scale: float = 1.0
    zero: float = 0.0


class _Head(msgspec.Struct, array_like=True):
    version: int


_decoder = msgspec.msgpack.Decoder(_Wire)
_head_decoder = msgspec.msgpack.Decoder(_Head)


@lru_cache(maxsize=256)
def start(dtype: DType, shape: tuple[int, ...], encoding: FeaturesEncoding) -> bytes:
    """The part all headers of such tensors share: the whole header, but for `u8`, where `AFFINE_BYTES` more follow."""
    fields = msgspec.msgpack.encode((VERSION, dtype, shape, encoding))
    more = 2 if encoding is FeaturesEncoding.U8 else 0
    return bytes([fields[0] + more]) + fields[1:]


def affine_ends(scale: NDArray[np.float32], zero: NDArray[np.float32]) -> list[bytes]:
    """The last `AFFINE_BYTES` of each header of encoding `u8`."""
    pack = _END.pack
    return [pack(_FLOAT32, one, _FLOAT32, other) for one, other in zip(scale.tolist(), zero.tolist(), strict=True)]


def parse(header: bytes) -> Layout:
    """Raises RecordError when it is not a header of this version."""
    try:
        wire = _decoder.decode(header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(_reason(header, str(error))) from error
    if wire.version != VERSION:
        raise RecordError(_reason(header, ""))
    return Layout(wire.dtype, wire.shape, wire.encoding, wire.scale, wire.zero)


def parse_affine(headers: Sequence[bytes | None], start: bytes) -> NDArray[np.float32] | None:
    """Rows scale and zero of headers that are all `start` and an end from `affine_ends`; None when one is not."""
    size = len(start) + AFFINE_BYTES
    known = [header for header in headers if header and len(header) == size and header.startswith(start)]
    if len(known) < len(headers):
        return None
    ends = np.frombuffer(b"".join([header[-AFFINE_BYTES:] for header in known]), _AFFINE)
    if (ends["mark_scale"] != _FLOAT32).any() or (ends["mark_zero"] != _FLOAT32).any():
        return None
    return np.array((ends["scale"], ends["zero"]), np.float32)


def _reason(header: bytes, why: str) -> str:
    try:
        version = _head_decoder.decode(header).version
    except (msgspec.DecodeError, UnicodeDecodeError):
        version = VERSION
    if version != VERSION:
        return f"header fogline-tensor has version {version}, this agent knows {VERSION}"
    return f"header fogline-tensor cannot be read: {why}"
