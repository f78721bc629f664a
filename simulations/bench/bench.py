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
from simulations.experiment.presets import PRESETS
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.distribution import Progress
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings
from simulations.stack import Layout, start_control_plane

Say = Callable[[str], None]
CLUSTER = "bench"
_DOOR = "FROM_A_SITE"


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
        return Cluster(name=CLUSTER, bootstrap_servers=tuple(self._kafka.bootstrap_servers.split(",")))

    @cached_property
    def cluster_over_4g(self) -> Cluster:
        """The same broker, as a site has it that reaches it over 4G."""
        doors, preset = self._kafka.doors(_DOOR), PRESETS["4g"]
        up, down = (
            LineSettings(
                latency=preset.latency_s, jitter=preset.jitter_s, distribution=preset.distribution, bandwidth=bandwidth
            )
            for bandwidth in (preset.up_bytes_per_s, preset.down_bytes_per_s)
        )
        routes = [RouteSettings(listen_port=one.advertised, target_port=one.port, links=("4g",)) for one in doors]
        settings = ShaperSettings(links=(LinkSettings(name="4g", up=up, down=down),), routes=tuple(routes))
        self._open.enter_context(Shaper(settings, log=self.layout.directory / "shaper.log"))
        servers = tuple(f"{routes[0].target_host}:{one.advertised}" for one in doors)
        return Cluster(name=CLUSTER, bootstrap_servers=servers)

    @cached_property
    def _kafka(self) -> KafkaCluster:
        self.say("starting Kafka")
        return self._open.enter_context(KafkaCluster(doors=(_DOOR,), on_progress=self._on_progress))

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
