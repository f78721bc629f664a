"""Ranges made of what was acknowledged: the same offsets, as few ranges as can be."""

from hypothesis import given
from hypothesis import strategies as st

from shared.streams.ranges import Range, merged, overlap


@st.composite
def pieces(draw: st.DrawFn) -> list[Range]:
    """Disjoint, over two topics and three partitions, in any order, neighbours and empty ones among them."""
    found = []
    for topic in ("a", "b"):
        for partition in range(3):
            start = 0
            for gap, length in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=6)):
                found.append(Range(topic=topic, partition=partition, start=start + gap, end=start + gap + length))
                start += gap + length
    return draw(st.permutations(found))


def offsets(ranges: tuple[Range, ...] | list[Range]) -> set[tuple[str, int, int]]:
    return {(one.topic, one.partition, offset) for one in ranges for offset in range(one.start, one.end)}


@given(pieces())
def test_merging_keeps_the_offsets_and_leaves_no_neighbours(found: list[Range]) -> None:
    joined = merged(found)
    assert offsets(joined) == offsets(found)
    assert overlap(joined) is None
    assert all(one.offsets for one in joined)
    ends = {(one.topic, one.partition, one.end) for one in joined}
    assert not ends & {(one.topic, one.partition, one.start) for one in joined}


@given(pieces())
def test_what_is_merged_stays_as_it_is(found: list[Range]) -> None:
    assert merged(merged(found)) == merged(found)
