"""Everything there is to say of one exit, by the kind of its task."""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from agent.training.judging.calibration import BINS, Calibration, CalibrationTally
from agent.training.judging.classification import Classification, ClassificationTally
from agent.training.judging.multilabel import THRESHOLD, Multilabel, MultilabelTally
from agent.training.judging.predictions import SUM_TOLERANCE, predictions
from agent.training.judging.regression import Regression, RegressionTally
from shared.documents.model import Task
from shared.documents.types import Message
from shared.errors import DocumentError


class Judgement(Message, frozen=True, kw_only=True):
    """Of one exit: `classification` and `calibration`, or `regression`, or `multilabel`; the others are null."""

    exit: str
    task: Task
    records: int
    classification: Classification | None = None
    calibration: Calibration | None = None
    regression: Regression | None = None
    multilabel: Multilabel | None = None

    @property
    def accuracy(self) -> float | None:
        """Share of records answered rightly (every label right); None of plain numbers, which are only near."""
        if self.classification:
            return self.classification.accuracy
        return self.multilabel.subset_accuracy if self.multilabel else None


class JudgementTally(Protocol):
    """Adds up batches of one exit in bounded memory. Of no more use once `add` has raised."""

    def add(self, outputs: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Which records were answered rightly, `[n]`; None where answers are only near. Raises DocumentError."""
        ...

    def merge(self, other: Self) -> None:
        """Take in what another tally of the same exit has added up of other records."""
        ...

    def judgement(self, name: str) -> Judgement:
        """Raises DocumentError of no records."""
        ...


def judgement_tally(
    task: Task, outputs: int, *, threshold: float | None = None, bins: int = BINS, tolerance: float = SUM_TOLERANCE
) -> JudgementTally:
    """`outputs`: numbers a record, for a classification the classes.

    `threshold`: of a label that applies, 0.5 unless given, where the task is `multi_label` (or `values`, of a network
    that says so of labels; without a threshold it gives plain numbers). `tolerance`: how far from 1 the probabilities
    of classes may sum.
    """
    if task is Task.CLASSIFICATION:
        if threshold is not None:
            raise DocumentError("a classification answers with the most probable class", field="threshold")
        return _ClassTally(outputs, bins, tolerance)
    if task is Task.VALUES and threshold is None:
        return _NumberTally(outputs)
    return _LabelTally(task, outputs, THRESHOLD if threshold is None else threshold)


@dataclass(slots=True)
class _ClassTally:
    classes: int
    bins: int
    tolerance: float
    classification: ClassificationTally = field(init=False)
    calibration: CalibrationTally = field(init=False)

    def __post_init__(self) -> None:
        self.classification = ClassificationTally(classes=self.classes)
        self.calibration = CalibrationTally(bins=self.bins)

    def add(self, outputs: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.bool_]:
        first = self.classification.records
        answers = predictions(outputs, truth, classes=self.classes, first=first, tolerance=self.tolerance)
        self.classification.add(answers)
        self.calibration.add(answers)
        return answers.right

    def merge(self, other: Self) -> None:
        self.classification.merge(other.classification)
        self.calibration.merge(other.calibration)

    def judgement(self, name: str) -> Judgement:
        found = self.classification.result()
        return Judgement(
            exit=name,
            task=Task.CLASSIFICATION,
            records=found.records,
            classification=found,
            calibration=self.calibration.result(),
        )


@dataclass(slots=True)
class _NumberTally:
    outputs: int
    regression: RegressionTally = field(init=False)

    def __post_init__(self) -> None:
        self.regression = RegressionTally(outputs=self.outputs)

    def add(self, outputs: NDArray[Any], truth: NDArray[Any]) -> None:
        self.regression.add(outputs, truth)

    def merge(self, other: Self) -> None:
        self.regression.merge(other.regression)

    def judgement(self, name: str) -> Judgement:
        found = self.regression.result()
        return Judgement(exit=name, task=Task.VALUES, records=found.records, regression=found)


@dataclass(slots=True)
class _LabelTally:
    task: Task
    outputs: int
    threshold: float
    multilabel: MultilabelTally = field(init=False)

    def __post_init__(self) -> None:
        self.multilabel = MultilabelTally(labels=self.outputs, threshold=self.threshold)

    def add(self, outputs: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.bool_]:
        return self.multilabel.add(outputs, truth)

    def merge(self, other: Self) -> None:
        self.multilabel.merge(other.multilabel)

    def judgement(self, name: str) -> Judgement:
        found = self.multilabel.result()
        return Judgement(exit=name, task=self.task, records=found.records, multilabel=found)
