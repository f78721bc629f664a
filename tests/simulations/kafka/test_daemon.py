"""A detached cluster: what is written down, what is told, and what is ended."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shared.errors import SettingsError
from simulations.kafka import ports, state
from simulations.kafka.config import NodePorts
from simulations.kafka.daemon import Daemon
from simulations.kafka.errors import BrokerFailedError, DataDirectoryError
from simulations.kafka.state import ClusterState, Request
from simulations.programs import ProcessId, await_condition

KNOWN = ClusterState(ports=(NodePorts(broker=1, controller=2),), data_dir="/nowhere", ephemeral=False)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "state")
    yield daemon
    daemon.stop()


def test_nothing_is_known_before_the_first_start(daemon: Daemon) -> None:
    assert daemon.status().state == "stopped"
    assert daemon.stop() == ()


def test_a_stranger_with_our_old_pid_is_left_alone(daemon: Daemon) -> None:
    daemon.directory.mkdir()
    state.write(daemon.directory, KNOWN)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        identity = ProcessId.of(stranger.pid)
        assert identity
        earlier = msgspec.structs.replace(identity, started=identity.started - 1)
        (daemon.directory / "node-1.pid").write_bytes(msgspec.json.encode(earlier))
        assert daemon.status().state == "stopped"
        assert daemon.stop() == ()
        assert stranger.poll() is None
        stranger.kill()


def test_a_failed_start_is_forgotten(daemon: Daemon, tmp_path: Path) -> None:
    daemon.directory.mkdir()
    state.write(daemon.directory, KNOWN)
    with pytest.raises(DataDirectoryError):
        daemon.start(Request(data_dir=tmp_path / "a,b"), timeout_s=30)
    assert state.read(daemon.directory) == KNOWN


@pytest.mark.slow
def test_a_start_that_takes_too_long_leaves_no_broker(daemon: Daemon) -> None:
    with pytest.raises(BrokerFailedError):
        daemon.start(Request(ephemeral=True), timeout_s=1)
    assert daemon.stop() == ()


@pytest.mark.slow
def test_the_life_of_a_detached_broker(daemon: Daemon) -> None:
    (port,) = ports.free(1, random.Random())
    daemon.start(Request(ports=(port,), ephemeral=True), timeout_s=60)
    first = daemon.status()
    assert first.state == "running"
    pid = first.nodes[0].pid
    assert pid

    daemon.start(Request(), timeout_s=60)
    assert daemon.status() == first  # started already: nothing changes
    with pytest.raises(SettingsError, match="another --nodes"):
        daemon.start(Request(nodes=3), timeout_s=60)

    os.kill(pid, signal.SIGSTOP)
    assert await_condition(lambda: daemon.status().state == "failing", deadline_s=60)
    os.kill(pid, signal.SIGCONT)
    assert await_condition(lambda: daemon.status().state == "running", deadline_s=60)

    os.kill(pid, signal.SIGKILL)
    assert await_condition(lambda: daemon.status().state == "stopped", deadline_s=60)
    daemon.start(Request(), timeout_s=60)
    assert daemon.status().bootstrap_servers == first.bootstrap_servers

    assert len(daemon.stop()) == 1
    assert daemon.status().state == "stopped"
    assert daemon.stop() == ()
