"""What federations want of the nodes: one that coordinates, and everybody who is invited. Pure.

No part of a federation has a slot. Most of its time a participant waits, for data or for the next model, as long as
the federation lasts: with the slot of training it would keep every run from its node for months, and a run on a stream
without an end would keep the federation from the site for ever. Cores are shared where trainers start: on the node.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial

from controlplane.federations import Federated
from controlplane.fleet import Demand, Key, Node
from shared.documents import Cluster, Framework, Workload
from shared.documents.federation import Invited
from shared.documents.federation_workloads import COORDINATOR, PARTICIPANT, CoordinatorWorkload, ParticipantWorkload


def owner(federation: str, edition: int) -> str:
    """An edition's own: the next one of the name is somebody else."""
    return f"federation/{federation}/{edition}"


def workload_id(one: Federated, part: str) -> str:
    return f"federation.{one.name}.{one.edition}.{part}"


def key(one: Federated, part: str) -> Key:
    return owner(one.name, one.edition), part


def coordinated(owner: str, part: str) -> bool:
    """Whether this is the share of a federation's coordinator."""
    return owner.startswith("federation/") and part == COORDINATOR


def demands(federations: Iterable[Federated], clusters: Mapping[str, Cluster]) -> list[Demand]:
    return [
        demand
        for one in federations
        if _can_be(one, clusters)
        for demand in (coordinator_demand(one), participant_demand(one))
    ]


def coordinator_demand(one: Federated) -> Demand:
    return Demand(
        owner=owner(one.name, one.edition),
        part=COORDINATOR,
        kind=COORDINATOR,
        labels=one.wanted.coordinator,
        memory_bytes=one.wanted.memory_bytes,
        stale_after_s=one.wanted.stale_after_s,
        can_run=_trains(one.network.framework),
        needs=_needs(one),
    )


def participant_demand(one: Federated) -> Demand:
    invited = one.wanted.participants
    return Demand(
        owner=owner(one.name, one.edition),
        part=PARTICIPANT,
        kind=PARTICIPANT,
        labels=invited.selector,
        names=frozenset(invited.nodes) or None,
        replicas="all",
        memory_bytes=one.wanted.memory_bytes,
        stale_after_s=one.wanted.stale_after_s,
        can_run=_trains(one.network.framework),
        needs=_needs(one),
    )


def builders(
    federations: Iterable[Federated], clusters: Mapping[str, Cluster], nodes: Sequence[Node]
) -> dict[Key, Callable[[tuple[str, ...]], Workload]]:
    """Which backends a node has makes no difference to the workloads."""
    built: dict[Key, Callable[[tuple[str, ...]], Workload]] = {}
    for one in federations:
        if _can_be(one, clusters):
            cluster = clusters[one.wanted.cluster]
            keys = public_keys(one.wanted.participants, nodes)
            built[key(one, COORDINATOR)] = partial(_coordinator, one, cluster, keys)
            built[key(one, PARTICIPANT)] = partial(_participant, one, cluster)
    return built


def waits_for(one: Federated, clusters: Mapping[str, Cluster], shortages: Mapping[Key, str]) -> str:
    """Why nobody coordinates."""
    if one.wanted.cluster not in clusters:
        return f"waits for cluster {one.wanted.cluster}: there is none of this name, put it"
    return f"waits for a node that coordinates: {shortages.get(key(one, COORDINATOR), 'none can take it')}"


def is_invited(invited: Invited, name: str, labels: Mapping[str, str]) -> bool:
    return name in invited.nodes if invited.nodes else invited.selector.items() <= labels.items()


def public_keys(invited: Invited, nodes: Iterable[Node]) -> dict[str, str]:
    """By name, of those who tell one: an update of anybody else could not be told from a forged one. Who is away or
    drained stays in: what it sent before still counts."""
    return {
        node.name: node.facts.public_key
        for node in nodes
        if node.facts.public_key and is_invited(invited, node.name, node.labels)
    }


def _can_be(one: Federated, clusters: Mapping[str, Cluster]) -> bool:
    """What is over wants nothing, and what has no Kafka to speak over waits."""
    return not one.is_over and one.wanted.cluster in clusters


@cache
def _trains(framework: Framework) -> Callable[[tuple[str, ...]], bool]:
    """One for all federations of a framework, so that placement sees that they require the same."""

    def can_run(backends: tuple[str, ...]) -> bool:
        return framework.value in backends

    return can_run


def _needs(one: Federated) -> str:
    return f"backend {one.network.framework.value}: install it there"


def _coordinator(
    one: Federated, cluster: Cluster, keys: Mapping[str, str], _backends: tuple[str, ...]
) -> CoordinatorWorkload:
    return CoordinatorWorkload(
        id=workload_id(one, COORDINATOR),
        clusters=(cluster,),
        start_deadline_s=one.wanted.start_deadline_s,
        federation=one.wanted,
        edition=one.edition,
        network=one.network,
        participants=dict(keys),
        start_from=one.start_from,
        noise_key=one.noise_key,
        term=max(one.term, 1),
        is_paused=one.is_paused,
        is_cancelled=one.is_cancelled,
    )


def _participant(one: Federated, cluster: Cluster, _backends: tuple[str, ...]) -> ParticipantWorkload:
    return ParticipantWorkload(
        id=workload_id(one, PARTICIPANT),
        clusters=(cluster,),
        start_deadline_s=one.wanted.start_deadline_s,
        federation=one.wanted,
        edition=one.edition,
        network=one.network,
    )
