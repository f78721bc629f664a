import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.backends.flatbuffer.quantised import Quantisation

DTYPES = st.sampled_from([np.dtype(np.int8), np.dtype(np.uint8), np.dtype(np.int16)])
SCALES = st.floats(1e-4, 1e2)


@given(dtype=DTYPES, scale=SCALES, zero_point=st.integers(-128, 127), data=st.data())
def test_what_integers_stand_for_is_encoded_as_them(
    dtype: np.dtype[np.integer], scale: float, zero_point: int, data: st.DataObject
) -> None:
    limits = np.iinfo(dtype)
    integers = np.array(data.draw(st.lists(st.integers(int(limits.min), int(limits.max)), min_size=1)), dtype)
    quantisation = Quantisation(dtype=dtype, scale=scale, zero_point=zero_point)
    assert np.array_equal(quantisation.encode(quantisation.decode(integers)), integers)


@given(dtype=DTYPES, reals=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1))
def test_a_real_out_of_range_becomes_the_nearest_there_is(dtype: np.dtype[np.integer], reals: list[float]) -> None:
    quantisation = Quantisation(dtype=dtype, scale=0.5, zero_point=3)
    given_reals = np.array(reals, np.float32)
    limits = quantisation.decode(np.array([np.iinfo(dtype).min, np.iinfo(dtype).max], dtype))
    found = quantisation.decode(quantisation.encode(given_reals))
    assert np.abs(found - np.clip(given_reals, limits[0], limits[1])).max() <= 0.25


def test_bytes_of_an_image_are_their_own_quantisation() -> None:
    quantisation = Quantisation(dtype=np.dtype(np.uint8), scale=1.0, zero_point=0)
    pixels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(quantisation.encode(pixels.astype(np.float32)), pixels)


@pytest.mark.parametrize(("real", "integer"), [(0.5, 0), (1.5, 2), (-0.5, 0), (300.0, 127), (-300.0, -128)])
def test_ties_go_to_even_and_ends_hold(real: float, integer: int) -> None:
    quantisation = Quantisation(dtype=np.dtype(np.int8), scale=1.0, zero_point=0)
    assert quantisation.encode(np.array([real], np.float32))[0] == integer
