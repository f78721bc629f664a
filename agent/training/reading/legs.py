"""What of a stream is still to be read. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.training.reading.manifest import Origin
from shared.streams.ranges import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The offsets from `start` up to `end`, without `end`, of one Kafka partition; at least one."""

    origin: Origin
    start: int
    end: int

    def __str__(self) -> str:
        topic, partition = self.origin
        return f"{topic}:{partition}:{self.start}:{self.end}"


def legs(ranges: Iterable[Range], positions: Mapping[Origin, int]) -> tuple[Leg, ...]:
    """By topic, Kafka partition and offset, without what lies before the `positions`. Empty ranges are none."""
    ordered = sorted(ranges, key=lambda one: (one.topic, one.partition, one.start))
    left = [_left(one, positions.get((one.topic, one.partition), 0)) for one in ordered]
    return tuple(leg for leg in left if leg.start < leg.end)


def _left(one: Range, position: int) -> Leg:
    return Leg(origin=(one.topic, one.partition), start=max(one.start, position), end=one.end)
