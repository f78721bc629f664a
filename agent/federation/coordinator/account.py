"""How a coordinator is doing, for its node's status and for the control plane."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.federation.coordinator.standing import Standing
from agent.federation.coordinator.telling import counters, most_updates, progress
from shared.documents import Phase, WorkloadStatus
from shared.documents.federation_workloads import (
    COORDINATOR,
    CoordinatorWorkload,
    FederationOutcome,
    FederationProgress,
    FederationReport,
)

_MOST_NOTICES = 20


@dataclass(slots=True, kw_only=True)
class Account:
    """`changed`: `status` answers differently, counters aside. `tell` is given every report there would be to send.

    `epsilon`: of so many updates of one participant; None without privacy. `awaited`: updates that make a round.
    """

    document: CoordinatorWorkload
    awaited: int
    changed: Callable[[], None]
    tell: Callable[[FederationReport], None]
    epsilon: Callable[[int], float | None] = field(default=lambda _: None)
    phase: Phase = field(default=Phase.STARTING, init=False)
    reason: str = field(default="", init=False)
    standing: Standing = field(default_factory=Standing, init=False)
    _is_for_good: bool = field(default=False, init=False)
    _notices: tuple[str, ...] = field(default=(), init=False)
    _outcome: FederationOutcome | None = field(default=None, init=False)

    def enter(self, phase: Phase, *, reason: str = "", for_good: bool = False) -> None:
        self.phase, self.reason, self._is_for_good = phase, reason, for_good
        self.changed()

    def wait(self, reason: str) -> None:
        """Why nothing goes on; empty when it does again."""
        if reason != self.reason:
            self.reason = reason
            self.changed()

    def notice(self, text: str) -> None:
        self._notices = (*(one for one in self._notices if one != text), text)[-_MOST_NOTICES:]
        self._report()

    def stood(self, standing: Standing) -> None:
        self.wait("")
        if standing is not self.standing:
            self.standing = standing
            self._report()

    def over(self, outcome: FederationOutcome) -> None:
        self._outcome = outcome
        self._report()

    def status(self, trouble: str) -> WorkloadStatus:
        return WorkloadStatus(
            id=self.document.id,
            kind=COORDINATOR,
            phase=self.phase,
            reason=self.reason or trouble,
            counters=dict(counters(self.standing)),
            for_good=self._is_for_good,
        )

    def _report(self) -> None:
        federation = self.document.federation
        self.tell(
            FederationReport(
                federation=federation.name,
                edition=self.document.edition,
                progress=self._progress(),
                outcome=self._outcome,
            )
        )

    def _progress(self) -> FederationProgress:
        return progress(
            self.standing,
            awaited=self.awaited,
            invited=self.document.participants,
            epsilon=self.epsilon(most_updates(self.standing)),
            notices=self._notices,
        )
