"""How long a record takes through each segment, one at a time, as inference would run it alone."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.backends.protocol import Backend, LoadedSubModel
from agent.profiling.figures import Program, in_turn, program
from shared.documents import SubModel, TensorSpec
from shared.documents.profile import ExportedSegment
from shared.errors import FoglineError, ModelError

ROUNDS = 5
_WARMING = 3
_THREADS = 1


class LeftError(FoglineError):
    """It was asked to leave before it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`path` of a segment's verified file; `monotonic` in seconds; `told` of each round that is done.

    Every round loads each segment, warms it up, times its records and closes it, so that one is in memory at a time and
    each meets the box in the same moods. After `budget_s` no other round begins.
    """

    backend: Backend
    path: Callable[[ExportedSegment], Path]
    monotonic: Callable[[], float]
    leaving: Event
    told: Callable[[int], object]
    repetitions: int
    budget_s: float
    rounds: int = field(default=ROUNDS)

    def run(self, segments: Sequence[ExportedSegment]) -> dict[Program, list[list[float]]]:
        """In the order of `segments`. Raises ModelError, also where not even one round fits into the budget; LeftError,
        UnavailableError."""
        found: dict[Program, list[list[float]]] = {program(one): [] for one in segments}
        began = self.monotonic()
        for number in range(self.rounds):
            for one in in_turn(segments):
                spent = self.monotonic() - began
                if spent > self.budget_s and number == 0:
                    raise ModelError(f"not every segment was timed once within {self.budget_s:,.10g} s")
                found[program(one)].append(self._timed(one))
            self.told(number + 1)
            if self.monotonic() - began > self.budget_s:
                break
        return found

    def _timed(self, segment: ExportedSegment) -> list[float]:
        sub_model = SubModel(
            tier="timed",
            input=segment.input,
            features=segment.features,
            exit=segment.exit,
            artifacts=(segment.artifact,),
        )
        record = noise(segment.input)
        with closing(self.backend.load(self.path(segment), sub_model, threads=_THREADS)) as loaded:
            for _ in range(_WARMING):
                self._once(loaded, record)
            return [self._once(loaded, record) for _ in range(-(-self.repetitions // self.rounds))]

    def _once(self, loaded: LoadedSubModel, record: NDArray[Any]) -> float:
        if self.leaving.is_set():
            raise LeftError("asked to leave")
        began = self.monotonic()
        loaded.infer(record)
        return self.monotonic() - began


def noise(spec: TensorSpec) -> NDArray[Any]:
    """One record `[1, *shape]`, always the same: of zeros some processors are done sooner."""
    lot = np.random.default_rng(0)
    shape, dtype = (1, *spec.shape), np.dtype(spec.dtype.value)
    if dtype.kind == "f":
        return lot.random(shape).astype(dtype)
    if dtype.kind == "b":
        return lot.random(shape) < 0.5
    return lot.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
