"""Who reaches which Kafka cluster over which links. Pure.

Each tier has a cluster of its own. Whoever sits at another place comes to it through a door of its own, and so over
the links between: agents that forward, clients that send or read answers. Replication within a tier is not shaped, nor
are the agents' requests to the control plane.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulations.experiment.document import Experiment
from simulations.experiment.places import path, places
from simulations.experiment.presets import UNLIMITED, ResolvedLink, resolved
from simulations.kafka.config import Door
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From a place to a tier's cluster; `links` in the order in which they are crossed, none when they are neighbours
    as near as this machine allows."""

    place: str
    tier: str
    links: tuple[str, ...]

    @property
    def door(self) -> str:
        """The broker's name for the listener, which knows letters, digits and underscores."""
        return f"FROM_{self.place.upper().replace('-', '_')}"


def ways(experiment: Experiment) -> tuple[Way, ...]:
    """To each tier from each place below it where somebody is: clients or another tier's agents."""
    tiers = [tier.name for tier in experiment.tiers]
    inhabited = [place for place in places(experiment) if place in tiers or place == clients_place(experiment)]
    return tuple(
        Way(place=place, tier=tier, links=path(experiment, place, tier))
        for above, tier in enumerate(inhabited)
        for place in inhabited[:above]
        if tier in tiers
    )


def clients_place(experiment: Experiment) -> str:
    return places(experiment)[0]


def doors(experiment: Experiment, tier: str) -> tuple[str, ...]:
    """The names of the listeners that a tier's brokers need beside their own."""
    return tuple(way.door for way in ways(experiment) if way.tier == tier and way.links)


def shaped(experiment: Experiment, opened: Mapping[str, Mapping[str, tuple[Door, ...]]]) -> ShaperSettings:
    """All links, and a route to each door; `opened` has the doors of each tier by name, one a broker."""
    routes = tuple(
        RouteSettings(listen_port=door.advertised, target_port=door.port, links=way.links)
        for way in ways(experiment)
        if way.links
        for door in opened[way.tier][way.door]
    )
    links = tuple(_link(resolved(link)) for link in experiment.links)
    return ShaperSettings(links=links, routes=routes, seed=experiment.seed)


def _link(link: ResolvedLink) -> LinkSettings:
    return LinkSettings(name=link.name, up=_line(link, link.up_bytes_per_s), down=_line(link, link.down_bytes_per_s))


def _line(link: ResolvedLink, bytes_per_s: float) -> LineSettings:
    return LineSettings(
        latency=link.latency_s,
        jitter=link.jitter_s,
        distribution=link.distribution,
        bandwidth=None if bytes_per_s == UNLIMITED else bytes_per_s,
        loss=link.loss,
    )
