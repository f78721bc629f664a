"""One number an exit, by which its probabilities come to mean what they say: temperature scaling.

Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017 (arXiv 1706.04599).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Trained networks want 1 to 5. The bounds are for what cannot be calibrated: where every label is the likeliest class,
# the likelihood grows without end as T falls.
LEAST, GREATEST = 0.05, 20.0
_HALVINGS = 44


def fitted_temperature(logits: NDArray[Any], labels: NDArray[np.integer[Any]]) -> float:
    """T from LEAST to GREATEST for which softmax(logits / T) has the smallest mean negative log likelihood.

    `logits` `[n, classes]`, finite; logarithms of probabilities are logits. `labels` `[n]`. Never worse than T = 1.
    Raises ValueError on other shapes or values.

    In b = 1 / T the loss of a record is log(sum(exp(b x))) - b x_label, convex: a log-sum-exp of linear functions less
    a linear one. Its slope therefore changes sign once at most, and halving log T finds where.
    """
    below, of_label = _below_greatest(logits, labels)
    low, high = math.log(LEAST), math.log(GREATEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _slope(below, of_label, math.exp(-middle)) > 0:
            low = middle
        else:
            high = middle
    found = math.exp((low + high) / 2)
    return found if _loss(below, of_label, 1 / found) < _loss(below, of_label, 1.0) else 1.0


def negative_log_likelihood(logits: NDArray[Any], labels: NDArray[np.integer[Any]], temperature: float = 1.0) -> float:
    """The mean over the records, in nats. Shapes and errors as in `fitted_temperature`."""
    return _loss(*_below_greatest(logits, labels), 1 / temperature)


def probabilities_at(logits: NDArray[Any], temperature: float) -> NDArray[np.float32]:
    """softmax(logits / T), `[n, classes]`: the class with the greatest logit keeps the greatest probability."""
    numbers = logits.astype(np.float64)
    grown = np.exp((numbers - numbers.max(axis=1, keepdims=True)) / temperature)
    probabilities: NDArray[np.float32] = (grown / grown.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def log_probabilities(
    probabilities: NDArray[Any], *, least: float = float(np.finfo(np.float32).tiny)
) -> NDArray[np.float64]:
    """Logits of an exit that gives probabilities, `[n, classes]`.

    What is below `least` counts as `least`: a quantised exit says 0 for all that it cannot tell from 0, and half its
    step is a fair guess.
    """
    logarithms: NDArray[np.float64] = np.log(np.maximum(probabilities.astype(np.float64), least))
    return logarithms


def _below_greatest(
    logits: NDArray[Any], labels: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits less the greatest of their record: no probability changes, none overflows. And those of the labels."""
    if logits.ndim != 2 or not logits.size or labels.shape != logits.shape[:1]:
        raise ValueError(f"logits {logits.shape} and labels {labels.shape} are not [n, classes] and [n]")
    if not np.isfinite(logits).all():
        raise ValueError("a logit is not a finite number")
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError(f"a label is none of the {logits.shape[1]} classes")
    numbers = logits.astype(np.float64)
    below: NDArray[np.float64] = numbers - numbers.max(axis=1, keepdims=True)
    return below, below[np.arange(len(below)), labels]


def _slope(below: NDArray[np.float64], of_label: NDArray[np.float64], inverse: float) -> float:
    """Of the loss in 1 / T: what the network expects of a logit, less the label's."""
    weights = np.exp(below * inverse)
    return float(((weights * below).sum(axis=1) / weights.sum(axis=1) - of_label).mean())


def _loss(below: NDArray[np.float64], of_label: NDArray[np.float64], inverse: float) -> float:
    return float((np.log(np.exp(below * inverse).sum(axis=1)) - inverse * of_label).mean())
