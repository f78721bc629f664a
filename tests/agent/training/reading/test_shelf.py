"""The shelf against a list, through crashes; killed between any two of its steps; a full disk, damage, foreign rows."""

import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from agent.training.reading.manifest import Origin
from agent.training.reading.shelf import Shelf
from agent.training.reading.shelf_writer import ShelfWriter
from shared.documents.types import DType, TensorSpec
from shared.errors import BusyError, DiskFullError, DocumentError, StorageError
from tests.agent.training.reading.streams import INPUTS, LABELS, numbered, numbers_in, opened, read_on, shelved

ROOT = Path(__file__).parents[4]
ORIGINS: list[Origin] = [("b", 0), ("a", 10), ("a", 9)]
BOTH: list[Origin] = [("a", 1), ("a", 0)]
origins = st.sampled_from(ORIGINS)


class ShelfMachine(RuleBasedStateMachine):
    """Whatever happens, a shelf holds what was committed, by topic, Kafka partition and offset."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp(prefix="shelf-"))
        self.written: dict[Origin, tuple[int, list[int]]] = {}
        self.committed = deepcopy(self.written)
        self.rejected = 0
        self.writer = opened(self.path)

    def teardown(self) -> None:
        self.writer.close()
        shutil.rmtree(self.path)

    @rule(origin=origins, count=st.integers(0, 5), gap=st.integers(0, 2))
    def append(self, origin: Origin, count: int, gap: int) -> None:
        position, numbers = self.written.get(origin, (0, []))
        start = ORIGINS.index(origin) * 10_000 + position
        self.writer.append(origin, *numbered(start, count), position=position + count + gap, rejected=gap)
        self.written[origin] = position + count + gap, [*numbers, *range(start, start + count)]

    @rule()
    def commit(self) -> None:
        self.writer.commit()
        self.committed = deepcopy(self.written)

    @rule()
    def crash(self) -> None:
        self.writer.close()
        self.writer = opened(self.path)
        self.written = deepcopy(self.committed)

    @invariant()
    def it_goes_on_after_what_was_written(self) -> None:
        assert self.writer.positions == {origin: position for origin, (position, _) in self.written.items()}
        assert self.writer.rows == sum(len(numbers) for _, numbers in self.written.values())
        assert self.writer.rows + self.writer.rejected == sum(self.writer.positions.values())

    @invariant()
    def it_gives_what_was_committed(self) -> None:
        shelf = Shelf.open(self.path)
        wanted = [number for origin in sorted(self.committed) for number in self.committed[origin][1]]
        inputs, labels = shelf[np.arange(len(shelf))]
        assert numbers_in(inputs) == wanted
        assert labels.tolist() == [number % 251 for number in wanted]
        assert shelf.positions == {origin: position for origin, (position, _) in self.committed.items()}


TestShelf = ShelfMachine.TestCase
TestShelf.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)


@given(turns=st.permutations(BOTH * 3))
@settings(max_examples=15, deadline=None)
def test_however_its_partitions_interleave_a_stream_has_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, turns: list[Origin]
) -> None:
    path = tmp_path_factory.mktemp("shelf")
    read_on(path, turns)
    assert numbers_in(Shelf.open(path).inputs[:]) == [*range(6), *range(1000, 1006)]


# Children, each of which reads a stream of two partitions and dies one call into the operating system later than the
# one before, until one lives. Forked, because starting an interpreter takes so much longer.
WORK = """
import os, signal, sys
from pathlib import Path
from tests.agent.training.reading.streams import read_on

def dying(steps):
    def after(step):
        def call(*arguments, **options):
            nonlocal steps
            if steps == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            steps -= 1
            return step(*arguments, **options)
        return call
    for name in ("open", "pwrite", "fsync", "truncate", "rename", "replace", "unlink", "close"):
        setattr(os, name, after(getattr(os, name)))

code, steps = -signal.SIGKILL, 0
while code:
    child = os.fork()
    if not child:
        dying(steps)
        read_on(Path(sys.argv[1], str(steps)), [("a", 1), ("a", 0)] * 3)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    steps += 1
