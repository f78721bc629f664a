"""A stack that goes on after the command that started it: `fogline up` and `fogline down`.

`DIRECTORY/current.json` says where it answers and which processes it is made of; every command of `fogline` reads it.
"""

import os
import shutil
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from shared.client import Client
from shared.documents import Cluster
from shared.errors import StorageError
from shared.storage import replace_file, require_room, storage_errors
from simulations.kafka.daemon import Daemon
from simulations.kafka.distribution import Progress
from simulations.kafka.state import Request
from simulations.programs import ProcessId, RunningProgram, await_condition
from simulations.stack import Layout, Say, start_control_plane

DRAIN_PATIENCE_S = 60.0
KAFKA_TIMEOUT_S = 120.0
HEARD_DEADLINE_S = 60.0
CONTROL_PLANE = "control-plane"
# For the control plane's database and an agent's artifacts; Kafka asks for its own.
LEAST_FREE_BYTES = 16 * 2**20


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """`own_kafka`: the Kafka at `bootstrap_servers` was started by `up`, so `down` stops it."""

    url: str = ""
    credential_file: str
    bootstrap_servers: str
    own_kafka: bool
    programs: dict[str, ProcessId] = {}

    @property
    def alive(self) -> dict[str, ProcessId]:
        return {name: process for name, process in self.programs.items() if process.is_alive}


class DetachedStack:
    """The stack whose state stands in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.layout = Layout(directory=directory)
        self.kafka = Daemon(directory / "kafka")

    @property
    def state_file(self) -> Path:
        return self.layout.directory / "current.json"

    def current(self) -> Current | None:
        """Raises StorageError when the file is damaged."""
        try:
            return msgspec.json.decode(self.state_file.read_bytes(), type=Current)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            reason = f"{self.state_file} cannot be read ({error}): delete it, and end by hand what runs"
            raise StorageError(reason) from error

    def up(
        self,
        *,
        agents: Mapping[str, Mapping[str, str]],
        clusters: tuple[str, ...],
        bootstrap_servers: str | None,
        port: int,
        say: Say,
        on_progress: Progress | None,
    ) -> Current:
        """Start what does not run; what does stays as it is. A failure leaves the rest running: try again."""
        self._prepare()
        # 1. Kafka: the one that was given, the one that runs here already, or a new one.
        if bootstrap_servers is None and self.kafka.status().state != "running":
            say("starting Kafka")
            self._record(own_kafka=True)
            self.kafka.start(Request(), timeout_s=KAFKA_TIMEOUT_S, on_progress=on_progress)
        servers = bootstrap_servers or self.kafka.status().bootstrap_servers
        current = self._record(bootstrap_servers=servers)
        # 2. The control plane, on the port it had.
        if CONTROL_PLANE not in current.alive:
            say("starting the control plane")
            running, url = start_control_plane(self.layout, port=port, leashed=False)
            current = self._record(url=url, programs={**current.alive, **_named(CONTROL_PLANE, running.id)})
        # 3. The cluster names, and an agent for each tier.
        with Client(current.url, credential=self.layout.credential_file.read_text().strip()) as client:
            for name in clusters:
                client.clusters.put(Cluster(name=name, bootstrap_servers=tuple(servers.split(","))))
            missing = {name: labels for name, labels in agents.items() if name not in current.alive}
            if missing:
                say(f"starting {len(missing)} agents")
                self._start_agents(client, current, missing)
        return self._record()

    def down(self, *, delete: bool, say: Say) -> tuple[str, ...]:
        """Drain the agents, then end the rest; returns the names of what ran. `delete` throws the data away."""
        current = self.current()
        alive = current.alive if current else {}
        control_plane = alive.pop(CONTROL_PLANE, None)
        say("draining the agents")
        _end(alive)
        if control_plane is not None:
            say("stopping the control plane")
            _end({CONTROL_PLANE: control_plane})
        if current is not None and current.own_kafka:
            say("stopping Kafka")
            self.kafka.stop()
        self.state_file.unlink(missing_ok=True)
        if delete:
            shutil.rmtree(self.layout.directory, ignore_errors=True)
        return (*alive, *([CONTROL_PLANE] if control_plane else []))

    def _start_agents(self, client: Client, current: Current, agents: Mapping[str, Mapping[str, str]]) -> None:
        """Returns once each was heard from; raises what ended one before that."""
        before = {node.name: node.last_seen for node in client.nodes.list()}
        started: dict[str, RunningProgram] = {}
        for name, labels in agents.items():
            self.layout.admit(name, client)
            started[name] = self.layout.agent(name, url=current.url, labels=labels).start(leashed=False)
            current = self._record(programs={**current.alive, **_named(name, started[name].id)})
        for name, running in started.items():
            is_heard = partial(_is_heard, client, name, since=before.get(name))
            running.await_condition(is_heard, deadline_s=HEARD_DEADLINE_S)

    def _prepare(self) -> None:
        with storage_errors(self.layout.directory):
            self.layout.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_room(self.layout.directory, LEAST_FREE_BYTES)

    def _record(self, **changes: object) -> Current:
        before = self.current() or Current(
            credential_file=str(self.layout.credential_file), bootstrap_servers="", own_kafka=False
        )
        after = msgspec.structs.replace(before, **changes)
        replace_file(self.state_file, msgspec.json.format(msgspec.json.encode(after)))
        return after


def default_directory(environ: Mapping[str, str] = os.environ) -> Path:
    root = environ.get("XDG_STATE_HOME")
    return (Path(root) if root else Path.home() / ".local" / "state") / "fogline"


def _is_heard(client: Client, name: str, *, since: str | None) -> bool:
    seen = next((node.last_seen for node in client.nodes.list() if node.name == name), None)
    return seen not in (None, since)


def _named(name: str, process: ProcessId | None) -> dict[str, ProcessId]:
    return {name: process} if process else {}


def _end(processes: Mapping[str, ProcessId]) -> None:
    """All at once: SIGTERM, and SIGKILL for what still runs after the time a drain may take."""
    for process in processes.values():
        if process.is_alive:
            os.kill(process.pid, signal.SIGTERM)
    await_condition(lambda: not any(one.is_alive for one in processes.values()), deadline_s=DRAIN_PATIENCE_S)
    for process in processes.values():
        process.stop(patience_s=0)
