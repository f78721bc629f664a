"""Node directories made ready: settings written, data formatted where it is new."""

import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.storage import require_room, storage_errors
from simulations.kafka import config, formatted, security
from simulations.kafka.child import Child
from simulations.kafka.config import ClusterConfig
from simulations.kafka.errors import DataDirectoryError
from simulations.kafka.identifiers import new_id
from simulations.kafka.node import Node
from simulations.kafka.runtime import Runtime

# A broker ends at once when it cannot write, in the middle of what it does: better not to begin.
LEAST_FREE_BYTES = 16 * 2**20


def prepare(directory: Path, cluster: ClusterConfig, runtime: Runtime, *, timeout_s: float) -> tuple[Node, ...]:
    """The nodes of `cluster` in `directory`, each ready to start.

    Raises `DataDirectoryError`, `StorageError` and `BrokerFailedError`.
    """
    _require_usable(directory, len(cluster.ports))
    require_room(directory, LEAST_FREE_BYTES * len(cluster.ports))
    nodes = nodes_in(directory, cluster)
    with storage_errors(directory):
        for node in nodes:
            node.directory.mkdir(parents=True, exist_ok=True)
            node.settings.write_text(config.render(config.properties(cluster, node.node_id, node.data)))
    new = [node for node in nodes if not node.is_formatted]
    cluster_id = next((node.cluster_id for node in nodes if node.is_formatted), None) or new_id()
    kept = runtime.head_start.formatted
    # Settings of the caller's own are for Kafka to read before anything is written, and so are passwords.
    if kept and not cluster.extra and not cluster.security:
        with storage_errors(directory):
            for node in new:
                formatted.copy(kept, node, cluster_id)
    else:
        users = security.format_arguments(cluster.security) if cluster.security else []
        _format(new, lambda node: runtime.format_command(node, cluster_id, *users), timeout_s)
    return nodes


def nodes_in(directory: Path, cluster: ClusterConfig) -> tuple[Node, ...]:
    return tuple(Node(node_id=k, directory=directory.resolve() / f"node-{k}") for k in cluster.node_ids)


def _require_usable(directory: Path, size: int) -> None:
    if "," in str(directory.resolve()):
        raise DataDirectoryError(f"{directory} has a comma in its path, where Kafka would split it: name another")
    there = len(list(directory.glob("node-*")))
    if there not in (0, size):
        raise DataDirectoryError(
            f"{directory} holds a cluster of {there} nodes: start it with that many, or name another directory"
        )


def _format(nodes: Sequence[Node], command: Callable[[Node], list[str]], timeout_s: float) -> None:
    running = {node: Child(command(node), node=node) for node in nodes}
    try:
        for node, child in running.items():
            if not child.has_ended(within_s=timeout_s) or child.exit_code != 0:
                raise node.failure(f"node {node.node_id} could not be formatted")
    finally:
        for child in running.values():
            child.end(signal.SIGKILL)
            child.has_ended()
