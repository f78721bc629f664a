"""Every row once an epoch, the same again from any step on, in memory that does not know how long the stream is."""

import tracemalloc
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.training.reading.batches import Batch, batches, in_order, steps
from agent.training.reading.rates import Part
from agent.training.reading.split import split
from shared.documents import Rates
from shared.documents.types import DType, TensorSpec
from tests.agent.training.reading.streams import hollow, numbers_in, shelved

IMAGE = TensorSpec(dtype=DType.FLOAT32, shape=(28, 28))


class Numbers:
    """Examples that are their own row numbers."""

    def __getitem__(self, rows: NDArray[np.int64], /) -> Batch:
        return rows, rows


def epoch_of(rows: int, batch: int, *, seed: int = 1, epoch: int = 0, start_step: int = 0) -> list[list[int]]:
    part = np.arange(rows) * 3
    made = batches(Numbers(), part, batch=batch, seed=seed, epoch=epoch, start_step=start_step)
    return [inputs.tolist() for inputs, _ in made]


@given(rows=st.integers(0, 300), batch=st.integers(1, 400), seed=st.integers(), epoch=st.integers(0, 100))
def test_every_row_comes_once_in_batches_of_one_size(rows: int, batch: int, seed: int, epoch: int) -> None:
    found = epoch_of(rows, batch, seed=seed, epoch=epoch)
    assert sorted(row for one in found for row in one) == [3 * row for row in range(rows)]
    assert len(found) == steps(rows, batch)
    assert all(len(one) == batch for one in found[:-1])


@given(rows=st.integers(0, 300), batch=st.integers(1, 100), start_step=st.integers(0, 20))
def test_from_any_step_on_it_is_what_it_was(rows: int, batch: int, start_step: int) -> None:
    assert epoch_of(rows, batch, start_step=start_step) == epoch_of(rows, batch)[start_step:]


@pytest.mark.parametrize("batch", [1000, 16_384, 20_000])
def test_a_long_epoch_is_resumed_as_a_short_one(batch: int) -> None:
    whole = epoch_of(50_000, batch)
    assert [len(one) for one in whole[:-1]] == [batch] * (len(whole) - 1)
    assert epoch_of(50_000, batch, start_step=2) == whole[2:]


def test_the_order_does_not_depend_on_the_size_of_batches() -> None:
    by_sevens, by_dozens = ([*chain.from_iterable(epoch_of(500, batch))] for batch in (7, 12))
    assert by_sevens == by_dozens


def test_each_epoch_and_each_seed_has_an_order_of_its_own() -> None:
    orders = {tuple(epoch_of(100, 100, seed=seed, epoch=epoch)[0]) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25


def test_inputs_keep_their_labels(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, 1000)
    for inputs, labels in batches(shelf, np.arange(0, 1000, 2), batch=64, seed=1, epoch=0):
        assert [number % 251 for number in numbers_in(inputs)] == labels.tolist()
        assert all(number % 2 == 0 for number in numbers_in(inputs))


def test_a_batch_is_the_callers_to_change(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, 10)
    for inputs, labels in batches(shelf, np.arange(10), batch=4, seed=1, epoch=0):
        inputs *= 0
        labels *= 0
    assert numbers_in(shelf.inputs[:]) == list(range(10))


def test_to_judge_by_rows_come_in_the_order_of_the_disk(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, 100)
    found = [numbers_in(inputs) for inputs, _ in in_order(shelf, np.arange(5, 50), batch=20)]
    assert found == [[*range(5, 25)], [*range(25, 45)], [*range(45, 50)]]


def peak_of_an_epoch(folder: Path, rows: int) -> int:
    shelf = hollow(folder / "shelf", rows, IMAGE)
    tracemalloc.start()
    try:
        found = split(shelf.labels, folder, classes=10, rates=Rates(test=0.0), seed=1)
        for _ in batches(shelf, found.rows[Part.TRAINING], batch=128, seed=1, epoch=0):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_epoch_of_a_hundred_times_the_records_takes_no_more_memory(tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    few = peak_of_an_epoch(tmp_path / "few", 2 * 10**6 // IMAGE.size_bytes)
    many = peak_of_an_epoch(tmp_path / "many", 200 * 10**6 // IMAGE.size_bytes)
    # The blocks in which rows are split and put in order are not full with a few.
    assert many - few < 8 * 2**20
