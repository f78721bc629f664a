"""Whether an exit answers: how sure it is of each record of a micro-batch, against the policy.

Leaving where the entropy of an exit is low enough is BranchyNet's (Teerapittayanon, McDanel and Kung, ICPR 2016).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.documents.deployment import ExitPolicy, Measure
from shared.documents.model import Task
from shared.record.finite import finite_rows


class Decision(NamedTuple):
    """Each array has one entry a record. `answered` and `failed` never meet: a failed record is an error.

    `confidence` and `classes` are None where the network predicts no class.
    """

    answered: NDArray[np.bool_]
    failed: NDArray[np.bool_]
    confidence: NDArray[np.float32] | None
    classes: NDArray[np.int64] | None


def decide(
    outputs: NDArray[Any], policy: ExitPolicy | None, *, is_last: bool, task: Task = Task.CLASSIFICATION
) -> Decision:
    """`outputs`: what the exit gave, shape `[n, *exit]`; for a classification `[n, classes]` probabilities.

    The last tier answers all; another answers what its policy lets go, and nothing without one. Where nothing can be
    measured (task `values`, or fewer than two classes) an exit counts as not sure at all: only a threshold of 0 lets
    it answer. A record whose outputs hold NaN or an infinity has failed.
    """
    finite = finite_rows(outputs)
    failed = ~finite
    if task is not Task.CLASSIFICATION or outputs.ndim != 2 or outputs.shape[1] < 2:
        answers = is_last or (policy is not None and policy.threshold <= 0)
        return Decision(finite if answers else np.zeros_like(finite), failed, None, None)
    sure = confidence(outputs, Measure.MAX_PROBABILITY if policy is None else policy.measure)
    classes = outputs.argmax(axis=1)
    if is_last:
        return Decision(finite, failed, sure, classes)
    if policy is None:
        return Decision(np.zeros_like(finite), failed, sure, classes)
    return Decision((sure >= policy.threshold) & finite, failed, sure, classes)


def confidence(probabilities: NDArray[Any], measure: Measure) -> NDArray[np.float32]:
    """Shape `[n]`, 0 to 1, from `[n, classes]` with at least two classes; NaN where a probability is NaN."""
    numbers = probabilities.astype(np.float32, copy=False)
    # What is no distribution at all may overflow: that is for `decide` to judge, not for a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        sure = _sureness(numbers, measure)
    # Rounded or quantised probabilities do not quite sum to one.
    clipped: NDArray[np.float32] = np.clip(sure, 0, 1)
    return clipped


def _sureness(probabilities: NDArray[np.float32], measure: Measure) -> NDArray[np.float32]:
    sure: NDArray[np.float32]
    match measure:
        case Measure.MAX_PROBABILITY:
            sure = probabilities.max(axis=1)
        case Measure.MARGIN:
            two = np.partition(probabilities, -2, axis=1)[:, -2:]
            sure = two[:, 1] - two[:, 0]
        case Measure.ENTROPY:
            sure = 1 - _entropy(probabilities) / np.float32(np.log(probabilities.shape[1]))
    return sure


def _entropy(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shannon's, in nats; an impossible class adds nothing."""
    logarithms = np.log(np.where(probabilities > 0, probabilities, np.float32(1)))
    entropy: NDArray[np.float32] = -(probabilities * logarithms).sum(axis=1)
    return entropy
