"""Loss and accuracy by exit, added up over batches: the loss that is trained, in float64 and outside the network."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.learner import Arrays
from agent.training.judging.classification import LEAST_PROBABILITY
from agent.training.judging.multilabel import THRESHOLD, log_losses
from shared.documents.model import Task
from shared.documents.types import Message


class Score(Message, frozen=True, kw_only=True):
    """`accuracy`: of labels, the share of records with every one right; null of plain numbers, which are only near."""

    loss: float
    accuracy: float | None


class ScoresTally:
    def __init__(self, exits: Sequence[str], task: Task) -> None:
        self._task = task
        self._losses = dict.fromkeys(exits, 0.0)
        self._right = dict.fromkeys(exits, 0)
        self._records = 0

    def add(self, answers: Arrays, truth: NDArray[Any]) -> None:
        for name in self._losses:
            self._losses[name] += float(losses(answers[name], truth, self._task).sum())
            if self._task is Task.CLASSIFICATION:
                self._right[name] += int((answers[name].argmax(axis=1) == truth).sum())
            elif self._task is Task.MULTI_LABEL:
                said = answers[name] >= np.float32(THRESHOLD)
                self._right[name] += int((said == (truth.reshape(said.shape) == 1)).all(axis=1).sum())
        self._records += len(truth)

    def result(self) -> dict[str, Score]:
        """By exit; nothing of no records."""
        if not self._records:
            return {}
        knows_right = self._task is not Task.VALUES
        return {
            name: Score(loss=loss / self._records, accuracy=self._right[name] / self._records if knows_right else None)
            for name, loss in self._losses.items()
        }


def losses(answers: NDArray[Any], truth: NDArray[Any], task: Task) -> NDArray[np.float64]:
    """`[n]`: cross-entropy of class probabilities `[n, classes]`; its mean over labels; the mean square over values."""
    if task is Task.CLASSIFICATION:
        true = np.take_along_axis(answers, truth[:, None], axis=1)[:, 0].astype(np.float64)
        lost: NDArray[np.float64] = -np.log(true.clip(LEAST_PROBABILITY, 1))
        return lost
    if task is Task.MULTI_LABEL:
        return log_losses(answers, truth.reshape(answers.shape))
    apart = (answers.astype(np.float64) - truth.reshape(answers.shape)).reshape(len(answers), -1)
    squared: NDArray[np.float64] = np.square(apart).mean(axis=1)
    return squared
