"""A Kafka cluster of one node or three on this machine, for as long as a `with` block lasts.

    with KafkaCluster() as kafka:
        produce(kafka.bootstrap_servers)

`async with` works as well: the same code, in a thread. All other methods block; each returns once what its name says
has come true. The brokers end with the block, and with this process however it ends.
"""

import asyncio
import base64
import os
import random
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Literal, Self, TypeVar

from simulations.kafka import config, distribution, java, lock, maven, ports, readiness
from simulations.kafka.config import ClusterConfig, NodePorts
from simulations.kafka.errors import DataDirectoryError, PortTakenError
from simulations.kafka.node import Node, Runtime

STOP_TIMEOUT_S = 15.0
PORT_ATTEMPTS = 3

Result = TypeVar("Result")


class KafkaCluster:
    """Made without side effects; `open` or a `with` block starts it.

    `ports` are those that clients use, one a node; free ones by default. Without `data_dir` the data is thrown away at
    the end; with it, a cluster of the same size finds its topics again. `extra` are broker properties.
    `on_progress` is called with (jars there, jars wanted) while Kafka is fetched for the first time.

    `open` raises `JavaMissingError`, `DownloadError`, `DigestError`, `PortTakenError`, `DataDirectoryError` and
    `BrokerFailedError`; whatever it raises, nothing is left running.
    """

    def __init__(
        self,
        *,
        nodes: Literal[1, 3] = 1,
        ports: Sequence[int] | None = None,
        data_dir: Path | None = None,
        extra: Mapping[str, str] | None = None,
        heap_mb: int = 512,
        start_timeout_s: float = 60.0,
        cache: Path | None = None,
        on_progress: distribution.Progress | None = None,
    ) -> None:
        if ports is not None and len(ports) != nodes:
            raise ValueError(f"{nodes} nodes need {nodes} ports, {len(ports)} were given")
        self._size = nodes
        self._given_ports = tuple(ports) if ports else None
        self._data_dir = data_dir
        self._extra = dict(extra or {})
        self._heap_mb = heap_mb
        self._start_timeout_s = start_timeout_s
        self._cache = cache or distribution.default_cache()
        self._on_progress = on_progress
        self._nodes: dict[int, Node] = {}
        self._config: ClusterConfig | None = None
        self._directory: Path | None = None
        # The thread that starts the brokers: their leash is tied to it, so it must last as long as they do.
        self._thread: ThreadPoolExecutor | None = None
        self._abandoned = False

    @property
    def bootstrap_servers(self) -> str:
        return self._opened.bootstrap_servers

    @property
    def node_ids(self) -> tuple[int, ...]:
        return self._opened.node_ids

    def log(self, node_id: int) -> Path:
        return self._nodes[node_id].log

    def open(self) -> None:
        for attempts_left in reversed(range(1 if self._given_ports else PORT_ATTEMPTS)):
            try:
                self._open()
            except PortTakenError:
                self.close()
                if not attempts_left:
                    raise
            except BaseException:
                self.close()
                raise
            else:
                return

    def close(self) -> None:
        """Ends all brokers: those whose data is kept are asked first. Safe to call twice."""
        self._abandoned = True
        if self._data_dir is not None:
            self._end(self._nodes, signal.SIGTERM, STOP_TIMEOUT_S)
        self._end(self._nodes, signal.SIGKILL, None)
        if self._thread is not None:
            self._thread.shutdown()
        if self._data_dir is None and self._directory is not None:
            shutil.rmtree(self._directory)
        self._nodes, self._config, self._directory, self._thread = {}, None, None, None

    def kill(self, node_id: int) -> None:
        """SIGKILL: the node has no time to hand over its leaderships."""
        self._end([node_id], signal.SIGKILL, None)

    def stop(self, node_id: int) -> None:
        """SIGTERM, and SIGKILL should it not have ended in `STOP_TIMEOUT_S`, as one without a quorum never does."""
        self._end([node_id], signal.SIGTERM, STOP_TIMEOUT_S)
        self._end([node_id], signal.SIGKILL, None)

    def start(self, *node_ids: int) -> None:
        """Starts nodes that were killed or stopped, on their ports and with their data, and waits until they serve.

        Without a majority of the nodes there is no quorum: start as many together as that takes.
        """
        for node_id in node_ids:
            ports.require_free(self._opened.ports_of(node_id))
            self._in_thread(self._nodes[node_id].start)
        self._await_ready()

    def suspend(self, node_id: int) -> None:
        """SIGSTOP: the node keeps its connections and says nothing."""
        self._nodes[node_id].signal(signal.SIGSTOP)

    def resume(self, node_id: int) -> None:
        self._nodes[node_id].signal(signal.SIGCONT)

    def wait_for_topic_leaders(self, *topics: str, in_sync: int = 1, timeout_s: float = 30.0) -> None:
        """Until each partition of these topics has a leader and `in_sync` replicas. Raises `TimeoutError`."""
        running = self._opened.bootstrap_servers_of(self._running)
        waiting = partial(readiness.until_leaders, running, topics, in_sync, self._require_alive)
        self._in_thread(lambda: asyncio.run(_within(timeout_s, waiting)))

    def _open(self) -> None:
        self._abandoned = False
        runtime = self._runtime()
        self._config = self._configure()
        self._directory = self._prepare_directory()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-starter")
        for node_id in self._config.node_ids:
            node = self._nodes[node_id] = Node(node_id, self._directory / f"node-{node_id}", runtime)
            node.write_settings(config.render(config.properties(self._config, node_id, node.data)))
        self._in_thread(self._format)
        self.start(*self._nodes)

    def _runtime(self) -> Runtime:
        return Runtime(
            java=java.find(os.environ),
            classpath=distribution.classpath(
                self._cache, lock.load(), fetch=maven.fetch, on_progress=self._on_progress
            ),
            heap_mb=self._heap_mb,
        )

    def _configure(self) -> ClusterConfig:
        free = ports.free(2 * self._size, random.SystemRandom())
        clients = self._given_ports or free[: self._size]
        controllers = free[self._size :]
        return ClusterConfig(
            ports=tuple(NodePorts(broker=b, controller=c) for b, c in zip(clients, controllers, strict=True)),
            extra=self._extra,
        )

    def _prepare_directory(self) -> Path:
        if self._data_dir is None:
            return Path(tempfile.mkdtemp(prefix="fogline-kafka-"))
        there = len(list(self._data_dir.glob("node-*")))
        if there not in (0, self._size):
            raise DataDirectoryError(
                f"{self._data_dir} holds a cluster of {there} nodes: start it with that many, or name another directory"
            )
        return self._data_dir.resolve()

    def _format(self) -> None:
        cluster_id = next((node.cluster_id for node in self._nodes.values() if node.is_formatted), _new_cluster_id())
        unformatted = [node for node in self._nodes.values() if not node.is_formatted]
        for node in unformatted:
            node.begin_format(cluster_id)
        for node in unformatted:
            node.end_format(self._start_timeout_s)

    def _await_ready(self) -> None:
        running = self._running
        bootstrap_servers = self._opened.bootstrap_servers_of(running)
        waiting = partial(readiness.until_cluster_ready, bootstrap_servers, running, self._require_alive)
        try:
            self._in_thread(lambda: asyncio.run(_within(self._start_timeout_s, waiting)))
        except TimeoutError as error:
            reason = f"brokers {running} were not ready after {self._start_timeout_s:.0f} s"
            raise self._nodes[running[0]].failure(reason) from error

    @property
    def _opened(self) -> ClusterConfig:
        if self._config is None:
            raise RuntimeError("the cluster is not open: use it in a with block")
        return self._config

    @property
    def _running(self) -> list[int]:
        return [node_id for node_id, node in self._nodes.items() if node.is_running]

    def _require_alive(self) -> None:
        if self._abandoned:
            raise RuntimeError("the cluster was closed meanwhile")
        for node in self._nodes.values():
            node.require_alive()

    def _end(self, node_ids: Iterable[int], number: signal.Signals, timeout_s: float | None) -> None:
        ending = [self._nodes[node_id] for node_id in node_ids]
        for node in ending:
            node.signal(number)
            node.signal(signal.SIGCONT)  # a suspended process does not see SIGTERM
        for node in ending:
            node.await_end(timeout_s)

    def _in_thread(self, call: Callable[[], Result]) -> Result:
        if self._thread is None:
            raise RuntimeError("the cluster is not open: use it in a with block")
        return self._thread.submit(call).result()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        opening = asyncio.ensure_future(asyncio.to_thread(self.open))
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._abandoned = True  # `open` sees it and cleans up
            await asyncio.wait([opening])
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


async def _within(timeout_s: float, wait: Callable[[], Coroutine[None, None, None]]) -> None:
    async with asyncio.timeout(timeout_s):
        await wait()


def _new_cluster_id() -> str:
    """A UUID as Kafka writes it, its first bit zero: one that began with a dash would be taken for an option."""
    first, *others = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([first & 0x7F, *others])).decode().rstrip("=")
