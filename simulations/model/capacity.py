"""How much of each thing a load uses on average, by arithmetic alone: what is used most breaks first as the load grows.

The utilisation law, share = rate x demand: P. J. Denning and J. P. Buzen, "The Operational Analysis of Queueing Network
Models", ACM Computing Surveys 10 (1978). Above one a queue grows for as long as the load lasts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from simulations.experiment.document import CLIENTS, Experiment, Load, Tier
from simulations.experiment.places import path
from simulations.experiment.presets import ResolvedLink, resolved
from simulations.model.records import shares
from simulations.model.service import ServiceTimes, TierService
from simulations.model.topology import DOWN, UP


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """`share` of its capacity; `tier` is empty for a link."""

    what: str
    share: float
    tier: str = ""


def uses(experiment: Experiment, service: ServiceTimes) -> tuple[Use, ...]:
    """The most used first. Raises DocumentError for a load without a rate."""
    rates = arriving(experiment, service)
    found = [*_agents(experiment, service, rates), *_room(experiment, service, rates), *_links(experiment, service)]
    return tuple(sorted(found, key=lambda use: -use.share))


def arriving(experiment: Experiment, service: ServiceTimes) -> NDArray[np.float64]:
    """Records a second that reach each tier."""
    leaving = shares(experiment, service)
    return np.asarray(load_rate(experiment.load) * (1 - np.cumsum(leaving) + leaving), dtype=np.float64)


def load_rate(load: Load) -> float:
    """Records a second of all clients. Raises DocumentError for a burst and for a trace."""
    if not load.rate:
        raise DocumentError("is needed: without it there is no load to be borne for longer", field="load.rate")
    return load.clients * float(load.rate)


def seconds_a_record(tier: Tier, service: TierService) -> float:
    """Of one agent with full micro-batches: inference and event loop work side by side, so the slower one counts."""
    most = tier.batching.max_records
    slowness = 1.0 if tier.cpu is None else max(1.0, 1.0 / tier.cpu)
    thread = service.infer_s / most + service.infer_record_s
    loop = (service.take_s + service.send_s + service.commit_s) / most + service.take_record_s + service.send_record_s
    return slowness * max(thread, loop)


def _agents(experiment: Experiment, service: ServiceTimes, rates: NDArray[np.float64]) -> Iterator[Use]:
    for tier, rate in zip(experiment.tiers, rates, strict=True):
        working = min(tier.replicas, tier.partitions)
        share = rate * seconds_a_record(tier, service.of(tier.name)) / working
        yield Use(what=f"agents of {tier.name}", share=float(share), tier=tier.name)


def _room(experiment: Experiment, service: ServiceTimes, rates: NDArray[np.float64]) -> Iterator[Use]:
    """A record takes room in its agent until the upper tier has acknowledged it."""
    links = _resolved(experiment)
    for index, (tier, rate) in enumerate(zip(experiment.tiers[:-1], rates, strict=False)):
        upper = experiment.tiers[index + 1]
        crossed = path(experiment, tier.name, upper.name)
        round_trip_s = sum(2 * links[name].latency_s for name in crossed)
        held_s = round_trip_s + service.of(upper.name).appended_after_s(upper)
        at_once = service.full_batches * tier.batching.max_records * min(tier.replicas, tier.partitions)
        yield Use(what=f"room of {tier.name} for {upper.name}", share=float(rate * held_s / at_once), tier=tier.name)


def _links(experiment: Experiment, service: ServiceTimes) -> Iterator[Use]:
    links = _resolved(experiment)
    for (name, direction), rate in _bytes_per_s(experiment, service).items():
        link = links[name]
        bandwidth = link.up_bytes_per_s if direction == UP else link.down_bytes_per_s
        yield Use(what=f"link {name} {direction}", share=rate / bandwidth)


def _bytes_per_s(experiment: Experiment, service: ServiceTimes) -> dict[tuple[str, str], float]:
    """Records as they go up; answers on all links from their tier down."""
    rates: dict[tuple[str, str], float] = {}
    below = CLIENTS
    leaving = shares(experiment, service) * load_rate(experiment.load)
    for tier, arriving_rate, leaving_rate in zip(experiment.tiers, arriving(experiment, service), leaving, strict=True):
        times = service.of(tier.name)
        for name in path(experiment, below, tier.name):
            rates[name, UP] = rates.get((name, UP), 0.0) + float(arriving_rate) * times.record_bytes
        for name in path(experiment, tier.name, CLIENTS):
            rates[name, DOWN] = rates.get((name, DOWN), 0.0) + float(leaving_rate) * times.answer_bytes
        below = tier.name
    return rates


def _resolved(experiment: Experiment) -> dict[str, ResolvedLink]:
    return {link.name: resolved(link) for link in experiment.links}
