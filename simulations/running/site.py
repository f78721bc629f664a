"""Everything an experiment's cells with one topology share: clusters, links, a control plane and agents.

    with Site(experiment, directory) as site:
        site.client()

Everything ends with the block, and with this process however it ends.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from shared.client import Client
from shared.documents import Cluster
from simulations.experiment.document import Experiment, Tier
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.config import HOST, Door
from simulations.links.running import Shaper
from simulations.links.statistics import LineStatistics
from simulations.programs import RunningProgram
from simulations.running import topology
from simulations.running.quotas.quotas import Quotas
from simulations.stack import CONTROL_PLANE, Layout, start_control_plane, stop_all

Say = Callable[[str], None]


def tier_of(node: str) -> str:
    """A site names its nodes `<tier>-<number>`."""
    return node.rpartition("-")[0]


class Site:
    """`kafka` by tier, `programs` by name: `control-plane` and `<tier>-<number>` for each agent. `has_served`: a
    repetition was brought to its end here."""

    def __init__(self, experiment: Experiment, directory: Path, *, say: Say = lambda _: None) -> None:
        self.experiment = experiment
        self.layout = Layout(directory=directory)
        self.kafka: dict[str, KafkaCluster] = {}
        self.programs: dict[str, RunningProgram] = {}
        self._shaper: Shaper | None = None
        self._quotas = Quotas()
        self.url = ""
        self.has_served = False
        self._ways = {(way.place, way.tier): way for way in topology.ways(experiment)}
        self._say = say
        self._open = ExitStack()

    def client(self) -> Client:
        return self.layout.client(self.url)

    def cluster(self, tier: str, *, seen_from: str | None = None) -> Cluster:
        """A tier's Kafka as its own agents reach it, or as somebody at another place does: over the links between."""
        kafka = self.kafka[tier]
        way = self._ways.get((seen_from or tier, tier))
        servers = kafka.bootstrap_servers.split(",")
        if way is not None and way.links:
            servers = [f"{HOST}:{door.advertised}" for door in kafka.doors(way.door)]
        return Cluster(name=tier, bootstrap_servers=tuple(servers))

    @property
    def shaper(self) -> Shaper:
        if self._shaper is None:
            raise RuntimeError("this site has no links")
        return self._shaper

    def carried(self) -> tuple[LineStatistics, ...]:
        """What each link carried each way since the last call; nothing where there are no links."""
        return () if self._shaper is None else self._shaper.statistics_since().lines

    def pids(self) -> dict[str, int]:
        """Of everything that runs here, by name; a broker is `kafka:<tier>-<number>`."""
        found = {name: one.process.pid for name, one in list(self.programs.items())}
        if self._shaper is not None:
            found["links"] = self._shaper.running.process.pid
        for tier, kafka in self.kafka.items():
            found |= {f"kafka:{tier}-{number}": kafka.pid(number) for number in kafka.running}
        return found

    def restart(self, name: str) -> RunningProgram:
        """What was killed or stopped, on what it has stored and under its old address."""
        if name == CONTROL_PLANE:
            return self._start_control_plane(port=urlsplit(self.url).port or 0)
        return self._start_agent(name, next(tier for tier in self.experiment.tiers if tier.name == tier_of(name)))

    def _start_control_plane(self, *, port: int) -> RunningProgram:
        running, self.url = start_control_plane(self.layout, port=port, leashed=True)
        self.programs[CONTROL_PLANE] = running
        return running

    def _start_agent(self, name: str, tier: Tier) -> RunningProgram:
        with self.client() as client:
            self.layout.admit(name, client)
        settings = self.layout.directory / f"{name}.toml"
        settings.write_text(self._overrides(tier.name))
        extra = ("--settings", str(settings))
        program = self.layout.agent(name, url=self.url, labels={"tier": tier.name}, extra=extra)
        running = self.programs[name] = self._quotas.confined(program, tier).start(leashed=True)
        return running

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _start(self) -> None:
        self._open.callback(self._quotas.remove)
        # 1. A cluster a tier, with a door for everybody who comes over a link.
        for tier in self.experiment.tiers:
            self._say(f"starting Kafka for {tier.name}")
            kafka = KafkaCluster(nodes=tier.brokers, doors=topology.doors(self.experiment, tier.name))
            self.kafka[tier.name] = self._open.enter_context(kafka)
        # 2. The links, which those doors lead to.
        self._open_links()
        # 3. The control plane, and what the names of the clusters mean to a node of that tier.
        self._open.callback(stop_all, self.programs)
        self._start_control_plane(port=0)
        with self.client() as client:
            for tier in self.experiment.tiers:
                client.clusters.put(self.cluster(tier.name))
        # 4. The agents.
        for tier in self.experiment.tiers:
            for number in range(1, tier.replicas + 1):
                self._start_agent(f"{tier.name}-{number}", tier)

    def _open_links(self) -> None:
        settings = topology.shaped(self.experiment, self._doors())
        if settings.routes:
            self._say("opening the links")
            self._shaper = self._open.enter_context(Shaper(settings, log=self.layout.log("links")))

    def _doors(self) -> Mapping[str, Mapping[str, tuple[Door, ...]]]:
        return {
            tier.name: {name: self.kafka[tier.name].doors(name) for name in topology.doors(self.experiment, tier.name)}
            for tier in self.experiment.tiers
        }

    def _overrides(self, place: str) -> str:
        """A node's settings: the clusters above it, by the doors that lead over the links."""
        lines = []
        for tier in self.experiment.tiers:
            if (place, tier.name) in self._ways:
                servers = self.cluster(tier.name, seen_from=place).bootstrap_servers
                addresses = ", ".join(f'"{server}"' for server in servers)
                lines += [f"[clusters.{tier.name}]", f"bootstrap_servers = [{addresses}]"]
        return "\n".join(lines) + "\n"
