"""The producer that sends an agent's features up: one request at a time, what was packed meanwhile in the next."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulations.model.broker import Broker
from simulations.model.clients import REQUEST_BYTES
from simulations.model.clock import Clock
from simulations.model.lines import Line, acknowledged, send
from simulations.model.nanoseconds import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The forwarded records of one micro-batch; `arrived(appended, acked)` is called once both are known."""

    records: int
    bytes: int
    arrived: Callable[[int, int], None]


class Uplink:
    """`at_once`: the most parcels of one request, the upper topic's Kafka partitions.

    A request that is not acknowledged `deadline_ns` after it was sent shows that the upper tier is away, until it is
    acknowledged after all.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        up: Sequence[Line],
        down: Sequence[Line],
        broker: Broker,
        at_once: int,
        deadline_ns: int,
    ) -> None:
        self._clock = clock
        self._up = up
        self._down = down
        self._broker = broker
        self._at_once = at_once
        self._deadline_ns = deadline_ns
        self._waiting: deque[Parcel] = deque()
        self._began = 0
        self._busy_until = 0

    def given_up_at(self, now: int) -> int | None:
        """When what is put now is known not to get through in time; None if the uplink works."""
        deadline = self._began + self._deadline_ns
        return max(now, deadline) if self._busy_until > max(now, deadline) else None

    def put(self, now: int, parcel: Parcel) -> None:
        self._waiting.append(parcel)
        if self._busy_until <= now:
            self._request(now)
        elif len(self._waiting) == 1:
            self._continue()

    def _request(self, now: int) -> None:
        parcels = [self._waiting.popleft() for _ in range(min(self._at_once, len(self._waiting)))]
        arrived = send(self._up, now, sum(parcel.bytes for parcel in parcels) + REQUEST_BYTES)
        appended = self._broker.append(arrived, sum(parcel.records for parcel in parcels))
        self._began = now
        self._busy_until = acknowledged(self._down, appended)
        if self._waiting:
            self._continue()
        for parcel in parcels:
            parcel.arrived(min(appended, NEVER), min(self._busy_until, NEVER))

    def _continue(self) -> None:
        if self._busy_until < NEVER:
            self._clock.at(self._busy_until, self._request)
