"""Whether an exit is right as often as it says. Confidence is the greatest probability, as in Guo et al.

Expected calibration error, over bins b of records: sum of n_b / n * |accuracy_b - mean confidence_b|. Bins of equal
width, open below and closed above: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML
2017, equation 3. Bins of equal mass: Nguyen and O'Connor, "Posterior calibration and exploratory analysis for natural
language processing models", EMNLP 2015.

Brier score: mean over records of the sum over classes of (probability - 1 if true else 0) squared, so 0 to 2; Brier,
"Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.
"""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.training.judging import checks
from agent.training.judging.confidence_cells import CELLS, cells, equal_mass
from agent.training.judging.predictions import Predictions, predictions
from shared.documents.types import Message
from shared.errors import DocumentError

BINS = 15


class Bin(Message, frozen=True, kw_only=True):
    """Records with a confidence above `lower` and up to `upper`: what they claim and what holds; null of none."""

    lower: float
    upper: float
    records: int
    confidence: float | None
    accuracy: float | None


class Calibration(Message, frozen=True, kw_only=True):
    """`ece` is over `bins`, the reliability curve, of equal width; `adaptive_ece` over as many bins of equal mass.

    Records whose confidences agree to 2^-8 of their distance from 0 or 1, whichever is nearer, are never separated in
    `adaptive_ece`, so it does not depend on their order; all else is exact.
    """

    records: int
    ece: float
    adaptive_ece: float
    brier: float
    bins: tuple[Bin, ...]


def calibration(probabilities: NDArray[Any], labels: NDArray[Any], *, bins: int = BINS) -> Calibration:
    """`[n, classes]` and `[n]`, all at once. Raises DocumentError as `predictions` does, and of no records."""
    tally = CalibrationTally(bins=bins)
    tally.add(predictions(probabilities, labels))
    return tally.result()


@dataclass(slots=True, kw_only=True)
class CalibrationTally:
    """Adds up batches, in 300 KB whatever their number."""

    bins: int = BINS
    _squares: float = field(default=0.0, init=False)
    _widths: "_Groups" = field(init=False)
    _cells: "_Groups" = field(init=False)

    def __post_init__(self) -> None:
        if self.bins < 1:
            raise DocumentError("at least one bin", field="bins")
        self._widths, self._cells = _Groups(self.bins), _Groups(CELLS)

    @property
    def records(self) -> int:
        return int(self._widths.records.sum())

    def add(self, answers: Predictions) -> None:
        truth = answers.labels[:, None] == np.arange(answers.classes)
        self._squares += float(np.square(answers.probabilities - truth).sum())
        within = np.searchsorted(_edges(self.bins)[1:-1], answers.confidence, side="left")
        self._widths.add(within, answers)
        self._cells.add(cells(answers.confidence), answers)

    def merge(self, other: Self) -> None:
        if self.bins != other.bins:
            raise DocumentError(f"{other.bins} where {self.bins} are expected", field="bins")
        self._squares += other._squares
        self._widths.merge(other._widths)
        self._cells.merge(other._cells)

    def result(self) -> Calibration:
        """Raises DocumentError of no records."""
        checks.refuse_nothing(self.records)
        return Calibration(
            records=self.records,
            ece=self._widths.error(),
            adaptive_ece=self._cells.regrouped(equal_mass(self._cells.records, self.bins), self.bins).error(),
            brier=self._squares / self.records,
            bins=self._curve(),
        )

    def _curve(self) -> tuple[Bin, ...]:
        edges = _edges(self.bins).tolist()
        sums = zip(
            self._widths.records.tolist(), self._widths.confidence.tolist(), self._widths.right.tolist(), strict=True
        )
        return tuple(
            Bin(
                lower=edges[place],
                upper=edges[place + 1],
                records=records,
                confidence=confidence / records if records else None,
                accuracy=right / records if records else None,
            )
            for place, (records, confidence, right) in enumerate(sums)
        )


class _Groups:
    """Of each group: how many records, the sum of their confidences, how many were right."""

    __slots__ = ("confidence", "records", "right")

    def __init__(self, groups: int) -> None:
        self.records = np.zeros(groups, np.int64)
        self.confidence = np.zeros(groups, np.float64)
        self.right = np.zeros(groups, np.int64)

    def add(self, groups: NDArray[np.int64], answers: Predictions) -> None:
        np.add.at(self.records, groups, 1)
        np.add.at(self.confidence, groups, answers.confidence)
        np.add.at(self.right, groups, answers.right)

    def merge(self, other: "_Groups") -> None:
        self.records += other.records
        self.confidence += other.confidence
        self.right += other.right

    def regrouped(self, places: NDArray[np.int64], groups: int) -> "_Groups":
        """`places`: for each group of these the group it becomes part of."""
        joined = _Groups(groups)
        np.add.at(joined.records, places, self.records)
        np.add.at(joined.confidence, places, self.confidence)
        np.add.at(joined.right, places, self.right)
        return joined

    def error(self) -> float:
        # n_b / n * |right_b / n_b - confidence_b / n_b|: the size of the bin cancels.
        return float(np.abs(self.right - self.confidence).sum() / self.records.sum())


def _edges(bins: int) -> NDArray[np.float64]:
    return np.linspace(0, 1, bins + 1)
