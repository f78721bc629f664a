"""What a process takes, as the kernel counts it."""

import os
import subprocess
import sys

from simulations.programs import await_condition
from simulations.running.resources import usage_of, watched


def test_a_program_that_computes_is_seen_to() -> None:
    arguments = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # until then it may not be Python yet, and small
        with watched(lambda: {"busy": process.pid}, cell=1, repetition=2) as rows:
            assert await_condition(lambda: len(rows) >= 3 and rows[-1].cpu_s > rows[0].cpu_s, deadline_s=20)
        process.kill()
    assert {(row.cell, row.repetition, row.program) for row in rows} == {(1, 2, "busy")}
    assert all(row.rss_bytes > 1_000_000 for row in rows)
    assert [row.at_us for row in rows] == sorted(row.at_us for row in rows)


def test_who_is_gone_is_left_out() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    assert usage_of(process.pid) is None
    assert usage_of(os.getpid()) is not None
