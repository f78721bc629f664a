"""A Kafka cluster of one node or three on this machine, for as long as a `with` block lasts.

    with KafkaCluster() as kafka:
        produce(kafka.bootstrap_servers)

`async with` works as well: the same code, in a thread. All other methods block; each returns once what its name says
has come true. The brokers end with the block, and with this process however it ends.
"""

import asyncio
import random
import signal
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Self

from simulations.kafka import distribution, ports, readiness, runtime, storage
from simulations.kafka.child import Child
from simulations.kafka.config import ClusterConfig, Door
from simulations.kafka.errors import PortTakenError
from simulations.kafka.node import Node
from simulations.kafka.runtime import HeadStart, Runtime
from simulations.kafka.scratch import scratch_directory
from simulations.kafka.security import PROTOCOLS, Protocol, Security

STOP_TIMEOUT_S = 15.0
PORT_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """Of an open cluster. The brokers' leash is tied to `thread`, which starts them: it lasts as long as they do."""

    config: ClusterConfig
    runtime: Runtime
    nodes: Mapping[int, Node]
    thread: ThreadPoolExecutor


class KafkaCluster:
    """Made without side effects; `open` or a `with` block starts it.

    `ports` are those that clients use, one a node; free ones by default. Without `data_dir` the data is thrown away at
    the end; with it, a cluster of the same size finds its topics again. `extra` are broker properties; `security` adds
    listeners that ask who is there, at `secure_bootstrap_servers`. Each name of `doors` is one more listener, whose
    clients are told to come through the port that something in between listens on.
    `on_progress` is called with (jars there, jars wanted) while Kafka is fetched for the first time.

    `open` raises `JavaMissingError`, `DownloadError`, `DigestError`, `PortTakenError`, `DataDirectoryError`,
    `StorageError` and `BrokerFailedError`; whatever it raises, nothing is left running.
    """

    def __init__(
        self,
        *,
        nodes: Literal[1, 3] = 1,
        ports: Sequence[int] | None = None,
        data_dir: Path | None = None,
        extra: Mapping[str, str] | None = None,
        security: Security | None = None,
        doors: Sequence[str] = (),
        heap_mb: int = 512,
        start_timeout_s: float = 120.0,
        cache: Path | None = None,
        head_start: HeadStart | None = None,
        on_progress: distribution.Progress | None = None,
    ) -> None:
        if ports is not None and len(ports) != nodes:
            raise ValueError(f"{nodes} nodes need {nodes} ports, {len(ports)} were given")
        self._size = nodes
        self._given_ports = tuple(ports) if ports else None
        self._data_dir = data_dir
        self._extra = dict(extra or {})
        self._security = security
        self._doors = tuple(doors)
        self._start_timeout_s = start_timeout_s
        self._locate = partial(
            runtime.locate, heap_mb=heap_mb, cache=cache, head_start=head_start, on_progress=on_progress
        )
        self._parts: _Parts | None = None
        self._children: dict[int, Child] = {}
        self._undo = ExitStack()
        self._abandoned = False

    @property
    def bootstrap_servers(self) -> str:
        return self._open_parts.config.bootstrap_servers

    def secure_bootstrap_servers(self, protocol: Protocol) -> str:
        return self._open_parts.config.secure_bootstrap_servers(protocol)

    def doors(self, name: str) -> tuple[Door, ...]:
        """One a node."""
        return self._open_parts.config.doors(name)

    @property
    def node_ids(self) -> tuple[int, ...]:
        return self._open_parts.config.node_ids

    @property
    def running(self) -> tuple[int, ...]:
        """The nodes that were started and not killed or stopped since."""
        return tuple(sorted(self._children))

    def pid(self, node_id: int) -> int:
        return self._children[node_id].pid

    def log(self, node_id: int) -> Path:
        return self._open_parts.nodes[node_id].log

    def open(self) -> None:
        self._abandoned = False
        self._open()

    def close(self) -> None:
        """Ends all brokers: those whose data is kept are asked first. Safe to call twice."""
        self._abandoned = True
        self._undo.close()

    def kill(self, node_id: int) -> None:
        """SIGKILL: the node has no time to hand over its leaderships."""
        self._end([node_id], signal.SIGKILL, None)

    def stop(self, node_id: int, *, within_s: float = STOP_TIMEOUT_S) -> None:
        """SIGTERM, and SIGKILL should it not have ended by then, as one without a quorum never does."""
        self._end([node_id], signal.SIGTERM, within_s)
        self._end(set(self.running) & {node_id}, signal.SIGKILL, None)

    def start(self, *node_ids: int) -> None:
        """Starts nodes that were killed or stopped, on their ports and with their data, and waits until they serve.

        Without a majority of the nodes there is no quorum: start as many together as that takes, or all by naming none.
        """
        for node_id in node_ids or set(self.node_ids) - set(self.running):
            ports.require_free(self._open_parts.config.ports_of(node_id))
            self._open_parts.thread.submit(self._spawn, self._open_parts.nodes[node_id]).result()
        self._await_ready()

    def suspend(self, node_id: int) -> None:
        """SIGSTOP: the node keeps its connections and says nothing."""
        self._children[node_id].suspend()

    def resume(self, node_id: int) -> None:
        self._children[node_id].send(signal.SIGCONT)

    def wait_for_topic_leaders(self, *topics: str, in_sync: int = 1, timeout_s: float = 30.0) -> None:
        """Until each partition of these topics has a leader and `in_sync` replicas. Raises `TimeoutError`."""
        bootstrap_servers = self._open_parts.config.bootstrap_servers_of(self.running)
        self._await(
            partial(readiness.until_leaders, bootstrap_servers, topics, in_sync, self._require_alive), timeout_s
        )

    def _open(self) -> None:
        for attempts_left in reversed(range(1 if self._given_ports else PORT_ATTEMPTS)):
            try:
                self._open_on_some_ports()
                break
            except PortTakenError:  # between our look and the broker's bind
                if self._abandoned or not attempts_left:
                    raise

    def _open_on_some_ports(self) -> None:
        runtime = self._locate()
        secure = PROTOCOLS if self._security else ()
        chosen = ports.choose(self._size, self._given_ports, random.SystemRandom(), secure=secure, doors=self._doors)
        config = ClusterConfig(ports=chosen, extra=self._extra, security=self._security)
        with ExitStack() as undo:
            directory = self._data_dir or undo.enter_context(scratch_directory())
            thread = undo.enter_context(ThreadPoolExecutor(1, thread_name_prefix="kafka-starter"))
            undo.callback(self._end_all)
            prepare = partial(storage.prepare, directory, config, runtime, timeout_s=self._start_timeout_s)
            nodes = thread.submit(prepare).result()
            self._parts = _Parts(
                config=config, runtime=runtime, nodes={node.node_id: node for node in nodes}, thread=thread
            )
            self.start()
            self._undo = undo.pop_all()

    def _end_all(self) -> None:
        if self._data_dir is not None:
            self._end(self.running, signal.SIGTERM, STOP_TIMEOUT_S)
        self._end(self.running, signal.SIGKILL, None)

    def _spawn(self, node: Node) -> None:
        self._children[node.node_id] = Child(self._open_parts.runtime.broker_command(node), node=node)

    def _await_ready(self) -> None:
        bootstrap_servers = self._open_parts.config.bootstrap_servers_of(self.running)
        first = self._open_parts.nodes[self.running[0]]
        ready = partial(readiness.until_cluster_ready, bootstrap_servers, first.cluster_id, self.running)
        try:
            self._await(partial(ready, self._require_alive), self._start_timeout_s)
        except TimeoutError as error:
            names = ", ".join(map(str, self.running))
            raise first.failure(f"broker {names} did not serve within {self._start_timeout_s:.0f} s") from error

    def _require_alive(self) -> None:
        if self._abandoned:
            raise RuntimeError("the cluster was closed meanwhile")
        for node_id, child in tuple(self._children.items()):
            if (code := child.exit_code) is not None:
                raise self._open_parts.nodes[node_id].death(f"ended with code {code}")

    def _end(self, node_ids: Iterable[int], number: signal.Signals, within_s: float | None) -> None:
        """Signals all before it waits for any: nodes that go together go fast."""
        # Taken out first: another thread that waits for something must not take this for a failure.
        ending = {node_id: self._children.pop(node_id) for node_id in node_ids}
        for child in ending.values():
            child.end(number)
        self._children |= {
            node_id: child for node_id, child in ending.items() if not child.has_ended(within_s=within_s)
        }

    @property
    def _open_parts(self) -> "_Parts":
        if self._parts is None:
            raise RuntimeError("the cluster is not open: use it in a with block")
        return self._parts

    def _await(self, condition: Callable[[], Coroutine[None, None, None]], timeout_s: float) -> None:
        # In the thread, because the caller's may run an event loop already.
        self._open_parts.thread.submit(lambda: asyncio.run(_within(timeout_s, condition))).result()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self._abandoned = False
        opening = asyncio.ensure_future(asyncio.to_thread(self._open))
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._abandoned = True  # `_open` sees it and cleans up, unless it was through already
            await asyncio.wait([opening])
            if opening.exception() is None:
                await asyncio.to_thread(self.close)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


async def _within(timeout_s: float, condition: Callable[[], Coroutine[None, None, None]]) -> None:
    async with asyncio.timeout(timeout_s):
        await condition()
