"""The producer of an agent's answers: one request under way, one parcel behind it, and then nobody goes on."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from simulations.model.broker import Broker
from simulations.model.clock import Clock
from simulations.model.nanoseconds import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The answers of one micro-batch. `queued(moment)`: its sender may go on; `appended(moment)`: they are in the log.
    Each is called once."""

    records: int
    queued: Callable[[int], None]
    appended: Callable[[int], None]


class Producer:
    """To a tier's own brokers, a topic of one Kafka partition."""

    def __init__(self, clock: Clock, broker: Broker) -> None:
        self._clock = clock
        self._broker = broker
        self._busy_until = 0
        self._waiting: deque[Parcel] = deque()

    def put(self, now: int, parcel: Parcel) -> None:
        """The first one that waits lets its sender go on; one more does so when that one has gone."""
        self._waiting.append(parcel)
        if len(self._waiting) > 1:
            return
        if self._busy_until <= now:
            self._request(now)
        elif self._busy_until < NEVER:
            self._clock.at(self._busy_until, self._request)
        parcel.queued(now)

    def _request(self, now: int) -> None:
        parcel = self._waiting.popleft()
        self._busy_until = min(self._broker.append(now, parcel.records), NEVER)
        parcel.appended(self._busy_until)
        if self._waiting:
            if self._busy_until < NEVER:
                self._clock.at(self._busy_until, self._request)
            self._waiting[0].queued(now)
