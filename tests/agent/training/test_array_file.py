"""Arrays in a file: what comes back is what was given, or nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.checked_file import DamagedFileError
from agent.training import array_file
from shared.errors import StorageError

ARRAYS: dict[str, NDArray[Any]] = {
    "dense/kernel": np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4),
    "steps": np.array(7, np.int64),
    "none": np.zeros((0, 3), np.float16),
}


def same(found: dict[str, NDArray[Any]]) -> bool:
    return {name: (one.dtype, one.tolist()) for name, one in found.items()} == {
        name: (one.dtype, one.tolist()) for name, one in ARRAYS.items()
    }


def test_numpy_reads_it_without_pickle(tmp_path: Path) -> None:
    array_file.write(tmp_path / "weights.npz", ARRAYS)
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as found:
        assert same(dict(found))


def test_equal_arrays_are_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        array_file.write(tmp_path / name, ARRAYS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
# Where the directory of the file is said to lie: before its beginning.
@example(position=811, bit=0)
def test_a_flipped_bit_is_seen_or_is_not_in_the_arrays(
    tmp_path_factory: pytest.TempPathFactory, position: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("flipped") / "weights.npz"
    array_file.write(path, ARRAYS)
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1 << bit
    path.write_bytes(content)
    try:
        found = array_file.read(path)
    except DamagedFileError:
        return
    assert same(found) or set(found) != set(ARRAYS)


@given(share=st.floats(0, 0.999))
def test_a_file_cut_short_is_damaged(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    path = tmp_path_factory.mktemp("short") / "weights.npz"
    array_file.write(path, ARRAYS)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DamagedFileError, match="is damaged"):
        array_file.read(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        array_file.write(tmp_path / "nowhere" / "weights.npz", ARRAYS)
    with pytest.raises(StorageError, match="nowhere"):
        array_file.read(tmp_path / "nowhere")


def test_an_array_of_objects_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    array_file.write(path, ARRAYS)
    with pytest.raises(ValueError, match="allow_pickle"):
        array_file.write(path, {"objects": np.array([object()])})
    assert same(array_file.read(path))


def test_what_unfolds_to_more_than_is_expected_is_not_unfolded(tmp_path: Path) -> None:
    array_file.write(tmp_path / "weights.npz", ARRAYS)
    assert same(array_file.read(tmp_path / "weights.npz", most_bytes=2000))
    with pytest.raises(DamagedFileError, match="and 100 are expected"):
        array_file.read(tmp_path / "weights.npz", most_bytes=100)
