"""What the exits of a network make of labelled records, and what a vector of thresholds makes of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.inference.exits import confidence
from shared.documents.deployment import Measure
from shared.errors import ModelError
from shared.record.finite import finite_rows

# One threshold for each early exit, in single precision as the agent compares them; NEVER is the exit without a policy.
Thresholds = NDArray[np.float32]
NEVER = np.float32(np.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The exit nearest to the sensor comes first; the last one answers whatever reaches it.

    `sure`: how sure each early exit is of each record, 0 to 1, `[early, n]`. `right`: `[early + 1, n]`.
    """

    sure: NDArray[np.float32]
    right: NDArray[np.bool_]

    def __post_init__(self) -> None:
        early, records = self.sure.shape
        if not early or self.right.shape != (early + 1, records):
            raise ValueError(f"{self.sure.shape} and {self.right.shape} are not [early, n] and [early + 1, n]")

    def __len__(self) -> int:
        return len(self.sure[0])

    @property
    def early(self) -> int:
        return len(self.sure)

    def at(self, rows: NDArray[np.intp]) -> "Outcomes":
        return Outcomes(sure=self.sure[:, rows], right=self.right[:, rows])


def judged(
    probabilities: Sequence[NDArray[Any]], labels: NDArray[np.integer[Any]], measures: Sequence[Measure]
) -> Outcomes:
    """`probabilities`: of each exit, `[n, classes]`, as the deployed chain gives them. One measure an early exit.

    Raises ModelError when an exit gave NaN or an infinity: such records are dead letters, and no promise covers them.
    """
    for place, given in enumerate(probabilities):
        if given.ndim != 2 or given.shape[1] < 2 or len(given) != len(labels):
            raise ValueError(f"exit {place} gave {given.shape} for {len(labels)} labels, not [n, classes]")
        if failed := len(given) - int(finite_rows(given).sum()):
            raise ModelError(f"exit {place} gave NaN or an infinity for {failed} of {len(given)} records")
    return Outcomes(
        sure=np.stack([confidence(*one) for one in zip(probabilities[:-1], measures, strict=True)]),
        right=np.stack([given.argmax(axis=1) == labels for given in probabilities]),
    )


def exits_taken(outcomes: Outcomes, thresholds: Thresholds) -> NDArray[np.intp]:
    """Which exit answers each record, `[n]`: the first that is sure enough, else the last."""
    taken = np.full(len(outcomes), outcomes.early, np.intp)
    for place in reversed(range(outcomes.early)):
        taken[outcomes.sure[place] >= thresholds[place]] = place
    return taken


def answered_right(outcomes: Outcomes, taken: NDArray[np.intp]) -> NDArray[np.bool_]:
    """`[n]`."""
    right: NDArray[np.bool_] = outcomes.right[taken, np.arange(len(taken))]
    return right


def harmed(outcomes: Outcomes, taken: NDArray[np.intp]) -> NDArray[np.bool_]:
    """`[n]`: an early exit answered, wrongly, and the last one would have been right."""
    lost: NDArray[np.bool_] = ~answered_right(outcomes, taken) & outcomes.right[-1]
    return lost


def shares(outcomes: Outcomes, taken: NDArray[np.intp]) -> tuple[float, ...]:
    """Of the records, by the exit that answers: one number for each early exit and one for the last."""
    return tuple((np.bincount(taken, minlength=outcomes.early + 1) / len(taken)).tolist())
