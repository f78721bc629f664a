"""The command: its list, its choice, its exit codes; and one short measurement on a real broker and a real agent."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from simulations.bench import __main__ as command
from simulations.bench import catalogue
from simulations.programs import await_condition

BENCH = [sys.executable, "-m", "simulations.bench"]


def test_the_list_shows_everything_with_its_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in catalogue.names() if name not in {"latency", "memory", "start"})
    assert "must ≥ 0.95, aim ≥ 1.2" in shown


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        command.main(["--only", "luck"])
    assert refusal.value.code == 2
    assert "throughput" in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--help"])
    assert "--only latency" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_one_round_of_one_measurement(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    done = subprocess.run(
        [*BENCH, "--only", "memory", "--rounds", "1", "--json", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    figures = json.loads(file.read_bytes())["figures"]
    assert [one["figure"]["name"] for one in figures] == ["memory-idle", "memory-waiting"]
    assert all(len(one["samples"]) == 1 and 20 < one["median"] < 500 for one in figures)
    assert done.returncode == int(not all(one["reaches_must"] for one in figures))


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_bench_leaves_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    bench = subprocess.Popen([*BENCH, "--only", "start"], env=environment, stderr=subprocess.PIPE, text=True)
    watched = psutil.Process(bench.pid)
    assert await_condition(lambda: len(watched.children(recursive=True)) >= 2, deadline_s=90)
    started = watched.children(recursive=True)
    bench.send_signal(stop)
    _, said = bench.communicate(timeout=60)
    assert bench.returncode == command.INTERRUPTED
    assert "interrupted" in said
    assert psutil.wait_procs(started, timeout=10)[1] == []
    assert list(tmp_path.iterdir()) == []
