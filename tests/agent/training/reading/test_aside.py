from pathlib import Path

import pytest

from agent.training.reading import aside
from agent.training.reading.aside import Aside, Rejected
from shared.errors import StorageError


def _rejected(offset: int) -> Rejected:
    return Rejected(topic="data", partition=0, offset=offset, reason="too short")


def test_what_is_beyond_the_position_is_read_again_and_so_forgotten(tmp_path: Path) -> None:
    with Aside.open(tmp_path, {}) as one:
        one.add([_rejected(3), _rejected(8)])
    with Aside.open(tmp_path, {("data", 0): 5}) as one:
        one.add([_rejected(9)])
    assert aside.read(tmp_path) == (_rejected(3), _rejected(9))


def test_a_line_that_a_crash_cut_short_is_left_out(tmp_path: Path) -> None:
    with Aside.open(tmp_path, {}) as one:
        one.add([_rejected(3)])
    with (tmp_path / aside.FILE).open("ab") as file:
        file.write(b'{"topic": "da')
    assert aside.read(tmp_path) == (_rejected(3),)


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / aside.FILE).write_bytes(b"garbage\n")
    with pytest.raises(StorageError, match="remove the folder"):
        aside.read(tmp_path)
