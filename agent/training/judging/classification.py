"""How often the right class is named, how sure of it, and what is taken for what."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.training.judging import checks, scores
from agent.training.judging.predictions import Predictions, predictions
from agent.training.judging.scores import Averages, Counts, LabelScores
from shared.documents.types import Message
from shared.errors import DocumentError

# The resolution of float32 next to 1, which is scikit-learn's bound too: no record costs more than 15.9.
LEAST_PROBABILITY = float(np.finfo(np.float32).eps)
TOP = (2, 3, 5, 10)


class TopK(Message, frozen=True, kw_only=True):
    """Share of records whose true class is among the `k` most probable; of equal ones the first class leads."""

    k: int
    accuracy: float


class Classification(Message, frozen=True, kw_only=True):
    """`confusion`: a row a true class, a column a predicted one.

    `log_loss`: mean of -ln(probability of the true class), that probability clipped to 2^-23 below and 1 above
    (scikit-learn clips to 1 - 2^-23 above as well). `top_k`: for each k of 2, 3, 5 and 10 that is less than the number
    of classes. `macro` is over the classes that are present or predicted.
    """

    records: int
    accuracy: float
    log_loss: float
    top_k: tuple[TopK, ...]
    confusion: tuple[tuple[int, ...], ...]
    by_class: tuple[LabelScores, ...]
    macro: Averages
    weighted: Averages


def classification(probabilities: NDArray[Any], labels: NDArray[Any]) -> Classification:
    """`[n, classes]` and `[n]`, all at once. Raises DocumentError as `predictions` does, and of no records."""
    answers = predictions(probabilities, labels)
    tally = ClassificationTally(classes=answers.classes)
    tally.add(answers)
    return tally.result()


@dataclass(slots=True, kw_only=True)
class ClassificationTally:
    """Adds up batches. Memory grows with the square of the classes and with nothing else."""

    classes: int
    _loss: float = field(default=0.0, init=False)
    _confusion: NDArray[np.int64] = field(init=False)
    # How many classes were thought more probable than the true one.
    _ranks: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self._confusion = np.zeros((self.classes, self.classes), np.int64)
        self._ranks = np.zeros(self.classes, np.int64)

    @property
    def records(self) -> int:
        return int(self._ranks.sum())

    def add(self, answers: Predictions) -> None:
        _refuse_other_classes(self.classes, answers.classes)
        true = np.take_along_axis(answers.probabilities, answers.labels[:, None], axis=1)
        self._loss -= float(np.log(true.clip(LEAST_PROBABILITY, 1)).sum())
        np.add.at(self._confusion, (answers.labels, answers.predicted), 1)
        self._ranks += np.bincount(_ranks(answers, true), minlength=self.classes)

    def merge(self, other: Self) -> None:
        _refuse_other_classes(self.classes, other.classes)
        self._loss += other._loss
        self._confusion += other._confusion
        self._ranks += other._ranks

    def result(self) -> Classification:
        """Raises DocumentError of no records."""
        checks.refuse_nothing(self.records)
        counts = Counts(
            right=self._confusion.diagonal(), predicted=self._confusion.sum(axis=0), support=self._confusion.sum(axis=1)
        )
        return Classification(
            records=self.records,
            accuracy=int(counts.right.sum()) / self.records,
            log_loss=self._loss / self.records,
            top_k=tuple(TopK(k=k, accuracy=int(self._ranks[:k].sum()) / self.records) for k in TOP if k < self.classes),
            confusion=tuple(map(tuple, self._confusion.tolist())),
            by_class=scores.by_label(counts),
            macro=scores.macro(_seen(counts)),
            weighted=scores.weighted(counts),
        )


def _ranks(answers: Predictions, true: NDArray[np.float64]) -> NDArray[np.int64]:
    earlier = np.arange(answers.classes) < answers.labels[:, None]
    ahead = (answers.probabilities > true) | (earlier & (answers.probabilities == true))
    ranks: NDArray[np.int64] = ahead.sum(axis=1)
    return ranks


def _seen(counts: Counts) -> Counts:
    seen = counts.predicted + counts.support > 0
    return Counts(right=counts.right[seen], predicted=counts.predicted[seen], support=counts.support[seen])


def _refuse_other_classes(classes: int, others: int) -> None:
    if classes != others:
        raise DocumentError(f"{others} classes where {classes} are expected", field="probabilities")
