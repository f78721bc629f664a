"""A file that is alone in memory: it reads as it is, and nothing can be read beside it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.backends.flatbuffer.fenced import fenced

BESIDE = """
import ctypes, sys
from pathlib import Path
from agent.backends.flatbuffer.fenced import fenced

content = fenced(Path(sys.argv[1]))
start = id(content) + bytes.__basicsize__ - 1
assert ctypes.string_at(start, len(content)) == content
ctypes.string_at(start + int(sys.argv[2]), 1)
"""


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 100_000])
def test_the_content_is_the_files(tmp_path: Path, size: int) -> None:
    raw = bytes(number % 251 for number in range(size))
    (tmp_path / "file").write_bytes(raw)
    content = fenced(tmp_path / "file")
    assert (len(content), content, hash(content)) == (size, raw, hash(raw))


@pytest.mark.parametrize("offset", [4096, 2**20, 2**31, 2**32 - 1, -8192, -(2**20), -(2**31)])
def test_whoever_follows_an_offset_out_of_it_dies(tmp_path: Path, offset: int) -> None:
    (tmp_path / "file").write_bytes(b"TFL3" * 100)
    command = [sys.executable, "-c", BESIDE, str(tmp_path / "file"), str(offset)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGSEGV


def test_what_cannot_be_mapped_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for path in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(OSError, match=r"."):
            fenced(path)
