"""What placement works with: what is wanted, the nodes, and what is given out so far. Pure."""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from shared.documents import INFERENCE, NodeFacts

Key = tuple[str, str]
"""(owner, part)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What placement sees of a node. `takes_new` is False while an operator must confirm its generation."""

    name: str
    labels: Mapping[str, str]
    facts: NodeFacts
    draining: bool = False
    takes_new: bool = True
    silent_for_s: float = 0.0

    @property
    def kinds(self) -> Collection[str]:
        """An agent that names no kinds is from when there was but one."""
        return self.facts.workload_kinds or (INFERENCE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """`replicas` nodes shall run this part of what `owner`, as in `deployment/net`, wants.

    `can_run`: whether a node with these backends can run it now; what it lacks, and the remedy, stand in `needs`.
    `slot`: a node takes one demand of the same slot at a time; the others wait. `names`: nobody else; None: anybody.
    """

    owner: str
    part: str = ""
    kind: str
    labels: Mapping[str, str]
    names: frozenset[str] | None = None
    replicas: int | Literal["all"] = 1
    memory_bytes: int = 0
    gpu_memory_bytes: int = 0
    slot: str | None = None
    stale_after_s: float
    can_run: Callable[[tuple[str, ...]], bool]
    needs: str

    @property
    def key(self) -> Key:
        return self.owner, self.part

    @property
    def requirement(self) -> tuple[object, ...]:
        """What two demands must share for every node to mean the same to both."""
        means = (self.kind, self.memory_bytes, self.gpu_memory_bytes, self.slot, self.stale_after_s, self.can_run)
        return *means, self.names, *sorted(self.labels.items())

    def means(self, node: Node) -> bool:
        """Whether it is meant at all, able or not."""
        is_named = self.names is None or node.name in self.names
        return is_named and self.labels.items() <= node.labels.items()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    owner: str
    part: str
    missing: int
    reason: str


class Obstacle(StrEnum):
    """Why a node that carries the labels is not given a share; the value is the remedy."""

    DRAINING = "draining: undrain it"
    KIND = "its agent does not run {kind}: update it, or install there what that needs"
    BACKEND = "no {needs}"
    MEMORY = "not enough free memory: lower `memory_bytes`, or add a node"
    GPU_MEMORY = "not enough free GPU memory: lower `gpu_memory_bytes`, or add a node with more"
    SLOT = "busy: it runs one {kind} at a time"
    UNCONFIRMED = "saw a later generation than is stored here: confirm its generation"
    SILENT = "not heard from: bring it back, or remove it"


@dataclass(slots=True)
class Look:
    """What each node that carries the labels means to a demand, by name and in the order of names.

    `seen`: so many of what was given out are taken into account.
    """

    able: dict[str, Node] = field(default_factory=dict)
    obstacles: dict[Obstacle, list[str]] = field(default_factory=dict)
    seen: int = 0


class Fleet:
    """The nodes within one pass, with what each has left.

    Demands that require the same share what was found out: a hundred runs may wait for the same few nodes.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.free_bytes = {node.name: node.facts.memory_bytes for node in nodes}
        self.shares: Counter[str] = Counter()
        self._free_gpu_bytes = {node.name: node.facts.gpu_memory_bytes for node in nodes}
        self._slots: set[tuple[str, str]] = set()
        self._taken: list[Node] = []
        self._nodes = sorted(nodes, key=lambda node: node.name)
        self._by_name = {node.name: node for node in nodes}
        self._carriers: dict[tuple[object, ...], Sequence[Node]] = {}
        self._looks: dict[tuple[object, ...], Look] = {}

    def take(self, node: Node, demand: Demand) -> None:
        self.free_bytes[node.name] -= demand.memory_bytes
        self._free_gpu_bytes[node.name] -= demand.gpu_memory_bytes
        self.shares[node.name] += 1
        if demand.slot is not None:
            self._slots.add((node.name, demand.slot))
        self._taken.append(node)

    def carriers(self, demand: Demand) -> Sequence[Node]:
        """Those that are meant."""
        meant = demand.names, frozenset(demand.labels.items())
        if meant not in self._carriers:
            self._carriers[meant] = [node for node in self._nodes if demand.means(node)]
        return self._carriers[meant]

    def carriers_among(self, names: Collection[str], demand: Demand) -> list[Node]:
        """Those of these names that are here and meant, in the order of their names."""
        here = [self._by_name[name] for name in sorted(names) if name in self._by_name]
        return [node for node in here if demand.means(node)]

    def unfit(self, node: Node, demand: Demand) -> Obstacle | None:
        """What forbids this node the share, even one it has already."""
        if node.draining:
            return Obstacle.DRAINING
        if demand.kind not in node.kinds:
            return Obstacle.KIND
        if not demand.can_run(node.facts.backends):
            return Obstacle.BACKEND
        if demand.memory_bytes > self.free_bytes[node.name]:
            return Obstacle.MEMORY
        if demand.gpu_memory_bytes > self._free_gpu_bytes[node.name]:
            return Obstacle.GPU_MEMORY
        return Obstacle.SLOT if (node.name, demand.slot) in self._slots else None

    def look(self, demand: Demand) -> Look:
        """At every node, as things stand now."""
        requirement = demand.requirement
        if requirement not in self._looks:
            self._looks[requirement] = self._first_look(demand)
        look = self._looks[requirement]
        # What is given out makes a node able to do less, never more.
        for node in self._taken[look.seen :]:
            if node.name in look.able and (obstacle := self._obstacle(node, demand)):
                del look.able[node.name]
                insort(look.obstacles.setdefault(obstacle, []), node.name)
        look.seen = len(self._taken)
        return look

    def _first_look(self, demand: Demand) -> Look:
        look = Look(seen=len(self._taken))
        for node in self.carriers(demand):
            if obstacle := self._obstacle(node, demand):
                look.obstacles.setdefault(obstacle, []).append(node.name)
            else:
                look.able[node.name] = node
        return look

    def _obstacle(self, node: Node, demand: Demand) -> Obstacle | None:
        """What forbids this node a share that it does not have yet."""
        if node.silent_for_s > demand.stale_after_s:
            return Obstacle.SILENT
        return self.unfit(node, demand) or (None if node.takes_new else Obstacle.UNCONFIRMED)
