"""For this load, these links and this target: how many nodes and partitions a tier, and what breaks first. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import msgspec
import numpy as np

from simulations.experiment.document import Experiment
from simulations.experiment.quantities import Duration
from simulations.model.capacity import Use, arriving, load_rate, seconds_a_record, uses
from simulations.model.outcome import Outcome
from simulations.model.service import ServiceTimes
from simulations.model.simulation import simulate

# Enough for a p99 that one more record hardly moves, few enough to try dozens of plans in a minute.
SAMPLE_RECORDS = 100_000
# Agents busier than this answer in time only by luck: the search begins below it.
_BUSY = 0.9
_GROWTH = 1.3
# So many more nodes in turn without a gain: what is left is not waiting for nodes.
_PATIENCE = 4
_GAIN = 0.99

Nodes = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`nodes` a tier, and as many Kafka partitions. `breaks_first` is used most, and holds until the load has grown
    `grows_to` times. Where the target `is_met` by no plan, the nearest one stands here and `reason` says why."""

    nodes: Nodes
    p99_s: float
    is_met: bool
    breaks_first: Use
    grows_to: float
    uses: tuple[Use, ...]
    reason: str = ""


def plan(experiment: Experiment, service: ServiceTimes, *, target_p99_s: float, most_nodes: int = 256) -> Plan:
    """The nodes and partitions in `experiment` do not matter. `most_nodes`: of one tier.

    Raises DocumentError for a load without a rate.
    """
    sample = _sample(experiment)
    used = uses(with_nodes(sample, least_nodes(sample, service)), service)
    full = next((use for use in used if not use.tier and use.share >= 1), None)
    if full is not None:
        return _made(sample, service, least_nodes(sample, service), float("inf"), reason=f"{full.what} is full")
    nodes, p99_s = _grown(sample, service, target_p99_s, most_nodes)
    if p99_s > target_p99_s:
        reason = f"more nodes do not help: p99 stays at {1e3 * p99_s:.1f} ms, which links, room and work take"
        return _made(sample, service, nodes, p99_s, reason=reason)
    return _made(sample, service, *_trimmed(sample, service, nodes, p99_s, target_p99_s))


def with_nodes(experiment: Experiment, nodes: Nodes) -> Experiment:
    """As many partitions as nodes: fewer leave nodes idle."""
    tiers = tuple(
        msgspec.structs.replace(tier, replicas=nodes[tier.name], partitions=nodes[tier.name])
        for tier in experiment.tiers
    )
    return msgspec.structs.replace(experiment, tiers=tiers)


def least_nodes(experiment: Experiment, service: ServiceTimes) -> Nodes:
    """Fewer cannot keep up with the average."""
    rates = arriving(experiment, service)
    return {
        tier.name: max(1, ceil(rate * seconds_a_record(tier, service.of(tier.name)) / _BUSY))
        for tier, rate in zip(experiment.tiers, rates, strict=True)
    }


def _sample(experiment: Experiment) -> Experiment:
    """The same load for a shorter time."""
    load = experiment.load
    most_s = SAMPLE_RECORDS / load_rate(load) + load.warm_up
    duration = Duration(most_s if load.duration is None else min(load.duration, most_s))
    return msgspec.structs.replace(experiment, load=msgspec.structs.replace(load, duration=duration))


def _grown(experiment: Experiment, service: ServiceTimes, target_s: float, most: int) -> tuple[Nodes, float]:
    """More nodes at every tier, until the target is met or nothing is gained."""
    nodes = least_nodes(experiment, service)
    best_nodes, best_s, since_gain = nodes, float("inf"), 0
    while best_s > target_s and since_gain < _PATIENCE:
        p99_s = _p99_s(simulate(with_nodes(experiment, nodes), service))
        since_gain = 0 if p99_s < _GAIN * best_s else since_gain + 1
        if p99_s < best_s:
            best_nodes, best_s = nodes, p99_s
        if all(count >= most for count in nodes.values()):
            break
        nodes = {tier: max(count, min(most, ceil(_GROWTH * count))) for tier, count in nodes.items()}
    return best_nodes, best_s


def _trimmed(
    experiment: Experiment, service: ServiceTimes, nodes: Nodes, p99_s: float, target_s: float
) -> tuple[Nodes, float]:
    """Take nodes away again, tier by tier by bisection, as long as the target is met."""
    least = least_nodes(experiment, service)
    for tier in nodes:
        too_few = least[tier] - 1
        while nodes[tier] - too_few > 1:
            fewer = {**nodes, tier: (nodes[tier] + too_few) // 2}
            found = _p99_s(simulate(with_nodes(experiment, fewer), service))
            if found <= target_s:
                nodes, p99_s = fewer, found
            else:
                too_few = fewer[tier]
    return nodes, p99_s


def _p99_s(outcome: Outcome) -> float:
    """A lost record took for ever."""
    measured = outcome.latencies_s()
    if not len(measured) or outcome.lost > 0.01 * len(measured):
        return float("inf")
    return float(np.percentile(measured, 99))


def _made(experiment: Experiment, service: ServiceTimes, nodes: Nodes, p99_s: float, *, reason: str = "") -> Plan:
    used = uses(with_nodes(experiment, nodes), service)
    return Plan(
        nodes=nodes,
        p99_s=p99_s,
        is_met=not reason,
        breaks_first=used[0],
        grows_to=1 / used[0].share if used[0].share else float("inf"),
        uses=used,
        reason=reason,
    )
