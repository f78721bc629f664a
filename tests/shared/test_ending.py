"""A process that ends at once has printed what it printed, and takes nothing apart."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import atexit, ctypes, sys
from shared.ending import end
atexit.register(print, "taken apart")
sys.stdout.write("said ")
ctypes.CDLL(None).printf(b"by native code ")
sys.stderr.write("complained")
sys.stdout.write("{last}")
end(5)
"""


def ended(last: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    # Whatever the environment says of it, what is printed waits.
    command = [sys.executable, "-E", "-c", PROGRAM.format(last=last)]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_what_was_printed_is_there_and_nothing_more() -> None:
    done = ended("in the end ")
    assert done.returncode == 5
    assert done.stdout.split() == ["said", "in", "the", "end", "by", "native", "code"]
    assert done.stderr == "complained"


def test_it_ends_where_nothing_can_be_printed_any_more() -> None:
    with Path("/dev/full").open("wb") as full:
        done = ended("", stdout=full.fileno())
    assert (done.returncode, done.stderr) == (5, "complained")


@pytest.mark.parametrize("before", ["sys.stdout.close()", "sys.stdout = None", "sys.stderr = object()"])
def test_it_ends_as_it_was_told_whatever_became_of_its_streams(before: str) -> None:
    program = f"import sys\nfrom shared.ending import end\n{before}\nend(0)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
