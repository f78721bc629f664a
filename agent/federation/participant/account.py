"""How a participant stands: what it does or waits for, and what it has sent.

A status goes to the platform. What a network's own code has printed, and what a learner says of single records, stays
at the site, in the agent's log.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.documents import Phase, WorkloadStatus
from shared.documents.federation_workloads import PARTICIPANT


@dataclass(slots=True, kw_only=True)
class Account:
    """`changed` is called whenever `status()` begins to answer differently, counters aside."""

    id: str
    changed: Callable[[], None]
    counters: dict[str, float] = field(default_factory=dict)
    _phase: Phase = Phase.STARTING
    _doing: str = ""
    _notice: str = ""

    def does(self, what: str) -> None:
        """Or waits for."""
        self._say(Phase.RUNNING, what)

    def sends(self, chunks: int, total: int) -> None:
        self.does(f"sends an update: {chunks} of {total} chunks are there")

    def fails(self, why: str) -> None:
        """Until a person has mended it."""
        self._say(Phase.FAILED, why)

    def notice(self, text: str) -> None:
        """The latest that a person should know, beside what is done; empty: no longer."""
        if text != self._notice:
            self._notice = text
            self.changed()

    def count(self, **counters: float) -> None:
        self.counters.update(counters)

    def add(self, **counters: float) -> None:
        for name, more in counters.items():
            self.counters[name] = self.counters.get(name, 0) + more

    def status(self) -> WorkloadStatus:
        return WorkloadStatus(
            id=self.id,
            kind=PARTICIPANT,
            phase=self._phase,
            reason="; ".join(filter(None, (self._doing, self._notice))),
            counters=dict(self.counters),
        )

    def _say(self, phase: Phase, what: str) -> None:
        if (phase, what) != (self._phase, self._doing):
            self._phase, self._doing = phase, what
            self.changed()
