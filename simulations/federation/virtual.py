"""A federation on virtual time: sites take as long as they are said to, and nothing waits for anything but its turn.

What a coordinator decides and what a strategy makes of it is the code that the real one runs. The order of events
decides everything, and time and seeds decide the order: the same inputs give the same model, to the byte.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from math import inf
from typing import Any, Protocol

from numpy.typing import NDArray

from agent.federation.aggregation.strategy import Contribution, Strategy
from agent.federation.coordinator.deciding import NotYet, Offer, next_change_at, on_offer, on_time
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Closed, Ended, Opened, Published
from agent.federation.coordinator.replica import Replica, digest
from agent.federation.weights import UnlikeError, Weights, require_like
from shared.documents.federation import Rounds, Stop

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
    replica: Replica = field(init=False)
    _arrivals: list[tuple[Seconds, int, _Task]] = field(default_factory=list, init=False)
    _turn: Iterator[int] = field(default_factory=count, init=False)
    _idle: list[tuple[Site, int, int]] = field(default_factory=list, init=False)
    _early: list[tuple[Offer, Contribution]] = field(default_factory=list, init=False)

    def run(self) -> Replica:
        """To its end, or until nothing more can come."""
        self.replica = Replica.of(self.strategy, self.model)
        self._enact(Opened(model=digest(self.model), at=self.now))
        self._idle = [(site, 0, -1) for site in self.sites]
        self._go_on()
        while self.replica.standing.ended is None:
            deadline, arrival = self._deadline(), self._arrivals[0][0] if self._arrivals else inf
            if min(deadline, arrival) == inf:
                break
            if deadline < arrival:
                self.now = deadline
            else:
                self._arrive()
            self._go_on()
        return self.replica

    def _deadline(self) -> Seconds:
        """One that has passed without effect waits for an arrival."""
        moment = next_change_at(self.replica.standing, self.rounds, self.stop)
        return inf if moment is None or moment <= self.now else moment

    def _arrive(self) -> None:
        self.now, _, task = heapq.heappop(self._arrivals)
        self._decide(*self._learnt(task))
        if not task.site.leaves_after(task.number):
            self._idle.append((task.site, task.number, task.base))

    def _learnt(self, task: _Task) -> tuple[Offer, Contribution]:
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

    def _decide(self, offer: Offer, contribution: Contribution) -> None:
        decision = on_offer(self.replica.standing, self.rounds, offer, at=self.now)
        if decision is NotYet.NOT_YET:
            self._early.append((offer, contribution))
        elif isinstance(decision, Accepted):
            staleness = self.replica.standing.round - offer.base
            self._enact(decision, replace(contribution, staleness=staleness))
        elif decision is not None:
            self._enact(decision)

    def _go_on(self) -> None:
        while decision := self._over():
            self._enact(decision)
            if isinstance(decision, Closed):
                self._publish()
                early, self._early = self._early, []
                for one in early:
                    self._decide(*one)
        self._set_off()

    def _over(self) -> Closed | Ended | None:
        return on_time(self.replica.standing, self.rounds, self.stop, least=self.strategy.least, at=self.now)

    def _publish(self) -> None:
        upcoming = self.replica.upcoming
        assert upcoming is not None  # noqa: S101 - a round was closed
        metrics = self.judge(upcoming)
        self._enact(
            Published(round=self.replica.standing.round + 1, model=digest(upcoming), metrics=metrics, at=self.now)
        )

    def _set_off(self) -> None:
        """Whoever has nothing to do, and has not trained from the newest model yet."""
        standing, still_idle = self.replica.standing, []
        handed_down = self.strategy.handed_down(self.replica.state)
        for site, number, base in self._idle:
            if base >= standing.round:
                still_idle.append((site, number, base))
                continue
            task = _Task(
                site=site,
                number=number + 1,
                base=standing.round,
                model=self.replica.model,
                handed_down=handed_down,
            )
            heapq.heappush(self._arrivals, (self.now + site.lasts(task.number), next(self._turn), task))
        self._idle = still_idle

    def _enact(self, decision: AnyDecision, contribution: Contribution | None = None) -> None:
        self.replica.enact(decision, contribution)
        self.told(decision)


def _unsound(learnt: Learnt, model: Weights) -> str:
    try:
        require_like(learnt.change, model)
    except UnlikeError as error:
        return str(error)
    return ""
