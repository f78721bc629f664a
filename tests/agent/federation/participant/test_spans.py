"""Ranges as sets of offsets: whatever they are called, each offset counts once."""

from hypothesis import given
from hypothesis import strategies as st

from agent.federation.participant.spans import Origin, offsets, united, within, without
from shared.streams.ranges import Range


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Range, ...]:
    spans = draw(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.integers(0, 12), st.integers(0, 6))))
    return tuple(
        Range(topic=topic, partition=one, start=start, end=start + length) for topic, one, start, length in spans
    )


def points(given: tuple[Range, ...]) -> set[tuple[str, int, int]]:
    return {(one.topic, one.partition, offset) for one in given for offset in range(one.start, one.end)}


@given(ranges())
def test_united_they_hold_the_same_offsets_each_once(some: tuple[Range, ...]) -> None:
    assert points(united(some)) == points(some)
    assert offsets(united(some)) == len(points(some))
    assert united(united(some)) == united(some)


@given(ranges(), ranges())
def test_without_others_they_hold_what_those_do_not(some: tuple[Range, ...], others: tuple[Range, ...]) -> None:
    left = without(some, others)
    assert points(left) == points(some) - points(others)
    assert offsets(left) == len(points(left))


@given(
    ranges(),
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.integers(0, 1)), st.tuples(st.integers(0, 9), st.integers(0, 9))
    ),
)
def test_of_what_a_log_holds_no_more_is_read(some: tuple[Range, ...], held: dict[Origin, tuple[int, int]]) -> None:
    there = {(topic, one, offset) for (topic, one), (first, last) in held.items() for offset in range(first, last)}
    assert points(within(some, held)) == points(some) & there
