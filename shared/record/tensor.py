"""Tensors to bytes and back, a micro-batch at a time.

A value is the tensor's elements, C order, little endian, nothing else. The header `fogline-tensor` says which they are;
a record without it has the dtype and shape that the tier expects, encoded as `raw`.
"""

from collections.abc import Mapping, Sequence
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
_ELEMENT_BYTES: Mapping[FeaturesEncoding, int] = {_F16: 2, _U8: 1}
_LARGEST_AFFINE = float(np.finfo(np.float32).max) / 4
_SMALLEST_SCALE = float(np.finfo(np.float32).tiny)


def encode_batch(batch: NDArray[Any], encoding: FeaturesEncoding) -> tuple[list[bytes], list[bytes]]:
    """The values and the `fogline-tensor` headers of `batch`, shape `[n, *shape]`.

    `f16` rounds to half precision. `u8` takes each record's own range in 255 steps, so no number is off by more than
    half a step, (greatest - least) / 510, and float32 rounding. Only floats are encoded, and a record whose numbers
    the encoding cannot hold (too great for it, or not finite) travels raw: its header says so.
    """
    dtype, shape = DType(batch.dtype.name), tuple(batch.shape[1:])
    if batch.dtype.kind != "f" or (encoding is _F16 and dtype is DType.FLOAT16):
        encoding = _RAW
    flat = batch.reshape(len(batch), -1)
    if encoding is _U8:
        return _encode_affine(flat, dtype, shape)
    start = tensor_header.start(dtype, shape, encoding)
    if encoding is _RAW:
        return _rows(flat, flat.dtype.newbyteorder("<")), [start] * len(batch)
    with np.errstate(over="ignore"):
        halves = flat.astype("<f2")
    values, headers = _rows(halves, halves.dtype), [start] * len(batch)
    return _raw_where(~finite_rows(halves), flat, values, headers, shape)


def _encode_affine(flat: NDArray[Any], dtype: DType, shape: tuple[int, ...]) -> tuple[list[bytes], list[bytes]]:
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = flat.astype(np.float32, copy=False)
        least, greatest = numbers.min(axis=1), numbers.max(axis=1)
        scale = (greatest - least) / np.float32(255)
        fits = (np.abs(least) < _LARGEST_AFFINE) & (np.abs(greatest) < _LARGEST_AFFINE)
        fits &= (scale >= _SMALLEST_SCALE) | (greatest == least)
        steps = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=fits & (scale > 0))
        offsets = np.where(fits, least, np.float32(0))
        scaled = numbers - offsets[:, None]
        scaled *= steps[:, None]
        scaled += np.float32(0.5)
        values = _rows(scaled.astype(np.uint8), np.dtype(np.uint8))
    start = tensor_header.start(dtype, shape, _U8)
    headers = [start + end for end in tensor_header.affine_ends(scale, offsets)]
    return _raw_where(~fits, flat, values, headers, shape)


def _raw_where(
    rows: NDArray[np.bool_], flat: NDArray[Any], values: list[bytes], headers: list[bytes], shape: tuple[int, ...]
) -> tuple[list[bytes], list[bytes]]:
    start = tensor_header.start(DType(flat.dtype.name), shape, _RAW)
    for row in np.flatnonzero(rows):
        values[row] = flat[row].astype(flat.dtype.newbyteorder("<"), copy=False).tobytes()
        headers[row] = start
    return values, headers


def _rows(flat: NDArray[Any], dtype: np.dtype[Any]) -> list[bytes]:
    joined = flat.astype(dtype, copy=False).tobytes()
    size = flat.shape[1] * dtype.itemsize
    return [joined[at : at + size] for at in range(0, len(joined), size)]


def decode_batch(values: Sequence[bytes | None], headers: Sequence[bytes | None], spec: TensorSpec) -> Decoded:
    """Tensors of `spec` from values and their `fogline-tensor` headers; a bad record gets an entry in `errors`."""
    errors: dict[int, RecordError] = {}
    scale = np.ones(len(values), np.float32)
    zero = np.zeros(len(values), np.float32)
    rows: dict[FeaturesEncoding, list[int]] = {}
    for index, (value, header) in enumerate(zip(values, headers, strict=True)):
        try:
            layout = _layout(header, spec)
            _check_size(value, layout.encoding, spec)
        except RecordError as error:
            errors[index] = error
        else:
            rows.setdefault(layout.encoding, []).append(index)
            scale[index], zero[index] = layout.scale, layout.zero
    batch = np.empty((len(values), *spec.shape), spec.dtype.value)
    for encoding, indexes in rows.items():
        joined = bytearray().join([values[index] or b"" for index in indexes])
        batch[indexes] = _decode_group(joined, encoding, scale[indexes], zero[indexes], spec)
    return without_bad_numbers(batch, errors)


def without_bad_numbers(batch: NDArray[Any], errors: dict[int, RecordError]) -> Decoded:
    """`batch` less the rows in `errors` and those which hold NaN or an infinity."""
    kept = [index for index in range(len(batch)) if index not in errors]
    if len(kept) < len(batch):
        batch = batch[kept]
    finite = finite_rows(batch)
    if finite.all():
        return Decoded(batch, kept, errors)
    for row in np.flatnonzero(~finite):
        errors[kept[row]] = RecordError("the tensor holds NaN or an infinity")
    return Decoded(batch[finite], [kept[row] for row in np.flatnonzero(finite)], errors)


def _layout(header: bytes | None, spec: TensorSpec) -> tensor_header.Layout:
    if header is None:
        return tensor_header.Layout(spec.dtype, spec.shape, _RAW)
    layout = tensor_header.parse(header)
    if layout.dtype is not spec.dtype or layout.shape != spec.shape:
        raise RecordError(
            f"the tensor is {layout.dtype}{list(layout.shape)}, expected is {spec.dtype}{list(spec.shape)}"
        )
    return layout


def _check_size(value: bytes | None, encoding: FeaturesEncoding, spec: TensorSpec) -> None:
    wanted = spec.elements * _ELEMENT_BYTES.get(encoding, spec.dtype.size_bytes)
    found = 0 if value is None else len(value)
    if found != wanted:
        raise RecordError(
            f"the value is too {'short' if found < wanted else 'long'}: {found} bytes instead of {wanted}"
        )


def _decode_group(
    joined: bytearray,
    encoding: FeaturesEncoding,
    scale: NDArray[np.float32],
    zero: NDArray[np.float32],
    spec: TensorSpec,
) -> NDArray[Any]:
    shape = (len(scale), *spec.shape)
    if encoding is _RAW:
        return np.frombuffer(joined, np.dtype(spec.dtype.value).newbyteorder("<")).reshape(shape)
    if encoding is _F16:
        return np.frombuffer(joined, "<f2").reshape(shape)
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = np.frombuffer(joined, np.uint8).reshape(len(scale), -1).astype(np.float32)
        numbers *= scale[:, None]
        numbers += zero[:, None]
    return numbers.reshape(shape)
