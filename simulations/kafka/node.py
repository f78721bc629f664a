"""One broker as a process: its files, its command line, its signals."""

import os
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simulations.kafka.errors import BrokerFailedError, PortTakenError

LEASH = Path(__file__).with_name("leash.py")
LAST_LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What every node of a cluster is run with."""

    java: Path
    classpath: tuple[Path, ...]
    heap_mb: int

    def command(self, main_class: str, *arguments: str) -> list[str]:
        return [
            str(self.java),
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "-cp",
            os.pathsep.join(map(str, self.classpath)),
            main_class,
            *arguments,
        ]


class Node:
    """A node's directory holds `server.properties`, `server.log` and `data/`."""

    def __init__(self, node_id: int, directory: Path, runtime: Runtime) -> None:
        self.node_id = node_id
        self.directory = directory
        self.log = directory / "server.log"
        self.data = directory / "data"
        self._settings = directory / "server.properties"
        self._runtime = runtime
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_formatted(self) -> bool:
        return (self.data / "meta.properties").exists()

    @property
    def cluster_id(self) -> str:
        """Of a formatted node."""
        lines = (self.data / "meta.properties").read_text(encoding="utf-8").splitlines()
        return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))

    @property
    def is_running(self) -> bool:
        """Started, and not ended on purpose since."""
        return self._process is not None

    def write_settings(self, text: str) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(text, encoding="utf-8")

    def begin_format(self, cluster_id: str) -> None:
        """`end_format` awaits it, so that several nodes can be formatted at once."""
        self._run(("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self._settings)), leashed=True)

    def end_format(self, timeout_s: float) -> None:
        self.await_end(timeout_s)
        if not self.is_formatted:
            raise self.failure(f"node {self.node_id} could not be formatted")

    def start(self, *, leashed: bool = True) -> None:
        """Returns at once. Must be called in a thread that lives as long as the broker shall, see `leash`."""
        self._run(("kafka.Kafka", str(self._settings)), leashed=leashed)

    def require_alive(self) -> None:
        """Raises `BrokerFailedError` or `PortTakenError` if the broker has ended."""
        if self._process is None or (code := self._process.poll()) is None:
            return
        error = self.failure(f"broker {self.node_id} ended with code {code}")
        raise PortTakenError(port) if (port := _refused_port(error.last_lines)) else error

    def failure(self, reason: str) -> BrokerFailedError:
        return BrokerFailedError(reason, log=self.log, last_lines=last_lines(self.log))

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def await_end(self, timeout_s: float | None) -> None:
        """Until the process has ended and is reaped, or the time is over."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
            self._process = None

    def _run(self, arguments: Sequence[str], *, leashed: bool) -> None:
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())] if leashed else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, *self._runtime.command(*arguments)],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal is for us; we decide when brokers go.
                start_new_session=True,
            )


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, count)).rstrip()
    except FileNotFoundError:
        return "(no log)"


def _refused_port(log: str) -> int | None:
    """The port of a broker that another program took between our look and its bind."""
    found = re.search(r"Socket server failed to bind to \S+:(\d+)", log)
    return int(found[1]) if found else None
