"""Tensors to bytes and back, a micro-batch at a time.

A value is the tensor's elements, C order, little endian, nothing else. The header `fogline-tensor` says which they are;
a record without it has the dtype and shape that the tier expects, encoded as `raw`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.documents.deployment import FeaturesEncoding
from shared.documents.types import DType, TensorSpec
from shared.errors import RecordError
from shared.record import tensor_header
from shared.record.decoded import Decoded
from shared.record.finite import finite_rows

_RAW, _F16, _U8 = FeaturesEncoding.RAW, FeaturesEncoding.F16, FeaturesEncoding.U8
_LARGEST_AFFINE = float(np.finfo(np.float32).max) / 4
_SMALLEST_SCALE = np.finfo(np.float32).tiny
_SMALLEST_RANGE = 255 * float(_SMALLEST_SCALE)
_HALF, _ONE, _STEPS = np.float32(0.5), np.float32(1), np.float32(255)
_UINT8 = np.dtype(np.uint8)
_PLAIN = np.array([[1.0], [0.0]])


def encode_batch(batch: NDArray[Any], encoding: FeaturesEncoding) -> tuple[list[bytes], list[bytes]]:
    """The values and the `fogline-tensor` headers of `batch`, shape `[n, *shape]`.

    `f16` rounds to half precision. `u8` takes each record's own range in 255 steps, so no number is off by more than
    half a step, (greatest - least) / 510, and float32 rounding. Only floats are encoded, and a record whose numbers
    the encoding cannot hold (too great for it, or not finite) travels raw: its header says so.
    """
    dtype, shape = DType(batch.dtype.name), tuple(batch.shape[1:])
    if batch.dtype.kind != "f" or (encoding is _F16 and dtype is DType.FLOAT16):
        encoding = _RAW
    flat = batch.reshape(len(batch), prod(shape))
    if encoding is _U8:
        return _encode_affine(flat, dtype, shape)
    start = tensor_header.start(dtype, shape, encoding)
    if encoding is _RAW:
        return _rows(flat, flat.dtype.newbyteorder("<")), [start] * len(batch)
    with np.errstate(over="ignore"):
        halves = flat.astype("<f2")
    values, headers = _rows(halves, halves.dtype), [start] * len(batch)
    unfit = np.flatnonzero(~finite_rows(halves)).tolist()
    return _raw_where(unfit, flat, values, headers, shape)


def _encode_affine(flat: NDArray[Any], dtype: DType, shape: tuple[int, ...]) -> tuple[list[bytes], list[bytes]]:
    numbers = flat if dtype is DType.FLOAT32 else _narrowed(flat)
    least, greatest = np.minimum.reduce(numbers, axis=1), np.maximum.reduce(numbers, axis=1)
    unfit = [row for row, ends in enumerate(zip(least.tolist(), greatest.tolist(), strict=True)) if _unfit(*ends)]
    if unfit:
        numbers = numbers.copy()
        numbers[unfit] = least[unfit] = greatest[unfit] = 0
    scale = (greatest - least) / _STEPS
    scaled = numbers - least[:, None]
    scaled *= (_ONE / np.maximum(scale, _SMALLEST_SCALE))[:, None]
    scaled += _HALF
    values = _rows(scaled.astype(np.uint8), _UINT8)
    start = tensor_header.start(dtype, shape, _U8)
    headers = [start + end for end in tensor_header.affine_ends(scale, least)]
    return _raw_where(unfit, flat, values, headers, shape)


def _narrowed(flat: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return flat.astype(np.float32)


def _unfit(least: float, greatest: float) -> bool:
    """Too great, too close together, or not finite."""
    fits = -_LARGEST_AFFINE < least <= greatest < _LARGEST_AFFINE
    return not fits or 0 < greatest - least < _SMALLEST_RANGE


def _raw_where(
    rows: Sequence[int], flat: NDArray[Any], values: list[bytes], headers: list[bytes], shape: tuple[int, ...]
) -> tuple[list[bytes], list[bytes]]:
    for row in rows:
        values[row] = flat[row].astype(flat.dtype.newbyteorder("<"), copy=False).tobytes()
        headers[row] = tensor_header.start(DType(flat.dtype.name), shape, _RAW)
    return values, headers


def _rows(flat: NDArray[Any], dtype: np.dtype[Any]) -> list[bytes]:
    joined = flat.astype(dtype, copy=False).tobytes()
    size = flat.shape[1] * dtype.itemsize
    return [joined[at : at + size] for at in range(0, len(joined), size)]


def decode_batch(values: Sequence[bytes | None], headers: Sequence[bytes | None], spec: TensorSpec) -> Decoded:
    """Tensors of `spec` from values and their `fogline-tensor` headers; a bad record gets an entry in `errors`."""
    expected = _expected(spec)
    batch = _decode_alike(values, headers, expected)
    if batch is None:
        return _decode_mixed(values, headers, expected)
    return without_bad_numbers(batch, {})


def without_bad_numbers(batch: NDArray[Any], errors: dict[int, RecordError]) -> Decoded:
    """`batch` less the rows in `errors` and those which hold NaN or an infinity."""
    kept: Sequence[int] = range(len(batch))
    if errors:
        kept = [index for index in kept if index not in errors]
        batch = batch[kept]
    if batch.dtype.kind in "iu":
        return Decoded(batch, kept, errors)
    finite = finite_rows(batch)
    if finite.all():
        return Decoded(batch, kept, errors)
    what = "a byte that is no boolean" if batch.dtype.kind == "b" else "NaN or an infinity"
    for index, good in zip(kept, finite, strict=True):
        if not good:
            errors[index] = RecordError(f"the tensor holds {what}")
    return Decoded(batch[finite], [index for index in kept if index not in errors], errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """What follows from a spec, worked out once."""

    spec: TensorSpec
    dtype: np.dtype[Any]
    value_bytes: dict[FeaturesEncoding, int]
    whole_headers: dict[bytes | None, FeaturesEncoding]
    affine_start: bytes


@lru_cache(maxsize=256)
def _expected(spec: TensorSpec) -> _Expected:
    dtype = np.dtype(spec.dtype.value)
    sizes = {_RAW: dtype.itemsize}
    if dtype.kind == "f":
        sizes |= {_F16: 2, _U8: 1}
    starts = {encoding: tensor_header.start(spec.dtype, spec.shape, encoding) for encoding in FeaturesEncoding}
    return _Expected(
        spec=spec,
        dtype=dtype,
        value_bytes={encoding: spec.elements * size for encoding, size in sizes.items()},
        whole_headers={None: _RAW} | {starts[encoding]: encoding for encoding in sizes if encoding is not _U8},
        affine_start=starts[_U8] if _U8 in sizes else b"",
    )


def _decode_alike(
    values: Sequence[bytes | None], headers: Sequence[bytes | None], expected: _Expected
) -> NDArray[Any] | None:
    """The whole batch at once, where all its records are of one encoding and of the right size; else None."""
    if not headers or None in values:
        return None
    first = headers[0]
    affine = _PLAIN
    encoding = expected.whole_headers.get(first)
    if encoding is None:
        found = tensor_header.parse_affine(headers, expected.affine_start) if expected.affine_start else None
        if found is None:
            return None
        encoding, affine = _U8, found
    elif any(header != first for header in headers):
        return None
    if set(map(len, values)) != {expected.value_bytes[encoding]}:  # type: ignore[arg-type]  # none is None
        return None
    return _numbers(bytearray().join(values), encoding, affine, expected)  # type: ignore[arg-type]  # none is None


def _decode_mixed(values: Sequence[bytes | None], headers: Sequence[bytes | None], expected: _Expected) -> Decoded:
    """One record after the other, for a batch of which at least one is unlike the others."""
    errors: dict[int, RecordError] = {}
    batch = np.zeros((len(values), *expected.spec.shape), expected.dtype)
    for index, (value, header) in enumerate(zip(values, headers, strict=True)):
        try:
            batch[index] = _decode_one(value or b"", header, expected)[0]
        except RecordError as error:
            errors[index] = error
    return without_bad_numbers(batch, errors)


def _decode_one(value: bytes, header: bytes | None, expected: _Expected) -> NDArray[Any]:
    encoding, affine = _RAW, _PLAIN
    if header is not None:
        layout = tensor_header.parse(header)
        _check_layout(layout, expected)
        encoding, affine = layout.encoding, np.array([[layout.scale], [layout.zero]])
    wanted = expected.value_bytes[encoding]
    if len(value) != wanted:
        extent = "short" if len(value) < wanted else "long"
        raise RecordError(f"the value is too {extent}: {len(value)} bytes instead of {wanted}")
    return _numbers(bytearray(value), encoding, affine, expected)


def _check_layout(layout: tensor_header.Layout, expected: _Expected) -> None:
    spec = expected.spec
    if layout.dtype is not spec.dtype or layout.shape != spec.shape:
        found, wanted = f"{layout.dtype}{list(layout.shape)}", f"{spec.dtype}{list(spec.shape)}"
        raise RecordError(f"the tensor is {found}, expected is {wanted}")
    if layout.encoding not in expected.value_bytes:
        raise RecordError(f"a tensor of {spec.dtype} cannot be encoded as {layout.encoding}")


def _numbers(content: bytearray, encoding: FeaturesEncoding, affine: NDArray[Any], expected: _Expected) -> NDArray[Any]:
    """Shape `[n, *shape]` from checked bytes, writable, because PyTorch warns of tensors that are not."""
    shape = (-1, *expected.spec.shape)
    if encoding is _RAW:
        dtype = expected.dtype
        return np.frombuffer(content, dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(shape)
    if encoding is _F16:
        return np.frombuffer(content, "<f2").astype(expected.dtype).reshape(shape)
    return _from_affine(np.frombuffer(content, np.uint8), affine, expected.dtype).reshape(shape)


def _from_affine(steps: NDArray[np.uint8], affine: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """`affine`: the rows scale and zero. What a foreign header makes too great becomes an infinity, refused later."""
    with np.errstate(over="ignore", invalid="ignore"):
        scale, zero = affine.astype(np.float32)
        numbers = steps.reshape(len(scale), -1).astype(np.float32)
        numbers *= scale[:, None]
        numbers += zero[:, None]
        return numbers.astype(dtype, copy=False)
