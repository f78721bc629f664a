"""Networks that say of each label alone whether it applies: as many probabilities as labels, each 0 to 1."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.training.judging import checks, scores
from agent.training.judging.classification import LEAST_PROBABILITY
from agent.training.judging.predictions import SUM_TOLERANCE
from agent.training.judging.scores import Averages, Counts, LabelScores, Scores
from shared.documents.types import Message
from shared.errors import DocumentError

THRESHOLD = 0.5


class Multilabel(Message, frozen=True, kw_only=True):
    """A label is predicted where its probability is at least `threshold`, compared in single precision.

    `subset_accuracy`: share of records with every label right. `hamming_loss`: share of all labels that are wrong.
    `log_loss`: mean over records and labels of -ln(probability of what is true of the label), that probability clipped
    to 2^-23 below and 1 above.
    """

    records: int
    threshold: float
    subset_accuracy: float
    hamming_loss: float
    log_loss: float
    by_label: tuple[LabelScores, ...]
    micro: Scores
    macro: Averages


def multilabel(probabilities: NDArray[Any], truth: NDArray[Any], *, threshold: float = THRESHOLD) -> Multilabel:
    """Both `[n, labels]`, all at once. Raises DocumentError as `MultilabelTally.add` does, and of no records."""
    tally = MultilabelTally(labels=int(np.prod(probabilities.shape[1:])), threshold=threshold)
    tally.add(probabilities, truth)
    return tally.result()


def log_losses(probabilities: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Of each record, `[n]`: the mean over its labels. Both `[n, labels]`."""
    of_truth = np.where(truth == 1, probabilities, 1 - probabilities).astype(np.float64)
    lost: NDArray[np.float64] = -np.log(of_truth.clip(LEAST_PROBABILITY, 1)).mean(axis=1)
    return lost


@dataclass(slots=True, kw_only=True)
class MultilabelTally:
    """Adds up batches. Memory grows with the labels of one record and with nothing else."""

    labels: int
    threshold: float = THRESHOLD
    records: int = field(default=0, init=False)
    _whole: int = field(default=0, init=False)
    _lost: float = field(default=0.0, init=False)
    _right: NDArray[np.int64] = field(init=False)
    _predicted: NDArray[np.int64] = field(init=False)
    _support: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        if self.labels < 1:
            raise DocumentError("at least one label", field="probabilities")
        if not 0 <= self.threshold <= 1:
            raise DocumentError("not between 0 and 1", field="threshold")
        self._right, self._predicted, self._support = np.zeros((3, self.labels), np.int64)

    def add(self, probabilities: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.bool_]:
        """Which records have every label right, `[n]`. `truth` holds 0 and 1 or False and True.

        Raises DocumentError of another number of labels, and naming the row of NaN, of a probability outside 0 to 1,
        and of a truth that is neither.
        """
        given = checks.numbers(probabilities, name="probabilities", first=self.records, outputs=self.labels)
        wanted = checks.numbers(truth, name="truth", first=self.records, outputs=self.labels)
        checks.refuse_other_length(given, wanted, name="truth")
        outside = (np.abs(given - 0.5) > 0.5 + SUM_TOLERANCE).any(axis=1)
        checks.refuse_rows(outside, "a probability is not between 0 and 1", name="probabilities", first=self.records)
        neither = ((wanted != 0) & (wanted != 1)).any(axis=1)
        checks.refuse_rows(neither, "a label neither 0 nor 1", name="truth", first=self.records)
        self._lost += float(log_losses(given, wanted).sum())
        return self._count(given.astype(np.float32) >= np.float32(self.threshold), wanted == 1)

    def _count(self, predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
        whole: NDArray[np.bool_] = (predicted == truth).all(axis=1)
        self.records += len(truth)
        self._whole += int(whole.sum())
        self._right += (predicted & truth).sum(axis=0)
        self._predicted += predicted.sum(axis=0)
        self._support += truth.sum(axis=0)
        return whole

    def merge(self, other: Self) -> None:
        if (self.labels, self.threshold) != (other.labels, other.threshold):
            raise DocumentError("other labels or another threshold", field="threshold")
        self.records += other.records
        self._whole += other._whole
        self._lost += other._lost
        self._right += other._right
        self._predicted += other._predicted
        self._support += other._support

    def result(self) -> Multilabel:
        """Raises DocumentError of no records."""
        checks.refuse_nothing(self.records)
        counts = Counts(right=self._right, predicted=self._predicted, support=self._support)
        wrong = int((self._predicted + self._support - 2 * self._right).sum())
        return Multilabel(
            records=self.records,
            threshold=self.threshold,
            subset_accuracy=self._whole / self.records,
            hamming_loss=wrong / (self.records * self.labels),
            log_loss=self._lost / self.records,
            by_label=scores.by_label(counts),
            micro=scores.micro(counts),
            macro=scores.macro(counts),
        )
