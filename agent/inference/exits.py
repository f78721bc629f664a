"""Whether an exit answers: how sure it is of each record of a micro-batch, against the policy.

Leaving where the entropy of an exit is low enough is BranchyNet's (Teerapittayanon, McDanel and Kung, ICPR 2016).
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.documents.deployment import ExitPolicy, Measure
from shared.documents.model import Task
from shared.record.finite import finite_rows

_ZERO, _ONE = np.float32(0), np.float32(1)


class Decision(NamedTuple):
    """Rows of the micro-batch, each in one of the first three lists and in order; a failed record is an error.

    `confidence` and `classes` have one entry a record, or are None where the network predicts no class.
    """

    answered: list[int]
    unsure: list[int]
    failed: list[int]
    confidence: list[float] | None
    classes: list[int] | None


class _Judged(NamedTuple):
    """One entry a record."""

    finite: list[bool]
    confidence: list[float]
    classes: list[int]


def decide(
    outputs: NDArray[Any], policy: ExitPolicy | None, *, is_last: bool, task: Task = Task.CLASSIFICATION
) -> Decision:
    """`outputs`: what the exit gave, shape `[n, *exit]`; for a classification `[n, classes]` probabilities.

    The last tier answers all; another answers what its policy lets go, and nothing without one. Where nothing can be
    measured (task `values`, or fewer than two classes) an exit counts as not sure at all: only a threshold of 0 lets
    it answer. A record whose outputs hold NaN or an infinity has failed.
    """
    least = 0.0 if is_last else math.inf if policy is None else _single(policy.threshold)
    if task is not Task.CLASSIFICATION or outputs.ndim != 2 or outputs.shape[1] < 2:
        return _sorted(finite_rows(outputs).tolist(), [0.0] * len(outputs), least)._replace(confidence=None)
    finite, sure, classes = _judge(outputs, Measure.MAX_PROBABILITY if policy is None else policy.measure)
    return _sorted(finite, sure, least)._replace(classes=classes)


def _sorted(finite: list[bool], sure: list[float], least: float) -> Decision:
    found = Decision([], [], [], sure, None)
    for row, (is_finite, confidence) in enumerate(zip(finite, sure, strict=True)):
        if not is_finite:
            found.failed.append(row)
        elif confidence >= least:
            found.answered.append(row)
        else:
            found.unsure.append(row)
    return found


def _judge(outputs: NDArray[Any], measure: Measure) -> _Judged:
    if len(outputs) == 1 and measure is Measure.MAX_PROBABILITY and outputs.dtype == np.float32:
        return _judge_one(outputs.tolist()[0])
    return _Judged(
        finite_rows(outputs).tolist(), confidence(outputs, measure).tolist(), outputs.argmax(axis=1).tolist()
    )


def _judge_one(probabilities: list[float]) -> _Judged:
    """The same without numpy, whose calls take longer than so little work."""
    if not all(map(math.isfinite, probabilities)):
        return _Judged([False], [math.nan], [0])
    greatest = max(probabilities)
    return _Judged([True], [min(max(greatest, 0.0), 1.0)], [probabilities.index(greatest)])


@lru_cache(maxsize=64)
def _single(threshold: float) -> float:
    """In single precision, as what is compared with it."""
    return float(np.float32(threshold))


def confidence(probabilities: NDArray[Any], measure: Measure) -> NDArray[np.float32]:
    """Shape `[n]`, 0 to 1, from `[n, classes]` with at least two classes; NaN where a probability is NaN."""
    numbers = probabilities.astype(np.float32, copy=False)
    if measure is Measure.MAX_PROBABILITY:
        sure = np.maximum.reduce(numbers, axis=1)
    else:
        # What is no distribution at all may overflow: that is for `decide` to judge, not for a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            sure = _margin(numbers) if measure is Measure.MARGIN else 1 - _entropy(numbers)
    # Rounded or quantised probabilities do not quite sum to one.
    clipped: NDArray[np.float32] = np.maximum(np.minimum(sure, _ONE), _ZERO)
    return clipped


def _margin(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    margin: NDArray[np.float32] = two[:, 1] - two[:, 0]
    return margin


def _entropy(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shannon's, as a share of what it is when all classes are alike; an impossible class adds nothing."""
    logarithms = np.log(np.where(probabilities > 0, probabilities, _ONE))
    entropy: NDArray[np.float32] = -(probabilities * logarithms).sum(axis=1)
    return entropy / np.float32(np.log(probabilities.shape[1]))
