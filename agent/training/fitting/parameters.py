"""How a network is to be trained."""

from enum import StrEnum
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from shared.documents.types import Count, Document, Fraction
from shared.errors import DocumentError

_FIRST, _LAST = 1.0, 0.3


class OptimiserName(StrEnum):
    ADAMW = "adamw"
    ADAM = "adam"
    SGD = "sgd"


class Schedule(StrEnum):
    """Of the learning rate. `cosine`: falls to nothing over all steps of all epochs, early stopping or not."""

    CONSTANT = "constant"
    COSINE = "cosine"


class Optimiser(Document, frozen=True, kw_only=True):
    """`weight_decay` is decoupled from the gradient in all of them; `momentum` is of `sgd` alone."""

    name: OptimiserName = OptimiserName.ADAMW
    learning_rate: Annotated[float, Meta(gt=0, le=10)] = 1e-3
    weight_decay: Fraction = 0.0
    momentum: Fraction = 0.9
    schedule: Schedule = Schedule.CONSTANT


class TrainingParameters(Document, frozen=True, kw_only=True):
    """`exit_weights`: of each exit's loss in the loss of all, from the sensor up; null as in `loss_weights`.

    `early_stopping`: after so many epochs in which the weighted loss on the validation part did not fall, training ends
    and the best epoch's weights are kept. `class_weights`: a rare class counts as much as a frequent one.
    `checkpoint_every_s`: the work that a crash may cost; 0 saves after every step.
    """

    epochs: Count = 10
    batch: Count = 128
    optimiser: Optimiser = Optimiser()
    exit_weights: tuple[Annotated[float, Meta(ge=0, le=1000)], ...] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    early_stopping: Count | None = None
    class_weights: bool = False
    checkpoint_every_s: Annotated[float, Meta(ge=0, le=86_400)] = 30.0

    def loss_weights(self, exits: int) -> NDArray[np.float32]:
        """Shape `[exits]`. Unless given, from 1.0 for the first down to 0.3 for the last, evenly.

        So the first exit answers most records well, and its gradient regularises what lies above: of two exits this
        was found to beat equal weights by a point. Teerapittayanon, McDanel and Kung, "BranchyNet: Fast Inference via
        Early Exiting from Deep Neural Networks", ICPR 2016. Raises DocumentError for another number of exits.
        """
        if self.exit_weights is None:
            return np.linspace(_FIRST, _LAST, exits, dtype=np.float32)
        if len(self.exit_weights) != exits:
            raise DocumentError(
                f"{len(self.exit_weights)} weights where the network has {exits} exits", field="exit_weights"
            )
        if not any(self.exit_weights):
            raise DocumentError("at least one must be above 0: nothing would be learnt", field="exit_weights")
        return np.array(self.exit_weights, np.float32)


def class_importance(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """What a record of each class counts, shape `[classes]`, from how many there are: 1 on the average of all records.

    Every class that is there counts the same in all, so a record counts its inverse share; a class without records 0.
    """
    present = counts > 0
    fair = counts.sum() / max(int(present.sum()), 1)
    importance: NDArray[np.float64] = np.divide(fair, counts, out=np.zeros(len(counts)), where=present)
    return importance.astype(np.float32)
