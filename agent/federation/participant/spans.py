"""Arithmetic of ranges of Kafka partitions: what is in both, what is left, each offset once. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from shared.streams.ranges import Range, merged

Origin = tuple[str, int]
Held = Mapping[Origin, tuple[int, int]]
"""What a log holds of each Kafka partition, from the first offset up to the last, without that."""


def origin(one: Range) -> Origin:
    return one.topic, one.partition


def offsets(ranges: Iterable[Range]) -> int:
    return sum(one.offsets for one in ranges)


def united(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Every offset that is in one of them, once; in as few ranges as can be, in order."""
    return merged(_disjoint(sorted(ranges, key=lambda one: (origin(one), one.start))))


def without(ranges: Iterable[Range], taken: Iterable[Range]) -> tuple[Range, ...]:
    left = united(ranges)
    for one in taken:
        left = tuple(part for each in left for part in _without(each, one))
    return merged(left)


def within(ranges: Iterable[Range], held: Held) -> tuple[Range, ...]:
    """What of them the log holds; of a Kafka partition that is not named it holds nothing."""
    return merged(_cut(one, *held[origin(one)]) for one in ranges if origin(one) in held)


def _disjoint(ordered: Iterable[Range]) -> Iterator[Range]:
    reached: dict[Origin, int] = {}
    for one in ordered:
        start = max(one.start, reached.get(origin(one), 0))
        if start < one.end:
            reached[origin(one)] = one.end
            yield replace(one, start=start)


def _without(one: Range, taken: Range) -> Iterator[Range]:
    if origin(one) != origin(taken) or taken.end <= one.start or one.end <= taken.start:
        yield one
        return
    if one.start < taken.start:
        yield replace(one, end=taken.start)
    if taken.end < one.end:
        yield replace(one, start=taken.end)


def _cut(one: Range, first: int, last: int) -> Range:
    start = min(max(one.start, first), one.end)
    return replace(one, start=start, end=max(start, min(one.end, last)))
