"""The spool against a list, through crashes; and against a real SIGKILL, a full disk and damage."""

import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.inference.spool import Spool, SpoolEntry, SpoolFull
from agent.inference.spool_frame import HEAD_BYTES, decode, encode, frame_at
from shared.errors import StorageError

LIMIT = 3000
ROOMY = 10**6
content = st.none() | st.binary(max_size=40)
entries = st.builds(
    SpoolEntry,
    key=content,
    value=content,
    headers=st.lists(st.tuples(st.text(max_size=5), content), max_size=2).map(tuple),
)


def numbered(*numbers: int) -> list[SpoolEntry]:
    return [SpoolEntry(key=None, value=b"%d" % number, headers=()) for number in numbers]


def numbers_in(found: list[SpoolEntry]) -> list[int]:
    return [int(entry.value or b"") for entry in found]


def logs(path: Path) -> list[Path]:
    return sorted(path.glob("*.log"))


class SpoolMachine(RuleBasedStateMachine):
    """Whatever happens, the spool is what was appended less what was released, from the front."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp(prefix="spool-"))
        self.appended: list[SpoolEntry] = []
        self.released = 0
        self.spool = Spool.open(self.path, LIMIT)

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.path)

    @property
    def waiting(self) -> list[SpoolEntry]:
        return self.appended[self.released :]

    @rule(group=st.lists(entries, max_size=6))
    def append(self, group: list[SpoolEntry]) -> None:
        size = len(encode(group, 0)) if group else 0
        if self.spool.bytes + size > LIMIT:
            with pytest.raises(SpoolFull):
                self.spool.append(group)
        else:
            self.spool.append(group)
            self.appended += group

    @rule(most=st.integers(0, 12), share=st.floats(0, 1))
    def deliver(self, most: int, share: float) -> None:
        found = self.spool.peek(most)
        assert found == self.waiting[:most]
        count = round(share * len(found))
        self.spool.release(count)
        self.released += count

    @rule()
    def release_more_than_was_handed_out(self) -> None:
        with pytest.raises(ValueError, match="handed out"):
            self.spool.release(len(self.waiting) + 1)

    @rule()
    def crash(self) -> None:
        self.spool.close()
        self.spool = Spool.open(self.path, LIMIT)

    @rule(
        group=st.lists(entries, min_size=1, max_size=4),
        share=st.floats(0, 1, exclude_max=True),
        zeros=st.integers(0, 50),
    )
    def crash_within_an_append(self, group: list[SpoolEntry], share: float, zeros: int) -> None:
        frame = encode(group, len(self.appended))
        torn = frame[: int(share * len(frame))] + bytes(zeros)
        if torn.startswith(frame):
            return
        self.spool.close()
        last = logs(self.path)[-1:] or [self.path / f"{len(self.appended):020d}.log"]
        with last[0].open("ab") as file:
            file.write(torn)
        self.spool = Spool.open(self.path, LIMIT)

    @rule(damaged=st.binary(max_size=14))
    def crash_that_loses_the_position(self, damaged: bytes) -> None:
        self.spool.close()
        (self.path / "released").write_bytes(damaged)
        self.spool = Spool.open(self.path, LIMIT)
        again = self.spool.records
        assert again >= len(self.waiting)
        self.released = len(self.appended) - again
        # An empty spool has nothing to number its entries by: it begins anew.
        if not again:
            self.appended, self.released = [], 0

    @invariant()
    def it_counts_what_waits(self) -> None:
        assert self.spool.records == len(self.waiting)
        assert self.spool.peek(3) == self.waiting[:3]

    @invariant()
    def its_files_stay_within_the_bound(self) -> None:
        assert self.spool.bytes == sum(path.stat().st_size for path in logs(self.path)) <= LIMIT

    @precondition(lambda self: not self.waiting)
    @invariant()
    def it_leaves_no_file_when_empty(self) -> None:
        assert self.spool.bytes == 0


TestSpool = SpoolMachine.TestCase
TestSpool.settings = settings(max_examples=60, stateful_step_count=30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@contextmanager
def opened(path: Path, limit: int = ROOMY) -> Iterator[Spool]:
    spool = Spool.open(path, limit)
    try:
        yield spool
    finally:
        spool.close()


WORK = """
import os, sys
from pathlib import Path
from agent.inference.spool import Spool, SpoolEntry, SpoolFull

def say(line):  # whole or not at all
    os.write(1, line.encode())

spool, number = Spool.open(Path(sys.argv[1]), 40_000), int(sys.argv[2])
while True:
    try:
        spool.append([SpoolEntry(None, b"%d" % one, (("a", b"b" * 50),)) for one in range(number, number + 5)])
        number += 5
        say(f"appended {number - 1}\\n")
    except SpoolFull:
        pass
    if spool.records > 50:
        spool.release(len(spool.peek(7)))
        say("released 7\\n")
