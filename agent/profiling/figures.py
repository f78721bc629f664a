"""From single times to the figures of a profile. Pure."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from shared.documents.profile import ExportedSegment, MeasuredLink, SegmentTime

# What cannot be told from no time at all.
MOST_BYTES_PER_S = 1e12


class Program(NamedTuple):
    """Which part of the network: see ExportedSegment."""

    after: str | None
    until: str | None
    head: str | None

    @property
    def without_head(self) -> "Program":
        return Program(self.after, self.until, None)


Rounds = Mapping[Program, Sequence[Sequence[float]]]
"""For each program, round by round, the seconds of one record after the other."""


def program(segment: ExportedSegment) -> Program:
    return Program(segment.after, segment.until, segment.head)


def in_turn(segments: Sequence[ExportedSegment]) -> tuple[ExportedSegment, ...]:
    """An order in which what has a head comes right after the same without: they are compared, on a box whose pace
    changes."""
    places = {program(one): place for place, one in enumerate(segments)}
    return tuple(
        sorted(segments, key=lambda one: (places.get(program(one).without_head, len(places)), one.head is not None))
    )


def times(rounds: Rounds) -> tuple[SegmentTime, ...]:
    """The median over all rounds; of a head, the median over rounds of what a round's median grew by it."""
    return tuple(
        SegmentTime(after=one.after, until=one.until, head=one.head, time_s=_time(one, rounds)) for one in rounds
    )


def records(rounds: Rounds) -> int:
    """How many times each program was timed at least."""
    return min((sum(map(len, found)) for found in rounds.values()), default=0)


def link(small: int, large: int, small_s: Sequence[float], large_s: Sequence[float]) -> MeasuredLink:
    """From how long records of `small` and `large` bytes took to a broker and back, half of it each way.

    A line through the two medians: its slope is the bytes, its beginning what every record waits.
    """
    short, long = median(small_s), median(large_s)
    slope = (long - short) / (large - small)
    bytes_per_s = min(MOST_BYTES_PER_S, max(1.0, 2 / slope)) if slope > 0 else MOST_BYTES_PER_S
    return MeasuredLink(bytes_per_s=bytes_per_s, fixed_s=max(0.0, short / 2 - small / bytes_per_s))


def _time(one: Program, rounds: Rounds) -> float:
    if one.head is None:
        return median([seconds for found in rounds[one] for seconds in found])
    plain = rounds[one.without_head]
    grown = [median(both) - median(alone) for both, alone in zip(rounds[one], plain, strict=False)]
    return max(0.0, median(grown))
