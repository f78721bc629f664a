"""Killed between any two steps of a write, the file is the old one or the new one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.checked_file import DamagedFileError, read, write
from shared.errors import StorageError

# Dies at the n-th call into the operating system that changes a file: open, write, fsync, rename.
WRITER = """
import os, pathlib, signal, sys
from agent import checked_file
path, content, steps = pathlib.Path(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
def dying(step):
    def call(*arguments, **options):
        global steps
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        steps -= 1
        return step(*arguments, **options)
    return call
for name in ("open", "fsync", "rename", "replace", "close"):
    setattr(os, name, dying(getattr(os, name)))
checked_file.write(path, content)
"""


@given(content=st.binary(max_size=300))
@settings(max_examples=30)
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("state") / "file"
    write(path, content)
    assert read(path) == content
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_written_is_nothing_read(tmp_path: Path) -> None:
    assert read(tmp_path / "file") is None


@given(data=st.data())
@settings(max_examples=30)
def test_any_damage_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("state") / "file"
    write(path, b'{"generation":7}')
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([whole[cut] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(data.draw(st.sampled_from([whole[:cut], whole[:cut] + flipped + whole[cut + 1 :]])))
    with pytest.raises(DamagedFileError, match="is damaged"):
        read(path)


def test_killed_at_any_step_leaves_old_or_new(tmp_path: Path) -> None:
    path, deaths, seen = tmp_path / "file", 0, set()
    for steps in range(20):
        write(path, b"old")
        died = subprocess.run([sys.executable, "-c", WRITER, str(path), "new", str(steps)], check=False)
        content = read(path)
        assert content in {b"old", b"new"}
        seen.add(content)
        if died.returncode == 0:
            break
        assert died.returncode == -signal.SIGKILL
        deaths += 1
    assert deaths >= 4
    assert seen == {b"old", b"new"}


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "assignment.json"
    path.with_name(path.name + ".new").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left on device"):
        write(path, b"content")


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        write(tmp_path / "gone" / "file", b"content")
