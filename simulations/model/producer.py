"""A producer as an agent uses it: to each broker one request at a time, in it one parcel for each Kafka partition.

One more parcel may stand behind each partition's request. Whoever comes with another stands still until that one has
gone, and with it everything the agent would send next: a far tier holds up answers that could be given here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulations.model.broker import Broker
from simulations.model.clients import REQUEST_BYTES
from simulations.model.clock import Clock
from simulations.model.lines import Line, acknowledged, send
from simulations.model.nanoseconds import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one micro-batch sends to one topic. `queued(moment)`: its sender may go on; `arrived(appended, acked)`: both
    are known now. Each is called once."""

    records: int
    bytes: int
    queued: Callable[[int], None]
    arrived: Callable[[int, int], None]


@dataclass(slots=True)
class _Standing:
    """A parcel without a place yet. Its sender is let go once, when it has one or when none can be hoped for."""

    partition: int
    parcel: Parcel
    is_let_go: bool = False

    def let_go(self, now: int) -> None:
        if not self.is_let_go:
            self.is_let_go = True
            self.parcel.queued(now)


@dataclass(slots=True)
class _Door:
    """To one broker: until when a request is under way, and by partition what goes with the next one."""

    began: int = 0
    busy_until: int = 0
    waiting: dict[int, Parcel] = field(default_factory=dict)
    standing: list[_Standing] = field(default_factory=list)


class Producer:
    """`partitions` of the topic, their leaders spread over `brokers`; parcels go to them in turn.

    A request that is not acknowledged `deadline_ns` after it was sent shows that the other side is away, until it is
    acknowledged after all.
    """

    def __init__(
        self,
        clock: Clock,
        broker: Broker,
        *,
        up: Sequence[Line] = (),
        down: Sequence[Line] = (),
        partitions: int = 1,
        brokers: int = 1,
        deadline_ns: int = NEVER,
    ) -> None:
        self._clock = clock
        self._broker = broker
        self._up = up
        self._down = down
        self._partitions = partitions
        self._deadline_ns = deadline_ns
        self._doors = [_Door() for _ in range(min(brokers, partitions))]
        self._turn = 0

    def given_up_at(self, now: int) -> int | None:
        """When what is put now is known not to get through in time; None if all is well."""
        for door in self._doors:
            deadline = door.began + self._deadline_ns
            if door.busy_until > max(now, deadline):
                return max(now, deadline)
        return None

    def put(self, now: int, parcel: Parcel) -> None:
        partition = self._turn % self._partitions
        door = self._doors[partition % len(self._doors)]
        self._turn += 1
        if partition in door.waiting:
            self._stand(now, door, _Standing(partition, parcel))
        else:
            self._place(now, door, partition, parcel)
            parcel.queued(now)

    def _stand(self, now: int, door: _Door, standing: _Standing) -> None:
        door.standing.append(standing)
        deadline = max(now, door.began + self._deadline_ns)
        if door.busy_until > deadline:
            self._clock.at(deadline, standing.let_go)

    def _place(self, now: int, door: _Door, partition: int, parcel: Parcel) -> None:
        door.waiting[partition] = parcel
        if door.busy_until <= now:
            self._request(now, door)
        elif len(door.waiting) == 1 and door.busy_until < NEVER:
            self._clock.at(door.busy_until, lambda moment: self._request(moment, door))

    def _request(self, now: int, door: _Door) -> None:
        parcels = list(door.waiting.values())
        door.waiting.clear()
        arrived = send(self._up, now, sum(parcel.bytes for parcel in parcels) + REQUEST_BYTES)
        appended = self._broker.append(arrived, sum(parcel.records for parcel in parcels))
        door.began, door.busy_until = now, acknowledged(self._down, appended)
        for parcel in parcels:
            parcel.arrived(min(appended, NEVER), min(door.busy_until, NEVER))
        self._move_up(now, door)

    def _move_up(self, now: int, door: _Door) -> None:
        standing, door.standing = door.standing, []
        for one in standing:
            if one.partition in door.waiting:
                door.standing.append(one)
            else:
                self._place(now, door, one.partition, one.parcel)
                one.let_go(now)
