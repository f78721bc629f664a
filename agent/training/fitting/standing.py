"""Where a run stands: all that the next process must know but the learner's own variables. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.scores import Score
from shared.documents.types import Message


class EpochScores(Message, frozen=True, kw_only=True):
    """By exit: the mean loss of training while the epoch went on; what the validation part gave at its end."""

    epoch: int
    training: dict[str, float]
    validation: dict[str, Score]


class Standing(Message, frozen=True, kw_only=True):
    """`epoch` and `step`, from 0, are the next to be done; a `step` beyond the last: the epoch is still to be scored.

    `losses`: by exit, added up over the `records` of this epoch so far. `period`, from 0, has begun with epoch `began`.
    `best`: index of the best of this period's `epochs`, None where nothing says which is.
    """

    epoch: int = 0
    step: int = 0
    losses: tuple[float, ...] = ()
    records: int = 0
    epochs: tuple[EpochScores, ...] = ()
    best: int | None = None
    period: int = 0
    began: int = 0

    def after_step(self, losses: NDArray[np.floating[Any]], records: int) -> "Standing":
        """`losses`: means over these records, by exit."""
        so_far = self.losses or (0.0,) * len(losses)
        added = tuple(total + float(loss) * records for total, loss in zip(so_far, losses, strict=True))
        return msgspec.structs.replace(self, step=self.step + 1, losses=added, records=self.records + records)

    def after_epoch(
        self, exits: Sequence[str], validation: dict[str, Score], weights: NDArray[np.floating[Any]]
    ) -> "Standing":
        """`exits`: those that learn; `weights`: of their losses, to say which epoch is the best."""
        training = {name: loss / self.records for name, loss in zip(exits, self.losses, strict=True)}
        epochs = (*self.epochs, EpochScores(epoch=self.epoch + 1, training=training, validation=validation))
        best = _best(epochs[self.began :], exits, weights)
        return Standing(
            epoch=self.epoch + 1,
            epochs=epochs,
            best=None if best is None else self.began + best,
            period=self.period,
            began=self.began,
        )

    def after_period(self) -> "Standing":
        return Standing(epoch=self.epoch, epochs=self.epochs, period=self.period + 1, began=self.epoch)

    def is_best_now(self) -> bool:
        return self.best is not None and self.best == len(self.epochs) - 1

    def is_at_an_end(self, *, epochs: int, patience: int | None) -> bool:
        """Of this period, which has so many."""
        if self.epoch - self.began >= epochs:
            return True
        return patience is not None and self.best is not None and len(self.epochs) - 1 - self.best >= patience


def _best(epochs: Sequence[EpochScores], exits: Sequence[str], weights: NDArray[np.floating[Any]]) -> int | None:
    """The first one of the least weighted loss."""
    if not epochs[-1].validation:
        return None
    # By name: those of an earlier process have come back in another order.
    joint = [float(np.dot(weights, [one.validation[name].loss for name in exits])) for one in epochs]
    return int(np.argmin(joint))
