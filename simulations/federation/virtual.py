"""A federation on virtual time: sites take as long as they are said to, and nothing waits for anything but its turn.

What a coordinator decides and what a strategy makes of it is the code that the real one runs. The order of events
decides everything, and time and seeds decide the order: the same inputs give the same model, to the byte.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any, Protocol

from numpy.typing import NDArray

from agent.federation.aggregation.strategy import Contribution, Strategy
from agent.federation.coordinator.deciding import Offer, next_change_at
from agent.federation.coordinator.decisions import AnyDecision
from agent.federation.coordinator.replica import Replica
from agent.federation.weights import UnlikeError, Weights, require_like
from shared.documents.federation import Rounds, Stop
from simulations.federation.undisturbed import Undisturbed

Seconds = float
NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a site made of a model. `records`: those it trained on."""

    change: Weights
    records: int
    steps: int
    control: Weights = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


class Site(Protocol):
    """Its answers depend on what it is given and on nothing else that changes."""

    @property
    def name(self) -> str: ...

    @property
    def joins_at(self) -> Seconds:
        """It is there from this moment on."""
        ...

    def learn(self, model: Weights, handed_down: Mapping[str, NDArray[Any]], number: int) -> Learnt:
        """`number`: of this update, from 1."""
        ...

    def lasts(self, number: int) -> Seconds:
        """From the moment a model is published to the update's arrival."""
        ...

    def leaves_after(self, number: int) -> bool:
        """Whether it is heard of no more after this update."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What a site trains on: the model of round `base`, and what it was handed down with it."""

    site: Site
    number: int
    base: int
    model: Weights
    handed_down: Mapping[str, NDArray[Any]]


@dataclass(slots=True, kw_only=True)
class VirtualFederation:
    """`judge`: metrics of a model by name. `told` hears every decision as it falls, with its time in it."""

    strategy: Strategy
    rounds: Rounds
    stop: Stop
    sites: Sequence[Site]
    model: Weights
    judge: Callable[[Weights], dict[str, float]]
    told: Callable[[AnyDecision], None] = lambda _: None
    now: Seconds = 0.0
    _coordinator: Undisturbed = field(init=False)
    _arrivals: list[tuple[Seconds, int, _Task]] = field(default_factory=list, init=False)
    _turn: Iterator[int] = field(default_factory=count, init=False)
    _idle: list[tuple[Site, int, int]] = field(default_factory=list, init=False)
    _waiting: list[tuple[Site, int, int]] = field(default_factory=list, init=False)
    _joining: list[Site] = field(default_factory=list, init=False)

    @property
    def replica(self) -> Replica:
        """Once it runs."""
        return self._coordinator.replica

    def run(self) -> Replica:
        """To its end, or until nothing more can come."""
        self._coordinator = Undisturbed(
            replica=Replica.of(self.strategy, self.model),
            rounds=self.rounds,
            stop=self.stop,
            judge=self.judge,
            told=self.told,
        )
        self._coordinator.open(at=self.now)
        self._joining = sorted(self.sites, key=lambda site: site.joins_at)
        self._go_on()
        while self._coordinator.standing.ended is None:
            alone = min(self._deadline(), self._joining[0].joins_at if self._joining else inf)
            arrival = self._arrivals[0][0] if self._arrivals else inf
            if min(alone, arrival) == inf:
                break
            if alone < arrival:
                self.now = alone
            else:
                self._arrive()
            self._go_on()
        return self.replica

    def _deadline(self) -> Seconds:
        """One that has passed without effect waits for an arrival."""
        moment = next_change_at(self._coordinator.standing, self.rounds, self.stop)
        return inf if moment is None or moment <= self.now else moment

    def _arrive(self) -> None:
        self.now, _, task = heapq.heappop(self._arrivals)
        self._coordinator.take(*_learnt(task), at=self.now)
        if not task.site.leaves_after(task.number):
            self._idle.append((task.site, task.number, task.base))

    def _go_on(self) -> None:
        if self._coordinator.settle(at=self.now):
            self._idle, self._waiting = [*self._waiting, *self._idle], []
        self._set_off()

    def _set_off(self) -> None:
        """Whoever has nothing to do, and has not trained from the newest model yet: the others wait for the next."""
        while self._joining and self._joining[0].joins_at <= self.now:
            self._idle.append((self._joining.pop(0), 0, -1))
        replica, idle = self._coordinator.replica, self._idle
        self._idle = []
        handed_down = self.strategy.handed_down(replica.state)
        for site, number, base in idle:
            if base >= replica.standing.round:
                self._waiting.append((site, number, base))
                continue
            task = _Task(
                site=site,
                number=number + 1,
                base=replica.standing.round,
                model=replica.model,
                handed_down=handed_down,
            )
            heapq.heappush(self._arrivals, (self.now + site.lasts(task.number), next(self._turn), task))


def _learnt(task: _Task) -> tuple[Offer, Contribution]:
    learnt = task.site.learn(task.model, task.handed_down, task.number)
    offer = Offer(
        participant=task.site.name,
        number=task.number,
        base=task.base,
        records=learnt.records,
        steps=learnt.steps,
        offset=task.number,
        sha256=NO_DIGEST,
        metrics=learnt.metrics,
        unsound=_unsound(learnt, task.model),
    )
    return offer, Contribution(
        participant=task.site.name,
        change=learnt.change,
        weight=float(learnt.records),
        steps=learnt.steps,
        control=learnt.control,
    )


def _unsound(learnt: Learnt, model: Weights) -> str:
    try:
        require_like(learnt.change, model)
    except UnlikeError as error:
        return str(error)
    return ""
