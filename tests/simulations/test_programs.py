import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulations.programs import ProcessId, Program, ProgramFailedError, await_condition

LISTENS = "print('ready', flush=True); import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"


def program(tmp_path: Path, script: str) -> Program:
    return Program(name="it", arguments=("-c", script), log=tmp_path / "logs" / "it.log")


def test_a_program_is_ready_when_it_says_so_and_ends_when_told(tmp_path: Path) -> None:
    running = program(tmp_path, LISTENS).start(leashed=True)
    assert running.await_line(lambda line: "ready" in line, deadline_s=20) == "ready"
    identity = running.id
    assert identity is not None
    assert identity.is_alive
    running.stop()
    assert not identity.is_alive


def test_a_program_that_ends_early_is_shown_with_its_last_words(tmp_path: Path) -> None:
    running = program(tmp_path, "raise SystemExit('no room on this ship')").start(leashed=True)
    with pytest.raises(ProgramFailedError, match=r"ended with exit code 1; its log is .*\nno room on this ship"):
        running.await_line(lambda line: "ready" in line, deadline_s=20)


def test_a_program_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    running = program(tmp_path, LISTENS).start(leashed=True)
    with pytest.raises(ProgramFailedError, match="was not ready within"):
        running.await_line(lambda line: "never" in line, deadline_s=0.3)
    running.stop()


def test_only_this_run_is_read_from_a_log_that_goes_on(tmp_path: Path) -> None:
    for _ in range(2):
        running = program(tmp_path, LISTENS).start(leashed=True)
        running.await_line(lambda line: "ready" in line, deadline_s=20)
        running.stop()
    assert running.output() == "ready\n"


def test_one_that_ignores_sigterm_is_killed_after_the_patience(tmp_path: Path) -> None:
    running = program(tmp_path, STUBBORN).start(leashed=True)
    running.await_line(lambda line: "ready" in line, deadline_s=20)
    running.stop(patience_s=0.2)
    assert running.process.returncode == -signal.SIGKILL


def test_a_leashed_program_dies_with_its_starter_even_by_sigkill(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from simulations.programs import Program\n"
        f"p = Program(name='it', arguments=('-c', {LISTENS!r}), log=Path({str(tmp_path / 'it.log')!r}))\n"
        "r = p.start(leashed=True); r.await_line(lambda l: 'ready' in l, deadline_s=20)\n"
        "print(r.process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        child = ProcessId.of(int(starter.stdout.readline()))
        assert child is not None
        starter.kill()
    assert await_condition(lambda: not child.is_alive, deadline_s=10)


def test_a_pid_used_again_is_another_process() -> None:
    mine = ProcessId.of(os.getpid())
    assert mine is not None
    assert mine.is_alive
    assert not ProcessId(pid=mine.pid, started=mine.started + 1).is_alive
