"""An agent's way up: a few producers that take turns, each with one request under way and in it all that waited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulations.model.broker import Broker
from simulations.model.clients import REQUEST_BYTES
from simulations.model.clock import Clock
from simulations.model.lines import Line, acknowledged, send
from simulations.model.nanoseconds import NEVER

# As many as an agent has.
LANES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The forwarded records of one micro-batch. `arrived(appended, acked, turn)` is called once both moments are known;
    requests of one turn fall on one Kafka partition."""

    records: int
    bytes: int
    arrived: Callable[[int, int, int], None]


@dataclass(slots=True)
class _Lane:
    began: int = 0
    busy_until: int = 0
    turn: int = 0


class Uplink:
    """A request that is not acknowledged `deadline_ns` after it was sent shows that the upper tier is away, until it is
    acknowledged after all."""

    def __init__(
        self, clock: Clock, broker: Broker, *, up: Sequence[Line], down: Sequence[Line], deadline_ns: int
    ) -> None:
        self._clock = clock
        self._broker = broker
        self._up = up
        self._down = down
        self._deadline_ns = deadline_ns
        self._lanes = [_Lane() for _ in range(LANES)]
        self._waiting: list[Features] = []

    def given_up_at(self, now: int) -> int | None:
        """When what is put now is known not to get through in time; None if the uplink works."""
        for lane in self._lanes:
            deadline = lane.began + self._deadline_ns
            if lane.busy_until > max(now, deadline):
                return max(now, deadline)
        return None

    def put(self, now: int, features: Features) -> None:
        self._waiting.append(features)
        if len(self._waiting) == 1:
            soonest = min(lane.busy_until for lane in self._lanes)
            if soonest <= now:
                self._request(now)
            elif soonest < NEVER:
                self._clock.at(soonest, self._request)

    def _request(self, now: int) -> None:
        """By the first lane that is free, with all that waits."""
        lane = next(lane for lane in self._lanes if lane.busy_until <= now)
        taken, self._waiting = self._waiting, []
        arrived = send(self._up, now, sum(one.bytes for one in taken) + REQUEST_BYTES)
        appended = self._broker.append(arrived, sum(one.records for one in taken))
        lane.began, lane.busy_until, lane.turn = now, acknowledged(self._down, appended), lane.turn + 1
        for one in taken:
            one.arrived(min(appended, NEVER), min(lane.busy_until, NEVER), lane.turn)
