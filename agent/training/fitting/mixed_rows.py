"""Labelled rows and rows whose class a network has said, numbered through: the latter below zero, the first -1."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.batches import Batch, RowNumbers
from agent.training.reading.batches import Examples as Rows


class Inputs(Protocol):
    def __getitem__(self, rows: NDArray[np.int64], /) -> NDArray[Any]: ...


@dataclass(frozen=True, slots=True)
class Guessed:
    """Which rows of the unlabelled records have been given a class, and which: one entry each."""

    inputs: Inputs
    rows: RowNumbers
    classes: RowNumbers

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, numbers: NDArray[np.int64]) -> Batch:
        return self.inputs[self.rows[numbers]], self.classes[numbers]


@dataclass(frozen=True, slots=True)
class MixedRows:
    labelled: Rows[Batch]
    guessed: Guessed

    def __getitem__(self, rows: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Inputs, classes, and which of them are guesses."""
        is_guess = rows < 0
        inputs, classes = self.labelled[rows[~is_guess]]
        more, said = self.guessed[-1 - rows[is_guess]]
        together = np.empty((len(rows), *inputs.shape[1:]), inputs.dtype)
        together[~is_guess], together[is_guess] = inputs, more
        truth = np.empty(len(rows), np.int64)
        truth[~is_guess], truth[is_guess] = classes.reshape(len(classes)), said
        return together, truth, is_guess


@dataclass(frozen=True, slots=True)
class BothParts:
    labelled: RowNumbers
    guessed: int

    def __len__(self) -> int:
        return len(self.labelled) + self.guessed

    def __getitem__(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        is_guess = positions >= len(self.labelled)
        numbers = np.empty(len(positions), np.int64)
        numbers[~is_guess] = self.labelled[positions[~is_guess]]
        numbers[is_guess] = len(self.labelled) - 1 - positions[is_guess]
        return numbers
