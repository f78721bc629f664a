"""Who owns which Kafka partitions of a tier's topic, and when that changes."""

from collections.abc import Sequence

from simulations.model.agent import Agent
from simulations.model.clock import Clock
from simulations.model.faults import Interval
from simulations.model.nanoseconds import NEVER
from simulations.model.topic import Partition


class Members:
    """Partitions are spread evenly over the agents that live, in their order; more agents than partitions lie idle.

    The partitions of a killed agent wait for `session_ns`, even if it is back before, and after that for whoever lives.
    """

    def __init__(
        self, clock: Clock, agents: Sequence[Agent], partitions: Sequence[Partition], *, session_ns: int
    ) -> None:
        self._clock = clock
        self._agents = agents
        self._partitions = partitions
        self._session_ns = session_ns
        self._living = set(range(len(agents)))

    def begin(self, deaths: Sequence[Sequence[Interval]]) -> None:
        """`deaths[n]`: when agent n is killed and when it is back."""
        for number, intervals in enumerate(deaths):
            for killed, back in intervals:
                self._plan(number, killed, back)
        self._share_out(0)

    def _plan(self, number: int, killed: int, back: int) -> None:
        self._clock.at(killed, lambda now: self._die(number, now))
        expired = killed + self._session_ns
        if back > expired:
            self._clock.at(expired, self._share_out)
        if back < NEVER:
            self._clock.at(max(back, expired), lambda now: self._return(number, now))

    def _die(self, number: int, now: int) -> None:
        self._living.discard(number)
        self._agents[number].kill(now)

    def _return(self, number: int, now: int) -> None:
        self._living.add(number)
        self._share_out(now)

    def _share_out(self, now: int) -> None:
        living = sorted(self._living)
        for rank, number in enumerate(living):
            self._agents[number].assign(self._partitions[rank :: len(living)], now)
