from pathlib import Path

import numpy as np
import pytest

from agent.checked_file import DamagedFileError
from agent.training.online import windows
from agent.training.online.windows import Head, Trained, Window


def window(number: int) -> Window:
    head = Head(number=number, positions=((0, number * 4), (3, 7)), rejected=1, reason="short")
    return Window(head=head, inputs=np.full((4, 2, 3), number, np.float32), labels=np.arange(4, dtype=np.uint8))


def test_a_window_comes_back_as_it_was_written(tmp_path: Path) -> None:
    windows.write(tmp_path, window(2))
    found = windows.read(tmp_path, 2)
    assert found.head == window(2).head
    assert (found.inputs == window(2).inputs).all()
    assert (found.labels == window(2).labels).all()
    assert found.inputs.dtype == np.float32


def test_the_newest_stays_though_it_was_learnt(tmp_path: Path) -> None:
    for number in (9, 10, 11):
        windows.write(tmp_path, window(number))
    windows.remove_before(tmp_path, 10)
    assert windows.numbers(tmp_path) == [10, 11]
    windows.remove_before(tmp_path, 12)
    assert windows.numbers(tmp_path) == [11]


def test_nothing_said_is_nothing_trained_and_so_is_what_was_damaged(tmp_path: Path) -> None:
    assert windows.trained(tmp_path) == Trained()
    windows.say_trained(tmp_path, Trained(window=5, needed=4))
    assert windows.trained(tmp_path) == Trained(window=5, needed=4)
    (tmp_path / "trained").write_bytes(b"nonsense")
    assert windows.trained(tmp_path) == Trained()


def test_damage_is_seen(tmp_path: Path) -> None:
    windows.write(tmp_path, window(2))
    path = windows.path(tmp_path, 2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        windows.read(tmp_path, 2)
