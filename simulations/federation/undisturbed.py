"""A coordinator that nothing ever happens to: without log, Kafka and clock it decides as the real one does."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent.federation.aggregation.strategy import Contribution, Strategy
from agent.federation.coordinator.deciding import NotYet, Offer, on_offer, on_time
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Closed, Opened, Published
from agent.federation.coordinator.replica import Replica, digest
from agent.federation.coordinator.standing import Standing
from agent.federation.weights import Weights
from shared.documents.federation import Rounds, Stop


@dataclass(slots=True, kw_only=True)
class Undisturbed:
    """`replica`: what has been decided until now. `judge`: metrics of a model by name. `told` hears every decision.

    `at`, wherever it is asked for, is the time; it never goes back.
    """

    replica: Replica
    rounds: Rounds
    stop: Stop
    judge: Callable[[Weights], dict[str, float]]
    told: Callable[[AnyDecision], None] = lambda _: None
    _early: list[tuple[Offer, Contribution]] = field(default_factory=list, init=False)

    @property
    def strategy(self) -> Strategy:
        return self.replica.strategy

    @property
    def standing(self) -> Standing:
        return self.replica.standing

    def open(self, *, at: float) -> None:
        self._enact(Opened(model=digest(self.replica.model), at=at))

    def take(self, offer: Offer, contribution: Contribution, *, at: float) -> None:
        """An update that has come, whatever becomes of it; how stale it is, is found here."""
        decision = on_offer(self.standing, self.rounds, offer, at=at)
        if decision is NotYet.NOT_YET:
            self._early.append((offer, contribution))
        elif isinstance(decision, Accepted):
            self._enact(decision, replace(contribution, staleness=self.standing.round - offer.base))
        elif decision is not None:
            self._enact(decision)

    def settle(self, *, at: float) -> bool:
        """All that time decides now, and what follows; whether a model was published."""
        has_published = False
        while decision := on_time(self.standing, self.rounds, self.stop, least=self.strategy.least, at=at):
            self._enact(decision)
            if isinstance(decision, Closed):
                self._publish(at)
                has_published = True
                early, self._early = self._early, []
                for one in early:
                    self.take(*one, at=at)
        return has_published

    def _publish(self, at: float) -> None:
        upcoming = self.replica.upcoming
        assert upcoming is not None  # noqa: S101 - a round was closed
        metrics = self.judge(upcoming)
        self._enact(Published(round=self.standing.round + 1, model=digest(upcoming), metrics=metrics, at=at))

    def _enact(self, decision: AnyDecision, contribution: Contribution | None = None) -> None:
        self.replica.enact(decision, contribution)
        self.told(decision)
