"""A cluster that goes on after the command that started it: `fogline kafka start`, `stop` and `status`."""

import asyncio
import fcntl
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from shared.errors import StorageError
from shared.storage import storage_errors
from simulations.kafka import anchor, distribution, ports, readiness, runtime, state, storage
from simulations.kafka.config import NodePorts
from simulations.kafka.node import Node
from simulations.kafka.state import ClusterState, Request
from simulations.programs import ProcessId, await_condition

FIRST_PORT = 9092
ANSWER_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 20.0
HEAP_MB = 512


class NodeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`pid` is None when the broker does not run."""

    node: int
    port: int
    pid: int | None
    log: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`running`: every broker runs and the cluster serves; `failing`: some do not, or it does not; else `stopped`."""

    state: Literal["running", "failing", "stopped"]
    bootstrap_servers: str
    nodes: tuple[NodeStatus, ...]
    data_dir: str
    ephemeral: bool


NEVER_STARTED = Status(state="stopped", bootstrap_servers="", nodes=(), data_dir="", ephemeral=False)


class Daemon:
    """The cluster whose state stands in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def status(self) -> Status:
        """What runs now, asked of the processes and of the cluster."""
        known = state.read(self.directory)
        if known is None:
            return NEVER_STARTED
        alive = self._alive(known)
        return Status(
            state="stopped" if not alive else "running" if _serves(known, alive) else "failing",
            bootstrap_servers=known.config.bootstrap_servers,
            nodes=tuple(_node_status(node, known, alive) for node in _nodes(known)),
            data_dir=known.data_dir,
            ephemeral=known.ephemeral,
        )

    def start(self, request: Request, *, timeout_s: float, on_progress: distribution.Progress | None = None) -> None:
        """Makes it so that the cluster runs and serves; starts only the brokers that do not run.

        Raises what `KafkaCluster.open` raises, and `SettingsError` when another cluster than the one asked for runs;
        brokers that this call started are ended again then.
        """
        with self._locked():
            previous = state.read(self.directory)
            known = self._decide(request, previous)
            before = self._alive(known)
            try:
                if len(before) < len(known.ports):
                    self._start_missing(known, before, timeout_s, on_progress)
                self._await_ready(known, timeout_s)
            except BaseException:
                _end([process for node_id, process in self._alive(known).items() if node_id not in before])
                state.write(self.directory, previous)
                raise

    def stop(self) -> tuple[int, ...]:
        """Ends the brokers that `start` began, and nothing else; the pids of those that ran."""
        with self._locked():
            known = state.read(self.directory)
            if known is None:
                return ()
            alive = self._alive(known)
            _end(alive.values(), ask_first=not known.ephemeral)
            for node_id in known.config.node_ids:
                self._pid_file(node_id).unlink(missing_ok=True)
            if known.ephemeral:
                shutil.rmtree(known.data_dir, ignore_errors=True)
            return tuple(process.pid for process in alive.values())

    def _decide(self, request: Request, previous: ClusterState | None) -> ClusterState:
        if previous and self._alive(previous):
            state.require_same(request, previous)
            return previous
        size = state.size(request, previous)
        return ClusterState(
            ports=_choose_ports(request.ports, previous, size),
            data_dir=str(state.data_directory(request, previous, self.directory)),
            ephemeral=request.ephemeral,
        )

    def _start_missing(
        self,
        known: ClusterState,
        before: Mapping[int, ProcessId],
        timeout_s: float,
        on_progress: distribution.Progress | None,
    ) -> None:
        located = runtime.locate(heap_mb=HEAP_MB, on_progress=on_progress)
        if not before:
            shutil.rmtree(state.ephemeral(self.directory), ignore_errors=True)
        state.write(self.directory, known)
        for node in storage.prepare(Path(known.data_dir), known.config, located, timeout_s=timeout_s):
            if node.node_id not in before:
                ports.require_free(known.config.ports_of(node.node_id))
                self._spawn(node, located.broker_command(node))

    def _spawn(self, node: Node, command: list[str]) -> None:
        pid_file = self._pid_file(node.node_id)
        with node.open_log() as log:
            ended = subprocess.run(
                anchor.anchored(pid_file, command),
                cwd=node.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if ended.returncode == anchor.CANNOT_WRITE:
            raise StorageError(f"{pid_file} cannot be written: free some space there, or name another --dir")

    def _await_ready(self, known: ClusterState, timeout_s: float) -> None:
        nodes = {node.node_id: node for node in _nodes(known)}

        def require_alive() -> None:
            for node_id in nodes.keys() - self._alive(known).keys():
                raise nodes[node_id].death("ended while it started")

        try:
            asyncio.run(_ready_within(known, timeout_s, require_alive))
        except TimeoutError as error:
            raise nodes[1].failure(f"the cluster did not serve within {timeout_s:.0f} s") from error

    def _alive(self, known: ClusterState) -> Mapping[int, ProcessId]:
        found = {node_id: self._process(node_id) for node_id in known.config.node_ids}
        return {node_id: process for node_id, process in found.items() if process and process.is_alive}

    def _process(self, node_id: int) -> ProcessId | None:
        try:
            return msgspec.json.decode(self._pid_file(node_id).read_bytes(), type=ProcessId)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _pid_file(self, node_id: int) -> Path:
        return self.directory / f"node-{node_id}.pid"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One start or stop at a time."""
        with storage_errors(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / "lock").open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _nodes(known: ClusterState) -> tuple[Node, ...]:
    return storage.nodes_in(Path(known.data_dir), known.config)


def _node_status(node: Node, known: ClusterState, alive: Mapping[int, ProcessId]) -> NodeStatus:
    process = alive.get(node.node_id)
    return NodeStatus(
        node=node.node_id,
        port=known.config.ports_of(node.node_id).broker,
        pid=process.pid if process else None,
        log=str(node.log),
    )


def _choose_ports(given: tuple[int, ...], previous: ClusterState | None, size: int) -> tuple[NodePorts, ...]:
    """Those given; else those of last time, else from 9092 on, if they are free; else any free ones."""
    before = tuple(one.broker for one in previous.ports) if previous else ()
    usual = tuple(range(FIRST_PORT, FIRST_PORT + size))
    if not given:
        # A broker that was killed this moment may hold its port a little longer than it is seen.
        await_condition(lambda: all(map(ports.is_free, before)), deadline_s=5.0)
    wanted = (one for one in (before, usual) if len(one) == size and all(map(ports.is_free, one)))
    return ports.choose(size, given or next(wanted, None), random.SystemRandom())


def _serves(known: ClusterState, alive: Mapping[int, ProcessId]) -> bool:
    if len(alive) < len(known.ports):
        return False
    try:
        asyncio.run(_ready_within(known, ANSWER_TIMEOUT_S, lambda: None))
    except TimeoutError:
        return False
    return True


async def _ready_within(known: ClusterState, timeout_s: float, require_alive: Callable[[], None]) -> None:
    async with asyncio.timeout(timeout_s):
        cluster_id = _nodes(known)[0].cluster_id
        servers, node_ids = known.config.bootstrap_servers, known.config.node_ids
        await readiness.until_cluster_ready(servers, cluster_id, node_ids, require_alive)


def _end(processes: Collection[ProcessId], *, ask_first: bool = True) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL) if ask_first else (signal.SIGKILL,):
        for process in processes:
            if process.is_alive:
                os.kill(process.pid, number)
                os.kill(process.pid, signal.SIGCONT)  # a suspended broker would not see the first
        await_condition(lambda: not any(process.is_alive for process in processes), deadline_s=STOP_TIMEOUT_S)
