"""The order in which vectors of thresholds are tried: from "never" downwards, fixed before any of them is tested."""

import numpy as np
from numpy.typing import NDArray

from agent.training.exiting.outcomes import NEVER, Outcomes, Thresholds, exits_taken, harmed

# Row 0 is "never" at every exit; no threshold is above the one over it.
Path = NDArray[np.float32]


def falling_path(outcomes: Outcomes, *, steps: int = 200) -> Path:
    """`[1 to steps + 1, early]`. Each row lowers the one threshold that promises most for the harm it does.

    `outcomes` are of records that nothing is tested on afterwards, nor temperatures were fitted on. What a record
    gains is the number of tiers it need not climb; what an exit promises is the best ratio of gain to harm that any
    lower threshold of it reaches, so that one unlucky record does not hide a hundred behind it. The first of equals is
    taken. The last row lets every record answer at the first exit.
    """
    if steps < outcomes.early:
        raise ValueError(f"{steps} steps cannot lower each of {outcomes.early} thresholds")
    exits = [_Slope(outcomes, place, steps // outcomes.early) for place in range(outcomes.early)]
    rows = [np.full(outcomes.early, NEVER)]
    while True:
        taken = exits_taken(outcomes, rows[-1])
        harm = harmed(outcomes, taken)
        promises = [one.promise(taken, harm) for one in exits]
        best = int(np.argmax(promises))
        if promises[best] <= 0:
            return np.stack(rows)
        row: Thresholds = rows[-1].copy()
        row[best] = exits[best].step()
        rows.append(row)


class _Slope:
    """The thresholds one exit may still have, and what is to be had further down."""

    def __init__(self, outcomes: Outcomes, place: int, levels: int) -> None:
        sure = outcomes.sure[place]
        self._place = place
        self._order = np.argsort(-sure, kind="stable")
        self._harm_here = ~outcomes.right[place] & outcomes.right[-1]
        self._left = _levels(sure, levels)
        self._rows_above = np.searchsorted(-sure[self._order], -self._left, side="right")

    def promise(self, taken: NDArray[np.intp], harm: NDArray[np.bool_]) -> float:
        """The greatest ratio of tiers spared to harm done over all levels below; 0 when none spares any.

        One harm is added to those found: few records without any prove little.
        """
        if not len(self._left):
            return 0.0
        climbs = np.maximum(taken - self._place, 0)
        done = np.where(climbs > 0, self._harm_here.astype(np.int64) - harm, 0)
        spared_above, done_above = climbs[self._order].cumsum(), done[self._order].cumsum()
        last = self._rows_above - 1
        return float((spared_above[last] / (np.maximum(done_above[last], 0) + 1)).max())

    def step(self) -> np.float32:
        level: np.float32 = self._left[0]
        self._left, self._rows_above = self._left[1:], self._rows_above[1:]
        return level


def _levels(sure: NDArray[np.float32], count: int) -> Thresholds:
    """Falling, `count` at most: each lets go about as many records more as the one before, the last lets go all."""
    falling = np.sort(sure)[::-1]
    ends = np.ceil(np.arange(1, count) * len(falling) / count).astype(np.intp) - 1
    distinct: Thresholds = np.unique(np.append(falling[ends], np.float32(0)))[::-1]
    return distinct
