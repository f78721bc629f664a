"""The `server.properties` of one node: a pure function of what the cluster is.

KRaft, each node broker and controller at once. The quorum is the static one (`controller.quorum.voters`), so that a
kept data directory may come back on other ports.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulations.kafka import security
from simulations.kafka.security import Security

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A listener for those who come another way: the broker listens on `port` and tells them `advertised`, where
    whatever stands in between must listen."""

    port: int
    advertised: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePorts:
    """What one node listens on. `secure` by protocol, where the cluster has `security`; `doors` by name."""

    broker: int
    controller: int
    secure: Mapping[str, int] = field(default_factory=dict)
    doors: Mapping[str, Door] = field(default_factory=dict)

    def __iter__(self) -> Iterator[int]:
        return iter((self.broker, self.controller, *self.secure.values(), *(door.port for door in self.doors.values())))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """`ports[k]` are the ports of node k + 1; `extra` properties stand above all others."""

    ports: tuple[NodePorts, ...]
    extra: Mapping[str, str] = field(default_factory=dict)
    security: Security | None = None

    @property
    def node_ids(self) -> tuple[int, ...]:
        return tuple(range(1, len(self.ports) + 1))

    def ports_of(self, node_id: int) -> NodePorts:
        return self.ports[node_id - 1]

    @property
    def bootstrap_servers(self) -> str:
        return self.bootstrap_servers_of(self.node_ids)

    def bootstrap_servers_of(self, node_ids: Iterable[int]) -> str:
        return ",".join(f"{HOST}:{self.ports_of(node_id).broker}" for node_id in node_ids)

    def secure_bootstrap_servers(self, protocol: str) -> str:
        return ",".join(f"{HOST}:{ports.secure[protocol]}" for ports in self.ports)

    def doors(self, name: str) -> tuple[Door, ...]:
        """One a node, in their order."""
        return tuple(ports.doors[name] for ports in self.ports)


def properties(cluster: ClusterConfig, node_id: int, data: Path) -> dict[str, str]:
    return {
        **_identity(cluster, node_id, data),
        **_listeners(cluster.ports_of(node_id)),
        **_replication(len(cluster.ports)),
        **_QUICK,
        **(security.properties(cluster.security) if cluster.security else {}),
        **cluster.extra,
    }


def render(settings: Mapping[str, str]) -> str:
    """The text of a Java properties file."""
    return "".join(f"{key}={_escape(value)}\n" for key, value in settings.items())


def _identity(cluster: ClusterConfig, node_id: int, data: Path) -> dict[str, str]:
    voters = (f"{voter}@{HOST}:{cluster.ports_of(voter).controller}" for voter in cluster.node_ids)
    return {
        "process.roles": "broker,controller",
        "node.id": str(node_id),
        "log.dirs": str(data),
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
    }


def _listeners(ports: NodePorts) -> dict[str, str]:
    plain = {"PLAINTEXT": ports.broker, **ports.secure}
    listening = plain | {name: door.port for name, door in ports.doors.items()}
    advertised = plain | {name: door.advertised for name, door in ports.doors.items()}
    protocols = {name: name for name in plain} | dict.fromkeys(ports.doors, "PLAINTEXT")
    return {
        "listeners": _addresses(listening | {"CONTROLLER": ports.controller}),
        "advertised.listeners": _addresses(advertised),
        "listener.security.protocol.map": ",".join(
            f"{name}:{protocol}" for name, protocol in {**protocols, "CONTROLLER": "PLAINTEXT"}.items()
        ),
        "inter.broker.listener.name": "PLAINTEXT",
    }


def _addresses(listeners: Mapping[str, int]) -> str:
    return ",".join(f"{name}://{HOST}:{port}" for name, port in listeners.items())


def _replication(nodes: int) -> dict[str, str]:
    """Three nodes survive the loss of one: every log on all three, and two must have a record before it is acked."""
    replicas = str(min(nodes, 3))
    in_sync = str(min(nodes, 2))
    return {
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
    }


_QUICK: Mapping[str, str] = {
    # The default waits 3 s for more members before the first assignment of every new group.
    "group.initial.rebalance.delay.ms": "0",
    # The defaults make 50 partitions each, which a new cluster creates on the first join and loads after each failover.
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.num.partitions": "3",
    # How long a dead node keeps its leaderships: 9 s by default.
    "broker.session.timeout.ms": "6000",
    # Twice a second by default a controller with nothing to write writes so: a third of what an idle broker costs.
    "metadata.max.idle.interval.ms": "5000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    # 128 MB of heap by default, for logs of many gigabytes.
    "log.cleaner.dedupe.buffer.size": "8388608",
}


def _escape(value: str) -> str:
    """Java reads Latin-1, drops leading blanks and takes backslashes for escapes: its own UTF-16 escapes are safe."""
    units = value.encode("utf-16-be")
    codes = (int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2))
    return "".join(chr(code) if 0x20 < code < 0x7F and code != 0x5C else f"\\u{code:04x}" for code in codes)
