"""Which node runs which share of which deployment. Pure, deterministic, and sticky: what may stay, stays.

A node that has been silent for longer than the deployment allows is replaced as soon as another can take its share,
and keeps it until then: cut off from the control plane, it goes on answering.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shared.documents import INFERENCE, NodeFacts, TierSpec

Key = tuple[str, str]
"""(deployment, tier)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What placement sees of a node. `takes_new` is False while an operator must confirm its generation."""

    name: str
    labels: Mapping[str, str]
    facts: NodeFacts
    draining: bool = False
    takes_new: bool = True
    silent_for_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """`can_run` says whether a node with these backends can run every version that the tier needs now."""

    deployment: str
    spec: TierSpec
    stale_after_s: float
    can_run: Callable[[tuple[str, ...]], bool]

    @property
    def key(self) -> Key:
        return self.deployment, self.spec.tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    deployment: str
    tier: str
    missing: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placements:
    nodes: Mapping[Key, tuple[str, ...]]
    shortages: tuple[Shortage, ...]


class Obstacle(StrEnum):
    """Why a node that carries the labels is not given a share; the value is the remedy."""

    DRAINING = "draining: undrain it"
    KIND = "its agent does not run inference: update the agent"
    BACKEND = "no backend for this: install one there, or register an artifact it can run"
    MEMORY = "not enough free memory: lower `memory_bytes`, or add a node"
    UNCONFIRMED = "saw a later generation than is stored here: confirm its generation"
    SILENT = "not heard from: bring it back, or remove it"


@dataclass(slots=True)
class _Ledger:
    """What is given out so far in this pass."""

    free_bytes: dict[str, int]
    shares: Counter[str] = field(default_factory=Counter)

    def take(self, node: str, demand: Demand) -> None:
        self.free_bytes[node] -= demand.spec.memory_bytes
        self.shares[node] += 1


def place(demands: Sequence[Demand], nodes: Sequence[Node], held: Mapping[Key, frozenset[str]]) -> Placements:
    """Place every demand; `held` is where shares lie now. Earlier demands come first where room is short."""
    ledger = _Ledger({node.name: node.facts.memory_bytes for node in nodes})
    carriers = {demand.key: [node for node in nodes if _carries(node, demand)] for demand in demands}
    chosen = {
        demand.key: _keep(demand, carriers[demand.key], held.get(demand.key, frozenset()), ledger) for demand in demands
    }
    shortages = []
    for demand in demands:
        taken, there = chosen[demand.key], carriers[demand.key]
        _fill(demand, there, taken, ledger)
        _hold_on(demand, there, taken, held.get(demand.key, frozenset()), ledger)
        if shortage := _shortage(demand, there, taken, ledger):
            shortages.append(shortage)
    return Placements(nodes={key: tuple(sorted(taken)) for key, taken in chosen.items()}, shortages=tuple(shortages))


def _carries(node: Node, demand: Demand) -> bool:
    return demand.spec.wanted_labels.items() <= node.labels.items()


def _wanted(demand: Demand, there: Sequence[Node]) -> int:
    return len(there) if demand.spec.replicas == "all" else demand.spec.replicas


def _unfit(node: Node, demand: Demand, ledger: _Ledger) -> Obstacle | None:
    """What forbids this node the share, even one it has already."""
    if node.draining:
        return Obstacle.DRAINING
    if node.facts.workload_kinds and INFERENCE not in node.facts.workload_kinds:
        return Obstacle.KIND
    if not demand.can_run(node.facts.backends):
        return Obstacle.BACKEND
    if demand.spec.memory_bytes > ledger.free_bytes[node.name]:
        return Obstacle.MEMORY
    return None


def _obstacle(node: Node, demand: Demand, ledger: _Ledger) -> Obstacle | None:
    """What forbids this node a share that it does not have yet."""
    if node.silent_for_s > demand.stale_after_s:
        return Obstacle.SILENT
    return _unfit(node, demand, ledger) or (None if node.takes_new else Obstacle.UNCONFIRMED)


def _keep(demand: Demand, there: Sequence[Node], held: frozenset[str], ledger: _Ledger) -> set[str]:
    kept: set[str] = set()
    for node in sorted((node for node in there if node.name in held), key=lambda node: node.name):
        if len(kept) == _wanted(demand, there):
            break
        if node.silent_for_s <= demand.stale_after_s and _unfit(node, demand, ledger) is None:
            kept.add(node.name)
            ledger.take(node.name, demand)
    return kept


def _fill(demand: Demand, there: Sequence[Node], taken: set[str], ledger: _Ledger) -> None:
    """Spread what is missing over the nodes with the fewest shares, then with the most free memory."""
    missing = _wanted(demand, there) - len(taken)
    if missing <= 0:
        return
    able = [node for node in there if node.name not in taken and _obstacle(node, demand, ledger) is None]
    able.sort(key=lambda node: (ledger.shares[node.name], -ledger.free_bytes[node.name], node.name))
    for node in able[:missing]:
        taken.add(node.name)
        ledger.take(node.name, demand)


def _hold_on(demand: Demand, there: Sequence[Node], taken: set[str], held: frozenset[str], ledger: _Ledger) -> None:
    """Leave on silent nodes what nobody else could take."""
    left = held - taken
    for node in sorted((node for node in there if node.name in left), key=lambda node: node.name):
        if len(taken) >= _wanted(demand, there):
            return
        if _unfit(node, demand, ledger) is None:
            taken.add(node.name)
            ledger.take(node.name, demand)


def _shortage(demand: Demand, there: Sequence[Node], taken: set[str], ledger: _Ledger) -> Shortage | None:
    labels = ",".join(f"{key}={value}" for key, value in sorted(demand.spec.wanted_labels.items())) or "any labels"
    missing = _wanted(demand, there) - len(taken)
    if demand.spec.replicas == "all":
        # A drained node was taken out on purpose: `all` does not miss it.
        missing -= sum(node.draining for node in there)
    if not there:
        reason = f"no node carries {labels}: enrol one with it, or label a node so"
        return Shortage(deployment=demand.deployment, tier=demand.spec.tier, missing=max(missing, 1), reason=reason)
    if missing <= 0:
        return None
    reason = f"{len(taken)} of {len(there)} nodes with {labels} have it; {_obstacles(demand, there, taken, ledger)}"
    return Shortage(deployment=demand.deployment, tier=demand.spec.tier, missing=missing, reason=reason)


def _obstacles(demand: Demand, there: Sequence[Node], taken: set[str], ledger: _Ledger) -> str:
    by_obstacle: dict[Obstacle, list[str]] = {}
    for node in there:
        if node.name not in taken and (obstacle := _obstacle(node, demand, ledger)):
            by_obstacle.setdefault(obstacle, []).append(node.name)
    if not by_obstacle:
        return "each node runs one replica: add nodes, or ask for fewer replicas"
    return "; ".join(
        f"{', '.join(sorted(names)[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}: {obstacle.value}"
        for obstacle, names in sorted(by_obstacle.items())
    )
