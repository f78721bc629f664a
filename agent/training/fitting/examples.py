"""What a network learns from and is checked by: a shelf, which of its rows, and what their labels mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.reading import batches
from agent.training.reading.batches import Batch, RowNumbers
from agent.training.reading.batches import Examples as Rows
from shared.documents.model import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Batches are (inputs `[n, ...]`, truth): of a classification the classes, int64 `[n]`; else values `[n, ...]`.

    `importance`: what a record of each class counts, `[classes]`; None: all the same.
    """

    rows: Rows
    training: RowNumbers
    validation: RowNumbers
    task: Task
    importance: NDArray[np.float32] | None = None

    def shuffled(self, *, batch: int, seed: int, epoch: int, start_step: int) -> Iterator[Batch]:
        found = batches.batches(self.rows, self.training, batch=batch, seed=seed, epoch=epoch, start_step=start_step)
        return ((inputs, truth_of(labels, self.task)) for inputs, labels in found)

    def in_order(self, part: RowNumbers, *, batch: int) -> Iterator[Batch]:
        found = batches.in_order(self.rows, part, batch=batch)
        return ((inputs, truth_of(labels, self.task)) for inputs, labels in found)

    def importance_of(self, truth: NDArray[Any]) -> NDArray[np.float32]:
        return np.ones(len(truth), np.float32) if self.importance is None else self.importance[truth]


def truth_of(labels: NDArray[Any], task: Task) -> NDArray[Any]:
    """Labels as they lie on the shelf, whole numbers of any type where they are classes."""
    return labels.reshape(len(labels)).astype(np.int64) if task is Task.CLASSIFICATION else labels
