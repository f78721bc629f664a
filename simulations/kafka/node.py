"""The files of one node, and what its log says when it fails."""

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from simulations.kafka.errors import BrokerFailedError, PortTakenError

LAST_LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`directory` holds `server.properties`, `server.log` and `data/`."""

    node_id: int
    directory: Path

    @property
    def settings(self) -> Path:
        return self.directory / "server.properties"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def is_formatted(self) -> bool:
        return (self.data / "meta.properties").exists()

    @property
    def cluster_id(self) -> str:
        """Of a formatted node."""
        lines = (self.data / "meta.properties").read_text(encoding="utf-8").splitlines()
        return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))

    def failure(self, reason: str) -> BrokerFailedError:
        return BrokerFailedError(reason, log=self.log, last_lines=last_lines(self.log))

    def death(self, how: str) -> BrokerFailedError | PortTakenError:
        """Why a broker that should run does not."""
        failure = self.failure(f"broker {self.node_id} {how}")
        port = refused_port(failure.last_lines)
        return failure if port is None else PortTakenError(port)


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, count)).rstrip()
    except FileNotFoundError:
        return "(no log)"


def refused_port(log: str) -> int | None:
    """The port that another program took between our look and the broker's bind."""
    found = re.search(r"Socket server failed to bind to \S+:(\d+)", log)
    return int(found[1]) if found else None
