"""A full disk, a read-only one, a port taken: one line that says what to do, an exit code, and nothing half written."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.errors import SettingsError, StorageError
from simulations.detached import DetachedStack
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.daemon import Daemon
from simulations.programs import Program, RunningProgram
from simulations.stack import is_ready_line
from tests.end_to_end.small_disk import BALLAST, SmallDisk, small_disk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NOBODY = "http://127.0.0.1:9"
COMMANDS = {
    "agent": ("-m", "agent", "--control-plane", NOBODY, "--token", "x", "--state-dir"),
    "control plane": ("-m", "controlplane", "--port", "0", "--state-dir"),
    "fogline kafka start": ("-m", "fogline", "kafka", "start", "--dir"),
    "fogline up": ("-m", "fogline", "up", "--port", "0", "--bootstrap-servers", "127.0.0.1:9", "--dir"),
}


@pytest.fixture
def disk(tmp_path: Path, record_property: Callable[[str, object], None]) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", size="64k") as disk:
        record_property("disk", disk.how)
        yield disk


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def ended(*arguments: str, prepare: Callable[[], None] | None = None) -> tuple[int, str]:
    """The exit code of a start that must fail, and the one line it says."""
    outcome = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False, preexec_fn=prepare
    )
    (line,) = outcome.stderr.splitlines()
    assert outcome.stdout == ""
    return outcome.returncode, line


def written(folder: Path) -> list[str]:
    """Files with anything in them, but for what fills the disk."""
    return [path.name for path in folder.rglob("*") if path.is_file() and path.stat().st_size and path.name != BALLAST]


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_full_disk_a_start_is_refused_in_one_line_and_leaves_nothing(name: str, disk: SmallDisk) -> None:
    state = disk.path / "state"
    with disk.full():
        code, line = ended(*COMMANDS[name], str(state), prepare=disk.prepare)
        assert (code, written(disk.path)) == (StorageError.exit_code, [])
    assert str(state) in line
    assert "free" in line


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_read_only_disk_a_start_is_refused_in_one_line_and_leaves_nothing(name: str, disk: SmallDisk) -> None:
    with disk.read_only() as folder:
        code, line = ended(*COMMANDS[name], str(folder / "state"))
        assert not (folder / "state").exists()
    assert code == StorageError.exit_code
    assert str(folder / "state") in line
    assert "read-only" in line


@pytest.mark.parametrize(
    ("name", "is_up"),
    [
        ("agent", lambda line: "control plane away" in line),
        ("control plane", is_ready_line),
    ],
)
def test_what_a_full_disk_refused_starts_once_there_is_room(
    name: str, is_up: Callable[[str], bool], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", size="1m") as disk:
        arguments = (*COMMANDS[name], str(disk.path / "state"))
        with disk.full():
            ended(*arguments, prepare=disk.prepare)
        running = Program(name=name, arguments=arguments, log=tmp_path / "log").start(leashed=True)
        running.await_line(is_up, deadline_s=30)
        assert stopped(running) == 0


def stopped(running: RunningProgram) -> int:
    running.process.send_signal(signal.SIGTERM)
    return running.process.wait(20)


def test_a_taken_metrics_port_is_one_line(taken: int, tmp_path: Path) -> None:
    code, line = ended(*COMMANDS["agent"], str(tmp_path), "--metrics-port", str(taken))
    assert code == SettingsError.exit_code
    assert f"--metrics-port {taken}" in line
    assert "choose another" in line


def test_a_taken_port_of_the_control_plane_is_one_line_before_anything_is_made(taken: int, tmp_path: Path) -> None:
    code, line = ended(*COMMANDS["control plane"], str(tmp_path / "state"), "--port", str(taken))
    assert code == SettingsError.exit_code
    assert f":{taken}: Address already in use: name another --host or --port" in line
    assert not (tmp_path / "state").exists()


def test_a_taken_port_of_kafka_is_one_line_and_no_broker_is_left(taken: int, tmp_path: Path) -> None:
    code, line = ended(*COMMANDS["fogline kafka start"], str(tmp_path), "--port", str(taken))
    assert code == SettingsError.exit_code
    assert f"port {taken} is taken: " in line
    assert Daemon(tmp_path).status().state == "stopped"


def test_a_taken_port_of_a_whole_stack_is_one_line_and_no_program_is_left(
    taken: int, tmp_path: Path, broker: KafkaCluster
) -> None:
    up = ("-m", "fogline", "up", "--port", str(taken), "--bootstrap-servers", broker.bootstrap_servers, "--dir")
    code, line = ended(*up, str(tmp_path))
    assert code == SettingsError.exit_code
    assert f":{taken}: Address already in use: name another" in line
    current = DetachedStack(tmp_path).current()
    assert current is not None
    assert not current.alive


def test_an_agent_that_cannot_start_is_told_of_by_up_in_its_own_words(tmp_path: Path, broker: KafkaCluster) -> None:
    """Its state directory is a file."""
    (tmp_path / "edge-1").write_text("")
    up = ("-m", "fogline", "up", "--port", "0", "--tier", "edge", "--bootstrap-servers", broker.bootstrap_servers)
    try:
        code, line = ended(*up, "--dir", str(tmp_path))
    finally:
        DetachedStack(tmp_path).down(delete=False, say=lambda _: None)
    assert code == StorageError.exit_code
    assert line.startswith(f"fogline: agent edge-1: {tmp_path / 'edge-1'}: ")


def test_a_broker_whose_process_cannot_be_written_down_is_not_started(tmp_path: Path) -> None:
    """Nobody could stop it again."""
    from simulations.kafka import anchor

    mark = tmp_path / "mark"
    command = anchor.anchored(Path("/sys/fogline/node-1.pid"), ["/usr/bin/env", "touch", str(mark)])
    assert subprocess.run(command, check=False).returncode == anchor.CANNOT_WRITE
    assert subprocess.run(anchor.anchored(tmp_path / "pid", ["/usr/bin/env", "true"]), check=False).returncode == 0
    assert not mark.exists()