"""


@pytest.mark.slow
def test_killed_at_any_step_it_reads_on_and_ends_with_the_same_rows(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WORK, str(tmp_path)], cwd=ROOT, check=True)
    killed = sorted(tmp_path.iterdir())
    assert len(killed) > 40
    for folder in killed:
        read_on(folder, BOTH[::-1] * 3)
        assert numbers_in(Shelf.open(folder).inputs[:]) == [*range(6), *range(1000, 1006)]


def bits(rows: NDArray[Any]) -> bytes:
    return rows.astype(rows.dtype.newbyteorder("<")).tobytes()


@given(data=st.data(), dtype=st.sampled_from(DType), shape=npst.array_shapes(min_dims=0, max_side=4))
@settings(max_examples=40, deadline=None)
def test_rows_of_any_type_and_shape_come_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, dtype: DType, shape: tuple[int, ...]
) -> None:
    path, spec = tmp_path_factory.mktemp("shelf"), TensorSpec(dtype=dtype, shape=shape)
    order = data.draw(st.sampled_from("<>"))
    rows = data.draw(npst.arrays(np.dtype(order + np.dtype(dtype.value).str[1:]), (3, *shape)))
    with ShelfWriter.open(path, inputs=spec, labels=spec) as writer:
        writer.append(("a", 0), rows, rows[::-1], position=3)
    inputs, labels = Shelf.open(path)[np.array([2, 0])]
    assert bits(inputs) == bits(rows[[2, 0]])
    assert bits(labels) == bits(rows[[0, 2]])
    assert inputs.dtype == np.dtype(dtype.value)


def test_an_error_ends_it_without_a_commit(tmp_path: Path) -> None:
    with pytest.raises(KeyError), opened(tmp_path) as writer:
        writer.append(("a", 0), *numbered(0, 3), position=3)
        raise KeyError
    with opened(tmp_path) as writer:
        assert writer.positions == {}


def test_it_commits_by_itself_before_a_crash_would_cost_much(tmp_path: Path) -> None:
    with ShelfWriter.open(tmp_path, inputs=INPUTS, labels=LABELS, commit_bytes=100) as writer:
        for position in range(7):
            writer.append(("a", 0), *numbered(position, 1), position=position + 1)
        assert Shelf.open(tmp_path).positions == {("a", 0): 4}


def test_records_that_became_no_row_are_counted_over_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(("a", 0), *numbered(0, 2), position=5, rejected=3)
        writer.append(("a", 0), *numbered(0, 0), position=6, rejected=1)
    with opened(tmp_path) as writer:
        assert (writer.rows, writer.rejected, writer.positions) == (2, 4, {("a", 0): 6})


def test_a_position_never_goes_back(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.append(("a", 0), *numbered(0, 3), position=3)
        with pytest.raises(ValueError, match="it was read up to 3 before"):
            writer.append(("a", 0), *numbered(2, 1), position=2)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A disk that is full from here on: a file cannot grow beyond `size`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("origin", [("a", 0), ("new", 0)])
def test_a_full_disk_says_what_is_wanted_and_the_shelf_stays_what_it_was(tmp_path: Path, origin: Origin) -> None:
    with opened(tmp_path) as writer:
        writer.append(("a", 0), *numbered(0, 10), position=10)
        with largest_file(300), pytest.raises(DiskFullError, match=r"free some space there.*\(2500 bytes are wanted"):
            writer.append(origin, *numbered(500, 100), position=110)
        writer.append(("b", 0), *numbered(20, 5), position=5)
        writer.append(("a", 0), *numbered(10, 10), position=20)
    assert numbers_in(Shelf.open(tmp_path).inputs[:]) == [*range(20), *range(20, 25)]


def test_room_is_asked_for_before_a_long_stream_is_read(tmp_path: Path) -> None:
    with opened(tmp_path) as writer:
        writer.require_room(1000)
        with pytest.raises(DiskFullError, match="MiB are wanted"):
            writer.require_room(10**15)


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (np.zeros((1, 3, 2), np.float32), np.zeros(1, np.uint8), r"inputs: rows of float32 in the shape \[3, 2\]"),
        (np.zeros((1, 2, 3), np.float64), np.zeros(1, np.uint8), r"inputs: rows of float64.*holds float32.*\[2, 3\]"),
        (np.zeros((1, 2, 3), np.float32), np.zeros((1, 1), np.uint8), r"labels: rows of uint8 in the shape \[1\]"),
        (np.zeros((1, 2, 3), np.float32), np.zeros(2, np.uint8), "1 inputs, but 2 labels"),
    ],
)
def test_rows_of_another_kind_are_refused(
    tmp_path: Path, inputs: NDArray[Any], labels: NDArray[Any], message: str
) -> None:
    with opened(tmp_path) as writer, pytest.raises(DocumentError, match=message):
        writer.append(("a", 0), inputs, labels, position=1)


def test_a_stream_of_another_kind_is_refused(tmp_path: Path) -> None:
    shelved(tmp_path, 3)
    other = TensorSpec(dtype=DType.UINT8, shape=(2, 3))
    with pytest.raises(DocumentError, match=r"inputs: a stream of uint8.*but the shelf holds float32"):
        ShelfWriter.open(tmp_path, inputs=other, labels=LABELS)
    with pytest.raises(DocumentError, match=r"labels: a stream of uint8 in the shape \[2, 3\]"):
        ShelfWriter.open(tmp_path, inputs=INPUTS, labels=other)
    opened(tmp_path).close()


def test_one_process_writes_at_a_time_and_any_may_read(tmp_path: Path) -> None:
    shelved(tmp_path, 3)
    with opened(tmp_path):
        with pytest.raises(BusyError, match="being written by another process"):
            opened(tmp_path)
        assert len(Shelf.open(tmp_path)) == 3


@pytest.mark.parametrize("column", ["inputs", "labels"])
def test_rows_that_went_missing_are_noticed(tmp_path: Path, column: str) -> None:
    shelved(tmp_path, 3)
    with (tmp_path / f"0.{column}").open("r+b") as file:
        file.truncate(2)
    for attempt in (opened, Shelf.open):
        with pytest.raises(StorageError, match=f"damaged: .*0.{column} has 2 of the"):
            attempt(tmp_path)
    (tmp_path / f"0.{column}").unlink()
    for attempt in (opened, Shelf.open):
        with pytest.raises(StorageError, match=f"0.{column}: No such file"):
            attempt(tmp_path)


def test_a_damaged_manifest_is_noticed(tmp_path: Path) -> None:
    shelved(tmp_path, 3)
    path = tmp_path / "manifest"
    path.write_bytes(path.read_bytes().replace(b'"rows":3', b'"rows":2'))
    for attempt in (opened, Shelf.open):
        with pytest.raises(StorageError, match="damaged"):
            attempt(tmp_path)


def test_nothing_shelved_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no stream was shelved here"):
        Shelf.open(tmp_path)
