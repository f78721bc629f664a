"""Tensors by name to bytes and back, as safetensors: nothing in it is ever run.

https://huggingface.co/docs/safetensors; equal tensors give equal bytes. They are written here and not by the library,
which holds two copies of all of them while it does: a coordinator would need several times its model. What is read was
written by anybody, and the library reads it.
"""

import json
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from agent.federation.weights import UnlikeError

_NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint64": "U64",
    "uint32": "U32",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
}
_HEADER_ALIGNED_TO = 8

Piece = bytes | memoryview


def pieces(tensors: Mapping[str, NDArray[Any]]) -> Iterator[Piece]:
    """Laid end to end they are what travels; views of the tensors, which must not change meanwhile.

    Raises KeyError for elements that the format has no name for.
    """
    # Wide elements first, so that each tensor lies where a reader may map it.
    ordered = sorted(tensors, key=lambda name: (-tensors[name].itemsize, tensors[name].dtype.name, name))
    yield from _header(tensors, ordered)
    for name in ordered:
        # What numpy reckons with an array of no dimensions is no array any more.
        one = np.asarray(tensors[name], order="C")
        yield one.reshape(-1).view(np.uint8).data


def to_bytes(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    return b"".join(pieces(tensors))


def from_bytes(raw: bytes) -> dict[str, NDArray[Any]]:
    """Raises UnlikeError for what is none, from whomever it came."""
    try:
        return dict(load(raw))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UnlikeError(f"no tensors: {error}") from error


def _header(tensors: Mapping[str, NDArray[Any]], ordered: list[str]) -> Iterator[bytes]:
    described, start = {}, 0
    for name in ordered:
        one = np.asarray(tensors[name])
        end = start + prod(one.shape) * one.itemsize
        described[name] = {"dtype": _NAMES[one.dtype.name], "shape": list(one.shape), "data_offsets": [start, end]}
        start = end
    raw = json.dumps(described, separators=(",", ":"), ensure_ascii=False).encode()
    raw += b" " * (-len(raw) % _HEADER_ALIGNED_TO)
    yield len(raw).to_bytes(8, "little")
    yield raw
