"""A batch is inferred in portions that fit the cache: less memory, the same answers."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.backends.flatbuffer.portions import portion
from agent.backends.protocol import Outputs
from agent.backends.tensors import in_portions


def tensor(*signature: int, dtype: type = np.float32) -> dict[str, Any]:
    return {"shape_signature": np.array(signature, np.int32), "dtype": dtype}


def test_the_largest_tensor_with_a_row_for_each_record_decides() -> None:
    weights, small, large = tensor(512, 1024), tensor(-1, 10), tensor(-1, 32, 32, 32)
    assert portion([weights, small, large]) == 2**20 // (32 * 32 * 32 * 4)


def test_bytes_allow_larger_portions_than_floats() -> None:
    assert portion([tensor(-1, 1024, dtype=np.uint8)]) == 4 * portion([tensor(-1, 1024)])


def test_a_record_that_does_not_fit_is_inferred_alone() -> None:
    assert portion([tensor(-1, 2**24)]) == 1


def test_a_file_that_says_nothing_of_its_tensors_gets_whole_batches() -> None:
    assert portion([tensor(), tensor(3, 4)]) >= 4096


@given(records=st.integers(1, 40), size=st.integers(1, 50))
def test_portions_give_what_the_whole_batch_gives(records: int, size: int) -> None:
    seen: list[int] = []

    def infer(batch: NDArray[Any]) -> Outputs:
        seen.append(len(batch))
        return Outputs(exit=batch * 2, features=None)

    batch = np.arange(records * 3, dtype=np.float32).reshape(records, 3)
    found = in_portions(infer, batch, size)
    assert found.exit is not None
    np.testing.assert_array_equal(found.exit, batch * 2)
    assert found.features is None
    assert max(seen) <= size
