"""What is written down about a detached cluster, and what was asked for; which of the two wins is decided here.

`STATE/cluster.json` says how the cluster was started, before it is; `STATE/node-K.pid` which process became of it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shared.errors import SettingsError, StorageError
from shared.storage import replace_file
from simulations.kafka.config import ClusterConfig, NodePorts

API_VERSION = "fogline/v1"


class ClusterState(msgspec.Struct, frozen=True, kw_only=True):
    ports: tuple[NodePorts, ...]
    data_dir: str
    ephemeral: bool
    api_version: str = API_VERSION

    @property
    def config(self) -> ClusterConfig:
        return ClusterConfig(ports=self.ports)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """None and empty mean: as it was, or else the default."""

    nodes: int | None = None
    ports: tuple[int, ...] = ()
    data_dir: Path | None = None
    ephemeral: bool = False


def default_directory(environ: Mapping[str, str] = os.environ) -> Path:
    root = environ.get("XDG_STATE_HOME")
    return (Path(root) if root else Path.home() / ".local" / "state") / "fogline" / "kafka"


def size(request: Request, previous: ClusterState | None) -> int:
    """How many nodes. Raises `SettingsError` when the request contradicts itself."""
    nodes = request.nodes or len(request.ports) or (len(previous.ports) if previous else 1)
    if nodes not in (1, 3):
        raise SettingsError(f"a cluster has 1 node or 3, not {nodes}")
    if request.ports and len(request.ports) != nodes:
        raise SettingsError(f"{nodes} nodes need {nodes} ports: repeat --port {nodes} times, or leave it out")
    if request.ephemeral and request.data_dir:
        raise SettingsError("--ephemeral throws the data away and --data-dir keeps it: choose one")
    return nodes


def ephemeral(directory: Path) -> Path:
    return directory / "ephemeral"


def data_directory(request: Request, previous: ClusterState | None, directory: Path) -> Path:
    if request.ephemeral:
        return ephemeral(directory)
    if request.data_dir:
        return request.data_dir.resolve()
    return Path(previous.data_dir) if previous and not previous.ephemeral else directory / "data"


def require_same(request: Request, running: ClusterState) -> None:
    """Raises `SettingsError` if a cluster that runs already is not the one asked for."""
    asked = {
        "nodes": (request.nodes, len(running.ports)),
        "port": (request.ports or None, tuple(ports.broker for ports in running.ports)),
        "data-dir": (request.data_dir and str(request.data_dir.resolve()), running.data_dir),
        "ephemeral": (request.ephemeral or None, running.ephemeral),
    }
    different = [name for name, (wanted, there) in asked.items() if wanted is not None and wanted != there]
    if different:
        raise SettingsError(
            f"a cluster runs already with another --{different[0]}: end it with `fogline kafka stop`, "
            "or run a second one beside it with --dir"
        )


def read(directory: Path) -> ClusterState | None:
    """Raises `StorageError` when the file is damaged."""
    path = directory / "cluster.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=ClusterState)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as error:
        raise StorageError(
            f"{path} cannot be read ({error}): delete it; brokers that run must be ended by hand"
        ) from error


def write(directory: Path, state: ClusterState | None) -> None:
    """Raises `StorageError`; what was written down before is then as it was."""
    path = directory / "cluster.json"
    if state is None:
        path.unlink(missing_ok=True)
    else:
        replace_file(path, msgspec.json.format(msgspec.json.encode(state)))
