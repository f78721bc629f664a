"""Class probabilities beside the classes they should have named: checked once, for all metrics."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.judging import checks
from shared.errors import DocumentError

# Float32 rounding stays far below it; an exit quantised to 8 bits needs about classes / 512.
SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Float64 `probabilities` `[n, classes]` and `confidence` `[n]`, int64 `labels` and `predicted` `[n]`.

    Of equal probabilities the first is predicted, as where records are answered.
    """

    probabilities: NDArray[np.float64]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]

    @property
    def classes(self) -> int:
        return int(self.probabilities.shape[1])

    @property
    def right(self) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = self.predicted == self.labels
        return right


def predictions(
    probabilities: NDArray[Any],
    labels: NDArray[Any],
    *,
    classes: int | None = None,
    first: int = 0,
    tolerance: float = SUM_TOLERANCE,
) -> Predictions:
    """`[n, classes]` and `[n]`; `first` is the number of the first row, for messages.

    Raises DocumentError naming the row: NaN or an infinity, a probability outside 0 to 1 or a sum other than 1 by more
    than `tolerance`, a label that is no class.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:
        raise DocumentError(
            f"shape {list(probabilities.shape)} where [records, classes] with two classes or more is expected",
            field="probabilities",
        )
    width = probabilities.shape[1] if classes is None else classes
    given = checks.numbers(probabilities, name="probabilities", first=first, outputs=width)
    _refuse_no_distribution(given, first, tolerance)
    named = _labels(labels, width, first)
    checks.refuse_other_length(given, named, name="labels")
    return Predictions(
        probabilities=given, labels=named, predicted=given.argmax(axis=1), confidence=given.max(axis=1).clip(0, 1)
    )


def _refuse_no_distribution(given: NDArray[np.float64], first: int, tolerance: float) -> None:
    sums = given.sum(axis=1)
    outside = (np.abs(given - 0.5) > 0.5 + tolerance).any(axis=1)
    checks.refuse_rows(outside, "a probability is not between 0 and 1", name="probabilities", first=first)
    off = np.abs(sums - 1) > tolerance
    if off.any():
        row = int(off.argmax())
        raise DocumentError(f"the sum is {sums[row]:.6g}, not 1", field=f"probabilities[{first + row}]")


def _labels(labels: NDArray[Any], classes: int, first: int) -> NDArray[np.int64]:
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DocumentError(f"not one whole number a record: {labels.dtype} of shape {labels.shape}", field="labels")
    outside = (labels < 0) | (labels >= classes)
    checks.refuse_rows(outside, f"no class: those are 0 to {classes - 1}", name="labels", first=first)
    return labels.astype(np.int64, copy=False)
