"""Rows in files against the same rows in an array; and the memory that looking at them takes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.training.reading.mapped_rows import MappedRows, RowFile
from shared.documents.types import DType, TensorSpec
from shared.errors import StorageError

PAIR = TensorSpec(dtype=DType.INT64, shape=(2,))
SECTOR = TensorSpec(dtype=DType.UINT8, shape=(4096,))


def made(folder: Path, lengths: list[int], resident_bytes: int = 2**20) -> MappedRows:
    """Row i holds i and -i."""
    files, first = [], 0
    for index, length in enumerate(lengths):
        numbers = np.arange(first, first + length)
        np.stack([numbers, -numbers], axis=1).astype("<i8").tofile(folder / str(index))
        files.append(RowFile(folder / str(index), length))
        first += length
    return MappedRows(files, PAIR, resident_bytes=resident_bytes)


@given(lengths=st.lists(st.integers(0, 40), max_size=5), data=st.data(), resident_bytes=st.sampled_from([1, 2**20]))
@settings(max_examples=60)
def test_any_rows_come_in_the_order_asked_for(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], data: st.DataObject, resident_bytes: int
) -> None:
    rows = made(tmp_path_factory.mktemp("rows"), lengths, resident_bytes)
    total = sum(lengths)
    assert len(rows) == total
    numbers = data.draw(st.lists(st.integers(0, total - 1), max_size=60)) if total else []
    assert rows[np.array(numbers, np.int64)].tolist() == [[number, -number] for number in numbers]
    start, stop = data.draw(st.tuples(st.integers(-50, 250), st.integers(-50, 250)))
    assert rows[start:stop].tolist() == [[number, -number] for number in range(total)[start:stop]]


def test_more_rows_than_one_piece_come_in_the_order_asked_for(tmp_path: Path) -> None:
    rows = made(tmp_path, [1500, 3000, 2500], 1)
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
        MappedRows([RowFile(tmp_path / "none", 1)], PAIR, resident_bytes=1)


def mapped_mib() -> float:
    """What this process has in memory of files."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssFile:")[2].split()[0]) / 2**10


@pytest.mark.parametrize("shuffled", [True, False])
def test_pages_that_were_looked_at_are_given_back(tmp_path: Path, *, shuffled: bool) -> None:
    count = 200 * 2**20 // SECTOR.size_bytes
    with (tmp_path / "hollow").open("wb") as file:
        file.truncate(count * SECTOR.size_bytes)
    rows = MappedRows([RowFile(tmp_path / "hollow", count)], SECTOR, resident_bytes=16 * 2**20)
    order = np.random.default_rng(1).permutation(count) if shuffled else np.arange(count)
    before, most = mapped_mib(), 0.0
    for start in range(0, count, 256):
        rows[order[start : start + 256]]
        most = max(most, mapped_mib() - before)
    assert most < 40
