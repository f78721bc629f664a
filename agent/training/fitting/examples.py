"""What a network learns from and is checked by: a shelf, which of its rows, and what their labels mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.augmentation import Augment, generator
from agent.training.fitting.mixed_rows import BothParts, Guessed, MixedRows
from agent.training.reading import batches
from agent.training.reading.batches import Batch, RowNumbers
from agent.training.reading.batches import Examples as Rows
from shared.documents.model import Task

Lesson = tuple[NDArray[Any], NDArray[Any], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Batches are (inputs `[n, ...]`, truth): of a classification the classes, int64 `[n]`; of labels, 0 or 1 each,
    float32 `[n, labels]`; else values `[n, ...]`.

    `importance`: what a record of each class counts, `[classes]`; None: all the same. `augment`: of training alone.
    `guessed`: records to learn from as well, each counting `guess_weight` of one whose class is known.
    """

    rows: Rows[Batch]
    training: RowNumbers
    validation: RowNumbers
    task: Task
    importance: NDArray[np.float32] | None = None
    augment: Augment | None = None
    guessed: Guessed | None = None
    guess_weight: float = 1.0

    @property
    def lessons(self) -> int:
        """Records of an epoch."""
        return len(self.training) + (0 if self.guessed is None else len(self.guessed))

    def shuffled(self, *, batch: int, seed: int, epoch: int, start_step: int) -> Iterator[Lesson]:
        """Inputs, truth, and what each record counts, `[n]`; from any step on the same as from the first."""
        found = self._unaugmented(batch=batch, seed=seed, epoch=epoch, start_step=start_step)
        for step, (inputs, truth, importance) in enumerate(found, start_step):
            seen = inputs if self.augment is None else self.augment(inputs, generator(seed, epoch, step))
            yield seen, truth, importance

    def in_order(self, part: RowNumbers, *, batch: int) -> Iterator[Batch]:
        found = batches.in_order(self.rows, part, batch=batch)
        return ((inputs, truth_of(labels, self.task)) for inputs, labels in found)

    def _unaugmented(self, *, batch: int, seed: int, epoch: int, start_step: int) -> Iterator[Lesson]:
        if self.guessed is None:
            found = batches.batches(
                self.rows, self.training, batch=batch, seed=seed, epoch=epoch, start_step=start_step
            )
            return (self._lesson(inputs, truth_of(labels, self.task)) for inputs, labels in found)
        mixed = batches.batches(
            MixedRows(self.rows, self.guessed),
            BothParts(self.training, len(self.guessed)),
            batch=batch,
            seed=seed,
            epoch=epoch,
            start_step=start_step,
        )
        return (self._lesson(inputs, truth, is_guess) for inputs, truth, is_guess in mixed)

    def _lesson(self, inputs: NDArray[Any], truth: NDArray[Any], is_guess: NDArray[np.bool_] | None = None) -> Lesson:
        counted = np.ones(len(truth), np.float32) if self.importance is None else self.importance[truth]
        if is_guess is not None:
            counted = np.where(is_guess, counted * np.float32(self.guess_weight), counted)
        return inputs, truth, counted


def truth_of(labels: NDArray[Any], task: Task) -> NDArray[Any]:
    """Labels as they lie on the shelf, whole numbers of any type where they are classes."""
    if task is Task.CLASSIFICATION:
        return labels.reshape(len(labels)).astype(np.int64)
    return labels.reshape(len(labels), -1).astype(np.float32) if task is Task.MULTI_LABEL else labels
