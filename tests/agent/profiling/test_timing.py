"""Real LiteRT files, timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.backends.litert import LiteRTBackend
from agent.profiling.figures import Program, program, records, times
from agent.profiling.timing import LeftError, Timing, noise
from shared.documents import DType, TensorSpec
from shared.documents.profile import ExportedSegment
from shared.errors import ModelError
from tests.agent.profiling.conftest import path_of


def timing(monotonic: Callable[[], float] = time.perf_counter, **changes: Any) -> Timing:  # noqa: ANN401
    values: dict[str, Any] = {
        "backend": LiteRTBackend(),
        "path": path_of,
        "monotonic": monotonic,
        "leaving": Event(),
        "told": [].append,
        "repetitions": 10,
        "budget_s": 60.0,
    }
    return Timing(**values | changes)


def test_every_segment_is_timed_as_often_as_asked_and_longer_work_takes_longer(
    segments: tuple[ExportedSegment, ...],
) -> None:
    told: list[int] = []
    found = timing(told=told.append, repetitions=12).run(segments)
    assert told == [1, 2, 3, 4, 5]
    assert records(found) == 15
    by_program = {Program(one.after, one.until, one.head): one.time_s for one in times(found)}
    assert set(by_program) == {program(one) for one in segments}
    edge, head, fog = (by_program[program(one)] for one in segments)
    assert 0 < edge < 0.1
    assert head < edge
    assert fog > 0


@dataclass
class Steps:
    """A clock that goes on by so much each time it is read."""

    step_s: float
    now: float = field(default=0.0)

    def __call__(self) -> float:
        self.now += self.step_s
        return self.now


def test_after_its_budget_no_other_round_begins(segments: tuple[ExportedSegment, ...]) -> None:
    told: list[int] = []
    found = timing(Steps(0.1), told=told.append, budget_s=8.0).run(segments)
    assert 1 <= len(told) < 5
    assert {len(rounds) for rounds in found.values()} == {len(told)}


def test_a_budget_that_is_too_small_for_one_round_is_said(segments: tuple[ExportedSegment, ...]) -> None:
    with pytest.raises(ModelError, match="not every segment was timed once within 1 s"):
        timing(Steps(0.5), budget_s=1.0).run(segments)


def test_it_ends_in_the_middle_when_asked_to_leave(segments: tuple[ExportedSegment, ...]) -> None:
    leaving = Event()
    leaving.set()
    with pytest.raises(LeftError):
        timing(leaving=leaving).run(segments)


@given(st.sampled_from(DType), st.lists(st.integers(1, 5), max_size=3))
def test_noise_is_a_record_of_its_kind_and_always_the_same(dtype: DType, shape: list[int]) -> None:
    spec = TensorSpec(dtype=dtype, shape=tuple(shape))
    made: NDArray[Any] = noise(spec)
    assert (made.shape, made.dtype.name) == ((1, *shape), dtype.value)
    assert np.array_equal(made, noise(spec))
