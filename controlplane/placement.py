"""Which node runs which share of what is wanted. Pure, deterministic, and sticky: what may stay, stays.

A node that has been silent for longer than a demand allows is replaced as soon as another can take its share, and keeps
it until then: cut off from the control plane, it goes on working.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from controlplane.fleet import Demand, Fleet, Key, Node, Shortage


@dataclass(frozen=True, slots=True, kw_only=True)
class Placements:
    nodes: Mapping[Key, tuple[str, ...]]
    shortages: tuple[Shortage, ...]


def place(demands: Sequence[Demand], nodes: Sequence[Node], held: Mapping[Key, frozenset[str]]) -> Placements:
    """Place every demand; `held` is where shares lie now. Earlier demands come first where room is short."""
    fleet = Fleet(nodes)
    chosen = {demand.key: _keep(demand, fleet, held.get(demand.key, frozenset())) for demand in demands}
    shortages = []
    for demand in demands:
        taken = chosen[demand.key]
        _fill(demand, fleet, taken)
        _hold_on(demand, fleet, taken, held.get(demand.key, frozenset()))
        if shortage := _shortage(demand, fleet, taken):
            shortages.append(shortage)
    return Placements(nodes={key: tuple(sorted(taken)) for key, taken in chosen.items()}, shortages=tuple(shortages))


def _wanted(demand: Demand, fleet: Fleet) -> int:
    return len(fleet.carriers(demand)) if demand.replicas == "all" else demand.replicas


def _keep(demand: Demand, fleet: Fleet, held: frozenset[str]) -> set[str]:
    kept: set[str] = set()
    for node in fleet.carriers_among(held, demand):
        if len(kept) == _wanted(demand, fleet):
            break
        if node.silent_for_s <= demand.stale_after_s and fleet.unfit(node, demand) is None:
            kept.add(node.name)
            fleet.take(node, demand)
    return kept


def _fill(demand: Demand, fleet: Fleet, taken: set[str]) -> None:
    """Spread what is missing over the nodes with the fewest shares, then with the most free memory."""
    missing = _wanted(demand, fleet) - len(taken)
    if missing <= 0:
        return
    able = (node for node in fleet.look(demand).able.values() if node.name not in taken)
    first = nsmallest(
        missing, able, key=lambda node: (fleet.shares[node.name], -fleet.free_bytes[node.name], node.name)
    )
    for node in first:
        taken.add(node.name)
        fleet.take(node, demand)


def _hold_on(demand: Demand, fleet: Fleet, taken: set[str], held: frozenset[str]) -> None:
    """Leave on silent nodes what nobody else could take."""
    for node in fleet.carriers_among(held - taken, demand):
        if len(taken) >= _wanted(demand, fleet):
            return
        if fleet.unfit(node, demand) is None:
            taken.add(node.name)
            fleet.take(node, demand)


def _shortage(demand: Demand, fleet: Fleet, taken: set[str]) -> Shortage | None:
    there = fleet.carriers(demand)
    labels = ",".join(f"{key}={value}" for key, value in sorted(demand.labels.items())) or "any labels"
    missing = _wanted(demand, fleet) - len(taken)
    if demand.replicas == "all":
        # A drained node was taken out on purpose: `all` does not miss it.
        missing -= sum(node.draining for node in there)
    if not there:
        reason = f"no node carries {labels}: enrol one with it, or label a node so"
        return Shortage(owner=demand.owner, part=demand.part, missing=max(missing, 1), reason=reason)
    if missing <= 0:
        return None
    reason = f"{len(taken)} of {len(there)} nodes with {labels} have it; {_obstacles(demand, fleet, taken)}"
    return Shortage(owner=demand.owner, part=demand.part, missing=missing, reason=reason)


def _obstacles(demand: Demand, fleet: Fleet, taken: set[str]) -> str:
    reasons = []
    for obstacle, there in sorted(fleet.look(demand).obstacles.items()):
        names = [name for name in there if name not in taken] if taken else there
        if names:
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            reasons.append(f"{shown}: {obstacle.value.format(kind=demand.kind, needs=demand.needs)}")
    return "; ".join(reasons) or "each node runs one replica: add nodes, or ask for fewer replicas"
