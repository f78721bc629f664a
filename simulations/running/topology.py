"""Who reaches which Kafka cluster over which links. Pure.

Each tier has a cluster of its own. Whoever sits at another place comes to it through a door of its own, and so over
the links between: agents that forward, clients that send or read answers. Replication within a tier is not shaped, nor
are the agents' requests to the control plane.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulations.experiment.document import CLIENTS, Experiment
from simulations.kafka.config import Door


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One TCP listener of the shaper and where it leads."""

    listen_port: int
    target_port: int
    links: tuple[str, ...]


def places(experiment: Experiment) -> tuple[str, ...]:
    """In their line, the clients' first. Where no link names the clients, they are at the first tier's place."""
    named = any(CLIENTS in link.between for link in experiment.links)
    return (*((CLIENTS,) if named else ()), *(tier.name for tier in experiment.tiers))


def clients_place(experiment: Experiment) -> str:
    return places(experiment)[0]


def ways(experiment: Experiment) -> tuple[Way, ...]:
    """To each tier from each place below it."""
    line = places(experiment)
    by_ends = {frozenset(link.between): link.name for link in experiment.links}
    found = []
    for above, tier in enumerate(line):
        if tier == CLIENTS:
            continue
        for below in range(above):
            steps = [by_ends.get(frozenset(line[at : at + 2])) for at in range(below, above)]
            found.append(Way(place=line[below], tier=tier, links=tuple(step for step in steps if step)))
    return tuple(found)


def doors(experiment: Experiment, tier: str) -> tuple[str, ...]:
    """The names of the listeners that a tier's brokers need beside their own."""
    return tuple(way.door for way in ways(experiment) if way.tier == tier and way.links)


def routes(experiment: Experiment, opened: Mapping[str, Mapping[str, tuple[Door, ...]]]) -> tuple[Route, ...]:
    """For the shaper; `opened` has the doors of each tier by name, one a broker."""
    return tuple(
        Route(listen_port=door.advertised, target_port=door.port, links=way.links)
        for way in ways(experiment)
        if way.links
        for door in opened[way.tier][way.door]
    )
