"""Tensors to bytes and back: what survives, how exactly, and what one bad record does to the others: nothing."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from shared.documents import DType, FeaturesEncoding, TensorSpec
from shared.errors import RecordError
from shared.record.tensor import decode_batch, encode_batch
from shared.record.tensor_header import start

RAW, F16, U8 = FeaturesEncoding.RAW, FeaturesEncoding.F16, FeaturesEncoding.U8
FLOATS = (DType.FLOAT16, DType.FLOAT32, DType.FLOAT64)
FOUR = TensorSpec(dtype=DType.FLOAT32, shape=(4,))

Batch = NDArray[np.generic]


@st.composite
def batches(draw: st.DrawFn, dtypes: tuple[DType, ...] = tuple(DType)) -> Batch:
    dtype = np.dtype(draw(st.sampled_from(dtypes)).value)
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=4))
    elements = hnp.from_dtype(dtype, allow_nan=False, allow_infinity=False)
    return draw(hnp.arrays(dtype, (draw(st.integers(0, 5)), *shape), elements=elements))


def spec_of(batch: Batch) -> TensorSpec:
    return TensorSpec(dtype=DType(batch.dtype.name), shape=batch.shape[1:])


def four(*numbers: float) -> bytes:
    return np.array(numbers, "<f4").tobytes()


@given(batches())
def test_raw_gives_back_every_bit(batch: Batch) -> None:
    decoded = decode_batch(*encode_batch(batch, RAW), spec_of(batch))
    assert decoded.errors == {}
    assert decoded.batch.tobytes() == batch.tobytes()
    assert (decoded.batch.dtype, decoded.batch.shape) == (batch.dtype, batch.shape)


@given(batches())
def test_a_value_is_the_tensor_in_c_order_and_little_endian(batch: Batch) -> None:
    values, _ = encode_batch(np.asfortranarray(batch.astype(batch.dtype.newbyteorder(">"))), RAW)
    assert values == [row.astype(row.dtype.newbyteorder("<")).tobytes() for row in batch]


@given(batches(FLOATS))
def test_f16_is_off_by_half_a_unit_in_the_last_place(batch: NDArray[np.floating]) -> None:
    decoded = decode_batch(*encode_batch(batch, F16), spec_of(batch))
    assert decoded.errors == {}
    exact, found = batch.astype(np.float64), decoded.batch.astype(np.float64)
    assert (np.abs(exact - found) <= np.abs(exact) * 2.0**-11 + 2.0**-25).all()


@given(batches(FLOATS))
@example(np.array([[1e6, 1e6 + 1]], np.float32))
@example(np.array([[3e38, -3e38], [1e-45, 0], [65504, -65504]], np.float32))
def test_u8_is_off_by_half_a_step_of_the_records_own_range(batch: NDArray[np.floating]) -> None:
    decoded = decode_batch(*encode_batch(batch, U8), spec_of(batch))
    assert decoded.errors == {}
    for exact, found in zip(batch.astype(np.float64), decoded.batch.astype(np.float64), strict=True):
        half_a_step = exact.max() / 510 - exact.min() / 510
        rounding = np.abs(exact).max() * max(np.finfo(batch.dtype).eps, np.finfo(np.float32).eps) * 2
        assert (np.abs(exact - found) <= half_a_step * (1 + 1e-6) + rounding + 1e-38).all()


def test_u8_keeps_the_least_number_exactly() -> None:
    batch = np.array([[0, 0.1, 7, 3], [5, 5, 5, 5]], np.float32)
    decoded = decode_batch(*encode_batch(batch, U8), FOUR)
    assert decoded.batch[0, 0] == 0
    assert (decoded.batch[1] == 5).all()


@pytest.mark.parametrize("encoding", [F16, U8])
def test_what_an_encoding_cannot_hold_travels_raw(encoding: FeaturesEncoding) -> None:
    batch = np.array([[1, 2, 3, 4], [3e38, -3e38, 0, 1]], np.float32)
    values, headers = encode_batch(batch, encoding)
    assert headers[1] == start(DType.FLOAT32, (4,), RAW)
    assert len(values[0]) < len(values[1]) == 16
    decoded = decode_batch(values, headers, FOUR)
    np.testing.assert_allclose(decoded.batch, batch, atol=0.01)


@pytest.mark.parametrize("encoding", list(FeaturesEncoding))
def test_features_that_are_no_numbers_never_arrive_as_numbers(encoding: FeaturesEncoding) -> None:
    batch = np.array([[1, 2, 3, np.nan], [1, 2, 3, 4], [np.inf, 2, 3, 4]], np.float32)
    decoded = decode_batch(*encode_batch(batch, encoding), FOUR)
    assert list(decoded.kept) == [1]


@pytest.mark.parametrize("encoding", [F16, U8])
def test_numbers_that_are_no_floats_travel_raw(encoding: FeaturesEncoding) -> None:
    batch = np.arange(8, dtype=np.int64).reshape(2, 4)
    assert encode_batch(batch, encoding) == encode_batch(batch, RAW)


@pytest.mark.parametrize("encoding", list(FeaturesEncoding))
def test_a_decoded_batch_may_be_written_to(encoding: FeaturesEncoding) -> None:
    batch = np.ones((3, 4), np.float32)
    assert decode_batch(*encode_batch(batch, encoding), FOUR).batch.flags.writeable


def test_a_record_without_header_has_the_dtype_and_shape_of_the_tier() -> None:
    decoded = decode_batch([four(1, 2, 3, 4)], [None], FOUR)
    assert decoded.batch.tolist() == [[1, 2, 3, 4]]


def test_records_of_different_encodings_share_a_batch() -> None:
    batch = np.array([[1, 2, 3, 4]], np.float32)
    encoded = [encode_batch(batch, encoding) for encoding in FeaturesEncoding]
    values, headers = [one[0][0] for one in encoded], [one[1][0] for one in encoded]
    decoded = decode_batch([*values, values[0]], [*headers, None], FOUR)
    np.testing.assert_allclose(decoded.batch, np.repeat(batch, 4, axis=0), atol=0.01)


BAD = {
    "too short: 0 bytes instead of 16": (None, None),
    "too short: 15 bytes instead of 16": (bytes(15), None),
    "too long: 17 bytes instead of 16": (bytes(17), None),
    "too long: 16 bytes instead of 4": (
        bytes(16),
        start(DType.FLOAT32, (4,), U8) + b"\xca" + bytes(4) + b"\xca" + bytes(4),
    ),
    "NaN or an infinity": (four(1, 2, 3, float("nan")), None),
    "holds NaN or an infinity": (four(1, 2, 3, float("inf")), start(DType.FLOAT32, (4,), RAW)),
    "the tensor is float64[4], expected is float32[4]": (bytes(32), start(DType.FLOAT64, (4,), RAW)),
    "the tensor is float32[2, 2], expected is float32[4]": (bytes(16), start(DType.FLOAT32, (2, 2), RAW)),
    "has version 2, this agent knows 1": (bytes(16), b"\x94\x02" + start(DType.FLOAT32, (4,), RAW)[2:]),
    "version 9": (bytes(16), b"\x91\x09"),
    "cannot be read": (bytes(16), b"\xff\x00garbage"),
    "fogline-tensor cannot be read": (bytes(16), b""),
}


@pytest.mark.parametrize("reason", BAD)
@pytest.mark.parametrize("encoding", list(FeaturesEncoding))
def test_a_bad_record_is_singled_out_with_its_reason(reason: str, encoding: FeaturesEncoding) -> None:
    good = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32)
    values, headers = encode_batch(good, encoding)
    value, header = BAD[reason]
    decoded = decode_batch([values[0], value, values[1]], [headers[0], header, headers[1]], FOUR)
    assert list(decoded.kept) == [0, 2]
    assert reason in str(decoded.errors[1])
    np.testing.assert_allclose(decoded.batch, good, atol=0.02)


def test_a_boolean_is_zero_or_one() -> None:
    spec = TensorSpec(dtype=DType.BOOL, shape=(2,))
    decoded = decode_batch([b"\x00\x01", b"\x02\x01"], [None, None], spec)
    assert decoded.batch.tolist() == [[False, True]]
    assert "no boolean" in str(decoded.errors[1])


def test_integers_are_not_taken_from_an_encoding_of_floats() -> None:
    spec = TensorSpec(dtype=DType.INT32, shape=(2,))
    decoded = decode_batch([bytes(4)], [start(DType.INT32, (2,), F16)], spec)
    assert "cannot be encoded as f16" in str(decoded.errors[0])


@given(
    st.lists(st.tuples(st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=40)), max_size=6),
    st.sampled_from([FOUR, TensorSpec(dtype=DType.INT64, shape=(2,)), TensorSpec(dtype=DType.BOOL, shape=())]),
)
def test_garbage_gives_record_errors_and_nothing_else(
    records: list[tuple[bytes | None, bytes | None]], spec: TensorSpec
) -> None:
    decoded = decode_batch([value for value, _ in records], [header for _, header in records], spec)
    assert all(isinstance(error, RecordError) and str(error).encode() for error in decoded.errors.values())
    assert sorted([*decoded.kept, *decoded.errors]) == list(range(len(records)))
    assert len(decoded.batch) == len(decoded.kept)
    assert np.isfinite(decoded.batch).all()


@given(st.data(), batches(FLOATS).filter(len), st.sampled_from(FeaturesEncoding))
def test_damage_to_one_record_leaves_the_others_as_they_were(
    data: st.DataObject, batch: NDArray[np.floating], encoding: FeaturesEncoding
) -> None:
    values, headers = encode_batch(batch, encoding)
    whole = decode_batch(values, headers, spec_of(batch))
    victim = data.draw(st.integers(0, len(batch) - 1))
    values[victim] = data.draw(st.binary(max_size=len(values[victim]) + 2))
    headers[victim] = data.draw(st.binary(max_size=50) | st.just(headers[victim]))
    damaged = decode_batch(values, headers, spec_of(batch))
    for row, index in enumerate(damaged.kept):
        if index != victim:
            assert damaged.batch[row].tobytes() == whole.batch[index].tobytes()
    assert set(damaged.errors) <= {victim}
