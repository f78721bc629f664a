"""How far plain numbers are from those they should be.

Sums of squares about the mean are joined as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
computing sample variances", 1979: the difference of two great sums would lose the digits that R2 is made of.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.training.judging import checks
from shared.documents.types import Message
from shared.errors import DocumentError

Floats = NDArray[np.float64]


class Deviation(Message, frozen=True, kw_only=True):
    """Mean squared error, its root, mean absolute error, coefficient of determination.

    `r2` is null where the truth never varies: then nothing is there to be determined (scikit-learn gives 1 or 0).
    """

    mse: float
    rmse: float
    mae: float
    r2: float | None


class Regression(Message, frozen=True, kw_only=True):
    """`overall`: means over all outputs, of `r2` over those that are not null.

    Its `rmse` is the root of its `mse`, where scikit-learn averages the roots of the outputs.
    """

    records: int
    by_output: tuple[Deviation, ...]
    overall: Deviation


def regression(outputs: NDArray[Any], truth: NDArray[Any]) -> Regression:
    """Both `[n, *shape]`, all at once. Raises DocumentError as `RegressionTally.add` does, and of no records."""
    tally = RegressionTally(outputs=int(np.prod(outputs.shape[1:])))
    tally.add(outputs, truth)
    return tally.result()


@dataclass(slots=True, kw_only=True)
class RegressionTally:
    """Adds up batches. Memory grows with the outputs of one record and with nothing else."""

    outputs: int
    records: int = field(default=0, init=False)
    _squared: Floats = field(init=False)
    _absolute: Floats = field(init=False)
    _mean: Floats = field(init=False)
    _about_mean: Floats = field(init=False)
    # Rounding makes the variance of a constant a little more than nothing; these are exact.
    _least: Floats = field(init=False)
    _greatest: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._squared, self._absolute, self._mean, self._about_mean = np.zeros((4, self.outputs))
        self._least = np.full(self.outputs, np.inf)
        self._greatest = np.full(self.outputs, -np.inf)

    def add(self, outputs: NDArray[Any], truth: NDArray[Any]) -> None:
        """Raises DocumentError of another number of outputs, and naming the row of NaN or an infinity."""
        given = checks.numbers(outputs, name="outputs", first=self.records, outputs=self.outputs)
        wanted = checks.numbers(truth, name="truth", first=self.records, outputs=self.outputs)
        checks.refuse_other_length(given, wanted, name="truth")
        if not len(given):
            return
        mean = wanted.mean(axis=0)
        self._join(len(given), mean, np.square(wanted - mean).sum(axis=0))
        self._squared += np.square(given - wanted).sum(axis=0)
        self._absolute += np.abs(given - wanted).sum(axis=0)
        self._least = np.minimum(self._least, wanted.min(axis=0))
        self._greatest = np.maximum(self._greatest, wanted.max(axis=0))

    def merge(self, other: Self) -> None:
        if self.outputs != other.outputs:
            raise DocumentError(f"{other.outputs} numbers a record where {self.outputs} are expected", field="outputs")
        if not other.records:
            return
        self._join(other.records, other._mean, other._about_mean)
        self._squared += other._squared
        self._absolute += other._absolute
        self._least = np.minimum(self._least, other._least)
        self._greatest = np.maximum(self._greatest, other._greatest)

    def _join(self, records: int, mean: Floats, about_mean: Floats) -> None:
        both = self.records + records
        apart = mean - self._mean
        self._about_mean += about_mean + np.square(apart) * (self.records * records / both)
        self._mean += apart * (records / both)
        self.records = both

    def result(self) -> Regression:
        """Raises DocumentError of no records."""
        checks.refuse_nothing(self.records)
        determined = self._determined()
        by_output = tuple(
            _deviation(squared / self.records, absolute / self.records, r2)
            for squared, absolute, r2 in zip(self._squared.tolist(), self._absolute.tolist(), determined, strict=True)
        )
        known = [r2 for r2 in determined if r2 is not None]
        return Regression(
            records=self.records,
            by_output=by_output,
            overall=_deviation(
                float(self._squared.mean()) / self.records,
                float(self._absolute.mean()) / self.records,
                sum(known) / len(known) if known else None,
            ),
        )

    def _determined(self) -> list[float | None]:
        varies = (self._greatest > self._least) & (self._about_mean > 0)
        # Next to hardly any variance an error may be infinitely great: as little is determined as by none.
        with np.errstate(over="ignore"):
            shares = 1 - np.divide(self._squared, self._about_mean, out=np.full(self.outputs, np.inf), where=varies)
        return [r2 if math.isfinite(r2) else None for r2 in shares.tolist()]


def _deviation(mse: float, mae: float, r2: float | None) -> Deviation:
    return Deviation(mse=mse, rmse=mse**0.5, mae=mae, r2=r2)
