"""What was asked for, against what is written down."""

from pathlib import Path

import pytest

from shared.errors import SettingsError, StorageError
from simulations.kafka import state
from simulations.kafka.config import NodePorts
from simulations.kafka.state import ClusterState, Request

ONE = ClusterState(ports=(NodePorts(broker=9092, controller=9093),), data_dir="/kept", ephemeral=False)


@pytest.mark.parametrize(
    ("request_", "previous", "nodes"),
    [(Request(), None, 1), (Request(), ONE, 1), (Request(nodes=3), ONE, 3), (Request(ports=(1, 2, 3)), None, 3)],
)
def test_the_size_is_that_asked_for_or_that_of_last_time(
    request_: Request, previous: ClusterState | None, nodes: int
) -> None:
    assert state.size(request_, previous) == nodes


@pytest.mark.parametrize(
    "request_",
    [
        Request(nodes=2),
        Request(nodes=3, ports=(1,)),
        Request(ports=(1, 2)),
        Request(ephemeral=True, data_dir=Path("x")),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(request_: Request) -> None:
    with pytest.raises(SettingsError):
        state.size(request_, None)


def test_data_is_found_where_it_was_last_time() -> None:
    assert state.data_directory(Request(), ONE, Path("/state")) == Path("/kept")


def test_data_that_was_thrown_away_is_not_looked_for() -> None:
    previous = ClusterState(ports=ONE.ports, data_dir="/state/ephemeral", ephemeral=True)
    assert state.data_directory(Request(), previous, Path("/state")) == Path("/state/data")


@pytest.mark.parametrize(
    "request_", [Request(), Request(nodes=1), Request(ports=(9092,)), Request(data_dir=Path("/kept"))]
)
def test_a_cluster_that_is_the_one_asked_for_stays(request_: Request) -> None:
    state.require_same(request_, ONE)


@pytest.mark.parametrize(
    ("request_", "option"),
    [
        (Request(nodes=3), "--nodes"),
        (Request(ports=(1,)), "--port"),
        (Request(data_dir=Path("/other")), "--data-dir"),
        (Request(ephemeral=True), "--ephemeral"),
    ],
)
def test_another_one_is_refused_by_the_option_that_differs(request_: Request, option: str) -> None:
    with pytest.raises(SettingsError, match=f"another {option}:"):
        state.require_same(request_, ONE)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert state.read(tmp_path) is None
    state.write(tmp_path, ONE)
    assert state.read(tmp_path) == ONE


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cluster.json").write_bytes(content)
    with pytest.raises(StorageError, match=r"cluster\.json"):
        state.read(tmp_path)
