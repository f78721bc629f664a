"""Rows in files against the same rows in an array; and what becomes of damaged files."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.training.reading.stored_rows import RowFile, StoredRows
from shared.documents.types import DType, TensorSpec
from shared.errors import StorageError

PAIR = TensorSpec(dtype=DType.INT64, shape=(2,))
SECTOR = TensorSpec(dtype=DType.UINT8, shape=(4096,))


def made(folder: Path, lengths: list[int]) -> StoredRows:
    """Row i holds i and -i."""
    files, first = [], 0
    for index, length in enumerate(lengths):
        numbers = np.arange(first, first + length)
        np.stack([numbers, -numbers], axis=1).astype("<i8").tofile(folder / str(index))
        files.append(RowFile(folder / str(index), length))
        first += length
    return StoredRows(files, PAIR)


@given(lengths=st.lists(st.integers(0, 40), max_size=5), data=st.data())
@settings(max_examples=60)
def test_any_rows_come_in_the_order_asked_for(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], data: st.DataObject
) -> None:
    rows = made(tmp_path_factory.mktemp("rows"), lengths)
    total = sum(lengths)
    assert len(rows) == total
    numbers = data.draw(st.lists(st.integers(0, total - 1), max_size=60)) if total else []
    assert rows[np.array(numbers, np.int64)].tolist() == [[number, -number] for number in numbers]
    start, stop = data.draw(st.tuples(st.integers(-50, 250), st.integers(-50, 250)))
    assert rows[start:stop].tolist() == [[number, -number] for number in range(total)[start:stop]]


def test_many_rows_of_several_files_come_in_the_order_asked_for(tmp_path: Path) -> None:
    rows = made(tmp_path, [1500, 3000, 2500])
    numbers = np.random.default_rng(1).permutation(7000)
    assert rows[numbers][:, 0].tolist() == numbers.tolist()


def test_a_copy_is_the_callers_to_change(tmp_path: Path) -> None:
    rows = made(tmp_path, [3])
    rows[:][...] = 7
    assert rows[:][:, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize("row", [-1, 3])
def test_a_row_that_is_none_is_refused(tmp_path: Path, row: int) -> None:
    with pytest.raises(IndexError, match="of 3"):
        made(tmp_path, [3])[np.array([1, row])]


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        StoredRows([RowFile(tmp_path / "none", 1)], PAIR)


def test_a_file_that_is_cut_short_while_it_is_read_is_one_clear_line(tmp_path: Path) -> None:
    rows = made(tmp_path, [10])
    os.truncate(tmp_path / "0", 5 * PAIR.size_bytes)
    assert rows[:5][:, 0].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(StorageError, match="nothing at byte 112"):
        rows[np.array([7])]


def test_a_file_shorter_than_promised_is_refused_at_once(tmp_path: Path) -> None:
    made(tmp_path, [10])
    with pytest.raises(StorageError, match="160 of the 176 bytes"):
        StoredRows([RowFile(tmp_path / "0", 11)], PAIR)


def test_looking_at_rows_takes_no_memory_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "hollow").touch()
    count = 200 * 2**20 // SECTOR.size_bytes
    os.truncate(tmp_path / "hollow", count * SECTOR.size_bytes)
    rows = StoredRows([RowFile(tmp_path / "hollow", count)], SECTOR)
    before = resident_mib()
    for start in range(0, count, 256):
        rows[start : start + 256]
    assert resident_mib() - before < 20


def test_files_are_let_go_with_the_object(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    made(tmp_path, [3, 3, 3])
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def resident_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 2**10
