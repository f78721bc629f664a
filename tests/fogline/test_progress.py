"""Bars and moving lines: seen on a terminal, nowhere else."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
from fogline.progress import bars, counting, waiting
with bars() as report:
    report("edge.tflite", 0, 100)
    report("edge.tflite", 100, 100)
with waiting("waiting for fashion"):
    pass
with counting("records", 300) as count:
    count(300)
"""


def run(stderr: int) -> str:
    command = [sys.executable, "-c", SCRIPT]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True, check=True, timeout=60).stdout


def test_a_terminal_shows_the_file_and_what_is_waited_for() -> None:
    terminal, end = os.openpty()
    out = run(end)
    os.close(end)
    shown = b""
    # Linux says EIO at the end of a terminal.
    with pytest.raises(OSError, match="Input/output error"):
        while chunk := os.read(terminal, 65536):
            shown += chunk
    os.close(terminal)
    assert out == ""
    assert b"edge.tflite" in shown
    assert b"waiting for fashion" in shown
    assert b"300/300" in shown


def test_a_pipe_shows_nothing() -> None:
    read, write = os.pipe()
    assert run(write) == ""
    os.close(write)
    assert os.read(read, 100) == b""
    os.close(read)
