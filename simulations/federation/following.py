"""What a run's decisions come to: its versions, judged every so often, and what was refused."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import structs

from agent.federation.coordinator.decisions import Accepted, AnyDecision, Published, Refused
from agent.federation.weights import Weights
from simulations.federation.outcome import Version
from simulations.federation.said import Going

Judge = Callable[[Weights], dict[str, float]]


@dataclass(slots=True, kw_only=True)
class Following:
    """`seen`: records that sites have trained on until now. `last`: the number of the last model there can be."""

    every: int
    last: int
    judge: Judge
    seen: Callable[[], int]
    records: int
    told: Callable[[Going], None]
    versions: list[Version] = field(default_factory=list, init=False)
    refused: Counter[str] = field(default_factory=Counter, init=False)
    accepted: int = field(default=0, init=False)
    _asked: int = field(default=0, init=False)
    _round: int = field(default=0, init=False)
    _staleness: list[int] = field(default_factory=list, init=False)
    _newest: Version | None = field(default=None, init=False)

    @property
    def passes(self) -> float:
        return self.seen() / self.records

    def judged(self, model: Weights) -> dict[str, float]:
        """Nothing for a model that is not asked about."""
        self._asked += 1
        is_due = self._asked % self.every == 0 or self._asked == self.last
        return self.judge(model) if is_due else {}

    def hear(self, decision: AnyDecision) -> None:
        match decision:
            case Accepted(base=base):
                self.accepted += 1
                self._staleness.append(self._round - base)
            case Refused(reason=reason):
                self.refused[reason.split(",")[0]] += 1
            case Published():
                self._publish(decision)

    def finish(self, model: Weights) -> None:
        """The last one is judged, however often the others were."""
        if self._newest is not None and not self._newest.metrics:
            self._keep(self._newest, self.judge(model))

    def _publish(self, decision: Published) -> None:
        self._round = decision.round
        late = self._staleness
        self._newest = Version(
            round=decision.round,
            at_s=decision.at,
            passes=self.passes,
            updates=len(late),
            staleness=sum(late) / len(late) if late else 0.0,
            most_stale=max(late, default=0),
            metrics=decision.metrics,
        )
        self._staleness = []
        if decision.metrics:
            self._keep(self._newest, decision.metrics)
        self.told(
            Going(
                round=decision.round,
                rounds=self.last,
                at_s=decision.at,
                passes=self.passes,
                staleness=self._newest.staleness,
                accuracy=self.versions[-1].accuracy if self.versions else None,
            )
        )

    def _keep(self, version: Version, metrics: dict[str, float]) -> None:
        self._newest = structs.replace(version, metrics=metrics)
        self.versions.append(self._newest)
