import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shared.errors import StorageError
from simulations.detached import Current, DetachedStack
from simulations.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def up(broker: KafkaCluster, tmp_path: Path) -> Iterator[list[str]]:
    """The words that start a stack of one tier on the session's broker; it is down afterwards."""
    directory = str(tmp_path / "state")
    yield fogline(
        "up", "--dir", directory, "--port", "0", "--tier", "edge", "--bootstrap-servers", broker.bootstrap_servers
    )
    subprocess.run(fogline("down", "--dir", directory), check=True, capture_output=True)


def fogline(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fogline", *arguments]


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_up_twice_leaves_what_runs_alone_and_down_ends_it(up: list[str], tmp_path: Path) -> None:
    first = msgspec.json.decode(run([*up, "--json"]), type=Current)
    second = msgspec.json.decode(run([*up, "--json"]), type=Current)
    assert first == second
    assert set(first.alive) == {"control-plane", "edge-1"}
    down = run(fogline("down", "--dir", str(tmp_path / "state"), "--json"))
    assert msgspec.json.decode(down) == {"stopped": ["edge-1", "control-plane"]}
    assert not first.alive


def test_up_starts_again_what_has_died(up: list[str]) -> None:
    first = msgspec.json.decode(run([*up, "--json"]), type=Current)
    first.programs["edge-1"].stop(patience_s=0)
    second = msgspec.json.decode(run([*up, "--json"]), type=Current)
    assert second.programs["control-plane"] == first.programs["control-plane"]
    assert second.programs["edge-1"] != first.programs["edge-1"]
    assert second.programs["edge-1"].is_alive


def test_down_with_nothing_running_says_so(tmp_path: Path) -> None:
    assert run(fogline("down", "--dir", str(tmp_path / "state"))) == "nothing was running\n"


def test_a_damaged_state_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "current.json").write_text("{")
    with pytest.raises(StorageError, match=r"current\.json cannot be read .* delete it"):
        DetachedStack(tmp_path).current()
