"""`fogline simulate federation`, as it is typed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fogline.cli import run
from simulations.programs import await_condition
from tests.simulations.federation.written import TEXT, write

SLOW = pytest.mark.timeout(300)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path).relative_to(tmp_path)


@pytest.mark.slow
@SLOW
def test_a_run_leaves_a_table_its_results_and_a_picture(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "federation", str(file), "--out", "out", "--processes", "2", "--threads", "1"]) == 0
    said = capsys.readouterr()
    assert "results are in out" in said.out
    assert "mean of 2 seeds, standard deviation" in said.out
    assert "seed 2: version 7 of 30 after" in said.err
    found = json.loads(Path("out/results.json").read_bytes())
    assert [one["rounds"] for one in found["seeds"]] == [30, 30]
    assert Path("out/federation.toml").read_text() == TEXT
    assert Path("out/versions.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in Path("out/versions.svg").read_bytes()
    file.write_text(TEXT.replace("seeds = [1, 2]", "seeds = [2]"))
    assert run(["simulate", "federation", str(file), "--out", "out", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [one["model"] for one in again["outcome"]["seeds"]] == [found["seeds"][1]["model"]]


@pytest.mark.slow
@SLOW
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_one_that_asked(file: Path, by: signal.Signals) -> None:
    long = file.read_text().replace("rounds = 30", "rounds = 1000000").replace("judge_every = 7", "judge_every = 1")
    file.write_text(long)
    command = [sys.executable, "-m", "fogline", "simulate", "federation", str(file), "--out", "out"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as program:
        assert program.stderr is not None
        assert b"seed" in program.stderr.readline()
        os.kill(program.pid, by)
        assert program.stderr.read().count(b"Traceback") == 0
        assert program.wait(60) == (130 if by is signal.SIGINT else -by)
    await_condition(lambda: not _of_session(program.pid), deadline_s=20)
    assert not _of_session(program.pid)
    assert not Path("out/results.json").exists()


def _of_session(session: int) -> list[int]:
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            fields = (one / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(one.name))
    return found


def test_a_wrong_field_is_named_with_the_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(TEXT.replace("updates = 2", "updates = 20"))
    assert run(["simulate", "federation", str(file), "--out", "out"]) == 3
    said = capsys.readouterr().err
    assert said == (
        "fogline: rounds.updates: a round waits for 20 updates, and 4 sites have one place each (in points.toml)\n"
    )


def test_a_file_that_is_not_there_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "federation", "none.toml"]) == 2
    assert "none.toml cannot be read" in capsys.readouterr().err


@pytest.mark.slow
@SLOW
def test_what_a_run_fails_by_ends_the_command_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("points.py").write_text("def network():\n    return 3\n")
    assert run(["simulate", "federation", str(file), "--out", "out"]) == 5
    assert "points.py:1: network() returns int" in capsys.readouterr().err