"""


def test_a_killed_process_loses_no_entry_and_no_order(path: Path) -> None:
    first, last = 0, -1  # the oldest number not released, the newest acknowledged
    for lines in (1, 5, 40, 13, 200, 77, 3, 120):
        arguments = [sys.executable, "-c", WORK, str(path), str(last + 1)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [next(process.stdout) for _ in range(lines)]
            process.send_signal(signal.SIGKILL)
            said += process.stdout.readlines()
        for what, number in (line.split() for line in said):
            first, last = (first + 7, last) if what == "released" else (first, int(number))
        with opened(path, 40_000) as spool:
            found = numbers_in(spool.peek(spool.records))
        assert found == list(range(found[0], found[-1] + 1))
        # It may have been killed between a step and saying so.
        assert found[0] in (first, first + 7)
        assert found[-1] in (last, last + 5)
        first, last = found[0], found[-1]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A disk that is full from here on: a file cannot grow beyond `size`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(path: Path) -> None:
    with opened(path) as spool:
        spool.append(numbered(1, 2))
        with largest_file(spool.bytes + 30), pytest.raises(StorageError, match="File too large"):
            spool.append([SpoolEntry(None, bytes(500), ())])
        assert (spool.records, numbers_in(spool.peek(9))) == (2, [1, 2])
        spool.append(numbered(3))
        assert logs(path)[0].stat().st_size == spool.bytes
    with opened(path) as spool:
        assert numbers_in(spool.peek(9)) == [1, 2, 3]


def test_a_full_disk_does_not_keep_a_spool_from_being_emptied(path: Path) -> None:
    with opened(path) as spool:
        spool.append(numbered(1, 2, 3))
        spool.peek(1)
        spool.release(1)
        with largest_file(12):
            spool.peek(2)
            spool.release(2)
        assert (spool.records, spool.bytes) == (0, 0)


def test_a_full_spool_takes_all_or_nothing_and_has_room_after_a_release(path: Path) -> None:
    with opened(path, 300) as spool:
        spool.append([SpoolEntry(None, bytes(200), ())])
        with pytest.raises(SpoolFull, match="is full") as refused:
            spool.append(numbered(*range(20)))
        assert refused.value.retriable
        assert spool.records == 1
        spool.peek(1)
        spool.release(1)
        spool.append(numbered(*range(20)))
        assert numbers_in(spool.peek(99)) == list(range(20))


def test_a_file_that_a_crash_kept_from_being_removed_is_removed_later(path: Path) -> None:
    with opened(path) as spool:
        spool.append(numbered(1, 2))
        (log,) = logs(path)
        kept = log.read_bytes()
        spool.release(len(spool.peek(2)))
    log.write_bytes(kept)
    with opened(path) as spool:
        assert (spool.records, spool.bytes, logs(path)) == (0, 0, [])


def test_only_one_process_may_hold_a_spool(path: Path) -> None:
    with opened(path), pytest.raises(StorageError, match="in use by another process"):
        Spool.open(path, LIMIT)
    with opened(path) as spool:
        assert spool.records == 0


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="Not a directory"):
        Spool.open(tmp_path / "file" / "spool", LIMIT)


def flip(path: Path, at: int) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[at] ^= 1
    path.write_bytes(damaged)


def test_damage_before_the_last_entry_is_said_and_not_skipped(path: Path) -> None:
    with opened(path) as spool:
        spool.append(numbered(1))
        spool.append(numbered(2))
        flip(logs(path)[0], HEAD_BYTES + 1)
        with pytest.raises(StorageError, match="damaged"):
            spool.peek(1)
    with pytest.raises(StorageError, match="cannot be read at byte 0"):
        Spool.open(path, ROOMY)


def test_a_missing_or_shortened_file_is_said_and_not_skipped(path: Path) -> None:
    with opened(path, 1600) as spool:
        for number in range(12):
            spool.append([SpoolEntry(None, b"%d" % number * 60, ())])
    first, second, *_ = logs(path)
    kept = second.read_bytes()
    second.write_bytes(kept[:-1])
    with pytest.raises(StorageError, match="cannot be read"):
        Spool.open(path, 1600)
    second.unlink()
    with pytest.raises(StorageError, match="does not follow"):
        Spool.open(path, 1600)
    second.write_bytes(kept)
    with opened(path, 1600) as spool:
        assert spool.records == 12
    assert first.exists()


def test_one_thread_may_fill_while_another_empties(path: Path) -> None:
    def fill(spool: Spool) -> None:
        for number in range(0, 300, 3):
            spool.append(numbered(number, number + 1, number + 2))

    def empty(spool: Spool) -> list[int]:
        taken: list[int] = []
        while len(taken) < 300:
            found = spool.peek(5)
            spool.release(len(found))
            taken += numbers_in(found)
        return taken

    with opened(path) as spool, ThreadPoolExecutor(2) as threads:
        filled, emptied = threads.submit(fill, spool), threads.submit(empty, spool)
        filled.result()
        assert emptied.result() == list(range(300))


@given(st.lists(entries, min_size=1, max_size=5), st.integers(0, 2**63))
def test_a_frame_gives_back_its_entries(group: list[SpoolEntry], first: int) -> None:
    frame, found = decode(encode(group, first))
    assert found == group
    assert (frame.first, frame.end) == (first, first + len(group))


@given(st.data(), st.lists(entries, min_size=1, max_size=5))
def test_a_torn_or_flipped_frame_is_none(data: Any, group: list[SpoolEntry]) -> None:  # noqa: ANN401 - untyped there
    frame = bytearray(encode(group, 7))
    assert frame_at(bytes(frame[: data.draw(st.integers(0, len(frame) - 1))]), 0) is None
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert frame_at(bytes(frame), 0) is None


@given(st.binary(max_size=60))
def test_what_is_no_frame_is_none(raw: bytes) -> None:
    assert frame_at(raw, 0) is None
