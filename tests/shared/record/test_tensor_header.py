"""The header `fogline-tensor`, byte for byte: producers in other languages are written against it."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import DType, FeaturesEncoding
from shared.errors import RecordError
from shared.record.tensor_header import Layout, affine_ends, parse, parse_affine, start

START = start(DType.FLOAT32, (7, 7, 8), FeaturesEncoding.U8)


def test_the_header_on_the_wire() -> None:
    assert start(DType.UINT8, (28, 28), FeaturesEncoding.RAW) == b"\x94\x01\xa5uint8\x92\x1c\x1c\xa3raw"
    (end,) = affine_ends(np.array([0.5], np.float32), np.array([-1], np.float32))
    assert START + end == b"\x96\x01\xa7float32\x93\x07\x07\x08\xa2u8\xca\x3f\x00\x00\x00\xca\xbf\x80\x00\x00"


@given(st.sampled_from(DType), st.lists(st.integers(1, 2**31 - 1), max_size=8), st.sampled_from(FeaturesEncoding))
def test_what_is_written_is_read(dtype: DType, shape: list[int], encoding: FeaturesEncoding) -> None:
    header = start(dtype, tuple(shape), encoding)
    if encoding is FeaturesEncoding.U8:
        header += affine_ends(np.array([1], np.float32), np.array([0], np.float32))[0]
    assert parse(header) == Layout(dtype, tuple(shape), encoding)


def test_a_foreign_producer_may_use_any_msgpack_form() -> None:
    foreign = msgspec.msgpack.encode([1, "float32", [7, 7, 8], "u8", 0.5, 2])
    assert parse(foreign) == Layout(DType.FLOAT32, (7, 7, 8), FeaturesEncoding.U8, 0.5, 2.0)


@given(st.lists(st.floats(width=32), min_size=1))
def test_many_affine_headers_are_read_as_one_by_one(numbers: list[float]) -> None:
    wanted = np.array(numbers, np.float32)
    headers = [START + end for end in affine_ends(wanted, -wanted)]
    found = parse_affine(headers, START)
    assert found is not None
    np.testing.assert_array_equal(found, [wanted, -wanted])


@given(
    st.lists(st.none() | st.binary(max_size=40) | st.binary(min_size=10, max_size=10).map(START.__add__), min_size=1)
)
def test_only_canonical_affine_headers_are_read_together(headers: list[bytes | None]) -> None:
    found = parse_affine(headers, START)
    if found is not None:
        one_by_one = [parse(header or b"") for header in headers]
        np.testing.assert_array_equal(found[0], np.array([one.scale for one in one_by_one], np.float32))


@given(st.binary(max_size=60))
def test_garbage_raises_record_error(header: bytes) -> None:
    try:
        parse(header)
    except RecordError:
        return
    assert header[1] == 1


@pytest.mark.parametrize("version", [0, 2, 200, -1])
def test_a_later_version_is_named(version: int) -> None:
    with pytest.raises(RecordError, match=f"version {version}, this agent knows 1"):
        parse(msgspec.msgpack.encode([version, {"quite": "different"}]))
