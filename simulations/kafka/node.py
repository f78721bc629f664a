"""The files of one node, and what its log says when it fails."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from shared.errors import DiskFullError
from shared.storage import require_room
from simulations.kafka.errors import BrokerFailedError, PortTakenError

LAST_LINES = 8
_FULL_BELOW_BYTES = 2**20
BEGINNING = "=== begins"


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

    def open_log(self) -> BinaryIO:
        """For the output of one more run."""
        log = self.log.open("ab", buffering=0)
        log.write(f"{BEGINNING}\n".encode())
        return log

    def failure(self, reason: str) -> BrokerFailedError:
        return BrokerFailedError(reason, log=self.log, last_lines="\n".join(telling_lines(self._last_run())))

    def _last_run(self) -> str:
        try:
            return self.log.read_text(encoding="utf-8", errors="replace").rpartition(BEGINNING)[2]
        except FileNotFoundError:
            return ""

    def death(self, how: str) -> BrokerFailedError | PortTakenError | DiskFullError:
        """Why a broker that should run does not. On a full disk its log cannot say so."""
        try:
            require_room(self.directory, _FULL_BELOW_BYTES)
        except DiskFullError as error:
            return error
        failure = self.failure(f"broker {self.node_id} {how}")
        port = refused_port(failure.last_lines)
        return failure if port is None else PortTakenError(port)


def telling_lines(log: str, count: int = LAST_LINES) -> list[str]:
    """What a person looks for: the last lines that neither report a normal step nor stand inside a stack trace."""
    lines = [line for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if " INFO " not in line and not line.startswith(("\t", "    "))]
    return (telling or lines)[-count:]


def refused_port(log: str) -> int | None:
    """The port that another program took between our look and the broker's bind."""
    found = re.search(r"Socket server failed to bind to \S+:(\d+)", log)
    return int(found[1]) if found else None
