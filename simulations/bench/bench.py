"""What measurements share: one broker, one control plane, one folder; started when first asked for, ended together."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Self

from shared.client import Client
from shared.documents import Cluster
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.distribution import Progress
from simulations.stack import Layout, start_control_plane

Say = Callable[[str], None]
CLUSTER = "bench"


class Bench:
    """`rounds`: how often each figure is measured. Use it in a `with` block, from one thread."""

    def __init__(self, *, rounds: int, say: Say = lambda _: None, on_progress: Progress | None = None) -> None:
        self.rounds = rounds
        self.say = say
        self._on_progress = on_progress
        self._open = ExitStack()
        self._numbers = count(1)

    @cached_property
    def layout(self) -> Layout:
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="fogline-bench-"))
        return Layout(directory=Path(folder))

    @cached_property
    def cluster(self) -> Cluster:
        """A broker of one node."""
        self.say("starting Kafka")
        kafka = self._open.enter_context(KafkaCluster(on_progress=self._on_progress))
        return Cluster(name=CLUSTER, bootstrap_servers=tuple(kafka.bootstrap_servers.split(",")))

    @cached_property
    def url(self) -> str:
        """Of a control plane."""
        self.say("starting the control plane")
        running, url = start_control_plane(self.layout, port=0, leashed=True)
        self._open.callback(running.stop)
        return url

    @property
    def credential(self) -> str:
        """The operator's, once there is a control plane."""
        return self.layout.credential_file.read_text().strip()

    def client(self) -> Client:
        url = self.url
        return Client(url, credential=self.credential)

    def unique(self, word: str) -> str:
        """A name that nothing else in this run has."""
        return f"{word}-{next(self._numbers)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
