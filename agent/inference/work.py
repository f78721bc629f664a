"""A micro-batch on its way from inference to its commit, and who takes it there."""

from dataclasses import dataclass
from typing import Protocol

from aiokafka.structs import TopicPartition

from agent.inference.batch import Arrivals, Departures, InferenceResult, Taken
from agent.inference.tracing import Journeys


class Origin(Protocol):
    """Where it came from, which makes its results when they are wanted and hears how far it has come."""

    def depart(self, work: "Work", *, degrades: bool) -> Departures: ...

    def sent(self) -> None: ...

    def finished(self, work: "Work") -> None: ...


@dataclass(slots=True, kw_only=True)
class Work:
    """One micro-batch after inference, and how its results are made when they are wanted."""

    taken: Taken
    arrivals: Arrivals
    result: InferenceResult
    inferred_at: float
    pipeline: "Origin"
    journeys: Journeys | None
    is_sent: bool = False

    def depart(self, *, degrades: bool) -> Departures:
        """With `degrades`, what would be forwarded is answered here and marked."""
        departures = self.pipeline.depart(self, degrades=degrades)
        if self.journeys is not None:
            self.journeys.depart(departures)
        return departures

    def sent(self) -> None:
        """Its features are not needed any more."""
        for share in self.result.shares:
            share.outputs = share.outputs._replace(features=None)
        self.is_sent = True
        self.pipeline.sent()

    def finished(self) -> None:
        """Its offsets may be committed, or are another member's business now."""
        if not self.is_sent:
            self.sent()
        if self.journeys is not None:
            self.journeys.end()
        self.pipeline.finished(self)


class Delivery(Protocol):
    """The second half of the way. It keeps the order of the micro-batches of one Kafka partition."""

    async def run(self) -> None:
        """Until cancelled."""
        ...

    def put(self, work: Work) -> None:
        """Deliver it, commit its offsets, say that it is finished: all of it later."""
        ...

    async def begin(self, work: Work) -> None:
        """The same, its results sent on return. Only while all that was put before is sent."""
        ...

    async def flush(self) -> None:
        """Until all that was delivered is committed."""
        ...

    async def drain(self) -> None:
        """Until nothing is left that could still be delivered before this node stops."""
        ...

    def assigned(self, partitions: frozenset[TopicPartition]) -> None:
        """Admit them, at once or when they may be consumed."""
        ...

    def leave(self) -> None:
        """The partitions are being taken away: finish what is under way, and begin nothing again."""
        ...

    async def revoked(self) -> None:
        """Let go of what belongs to partitions that are not ours any more."""
        ...

    def troubles(self, patience_s: float) -> list[str]:
        """Why something takes longer than `patience_s`."""
        ...
