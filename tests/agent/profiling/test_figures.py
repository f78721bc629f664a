"""From single times to a profile's figures."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.profiling.figures import MOST_BYTES_PER_S, Program, in_turn, link, program, records, times
from shared.documents import Artifact, ArtifactFormat, DType, TensorSpec
from shared.documents.profile import ExportedSegment

seconds = st.floats(1e-6, 10.0)
SPEC = TensorSpec(dtype=DType.FLOAT32, shape=(1,))
ARTIFACT = Artifact(sha256="0" * 64, size_bytes=1, format=ArtifactFormat.TFLITE)
PLAIN, HEADED = Program(None, "low", None), Program(None, "low", "edge")


def segment(after: str | None, until: str | None, head: str | None = None) -> ExportedSegment:
    return ExportedSegment(
        after=after, until=until, head=head, input=SPEC, features=SPEC, artifact=ARTIFACT, parameters_bytes=1
    )


@given(st.permutations([segment(None, "low"), segment(None, None), segment("low", None), segment(None, "low", "edge")]))
def test_what_has_a_head_is_timed_right_after_the_same_without(given: list[ExportedSegment]) -> None:
    order = [program(one) for one in in_turn(given)]
    assert sorted(order, key=str) == sorted(map(program, given), key=str)
    assert (PLAIN, HEADED) in set(pairwise(order))


@given(st.lists(st.tuples(seconds, seconds), min_size=1, max_size=9), st.floats(1.1, 50.0))
def test_a_box_that_slows_down_between_rounds_changes_nothing_about_a_head(
    rounds: list[tuple[float, float]], pace: float
) -> None:
    """Paired within a round; a head that costs nothing is told as nothing, whatever the pace of each round."""
    plain = [[alone] for alone, _ in rounds]
    slowed = [[alone * pace] for alone, _ in rounds]
    for found in (plain, slowed):
        (_, head) = times({PLAIN: found, HEADED: found})
        assert (head.head, head.time_s) == ("edge", 0.0)


@given(st.lists(st.lists(seconds, min_size=1, max_size=5), min_size=1, max_size=5))
def test_a_time_lies_among_those_that_were_taken(rounds: list[list[float]]) -> None:
    (found,) = times({PLAIN: rounds})
    everything = [one for each in rounds for one in each]
    assert min(everything) <= found.time_s <= max(everything)
    assert records({PLAIN: rounds}) == len(everything)


@given(st.floats(1e3, 1e9), st.floats(0.0, 1.0))
def test_a_link_is_found_again_from_the_times_it_makes(bytes_per_s: float, fixed_s: float) -> None:
    small, large = 1_000, 200_000
    found = link(
        small,
        large,
        [2 * (small / bytes_per_s + fixed_s)] * 3,
        [2 * (large / bytes_per_s + fixed_s)] * 3,
    )
    assert found.bytes_per_s == pytest.approx(bytes_per_s, rel=1e-3)
    assert found.fixed_s == pytest.approx(fixed_s, rel=1e-3, abs=1e-6)


def test_a_link_that_is_too_fast_to_be_told_is_fast_and_no_number_is_negative() -> None:
    found = link(1_000, 200_000, [0.002, 0.004, 0.003], [0.002, 0.003, 0.0025])
    assert found.bytes_per_s == MOST_BYTES_PER_S
    assert found.fixed_s == pytest.approx(0.0015, rel=1e-3)
