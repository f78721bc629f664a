"""How a network is to be trained."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.types import Count, Document, Fraction


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


class Approach(StrEnum):
    """`joint`: all exits together. `tier_by_tier`: what lies up to the first exit alone, then, with that frozen, what
    lies between it and the next one, and so on: `epochs` for each, with an optimiser of its own.
    """

    JOINT = "joint"
    TIER_BY_TIER = "tier_by_tier"


class Arithmetic(StrEnum):
    """What a layer computes in; weights are float32 in all of them."""

    FLOAT32 = "float32"
    MIXED_FLOAT16 = "mixed_float16"
    MIXED_BFLOAT16 = "mixed_bfloat16"


class TrainingParameters(Document, frozen=True, kw_only=True):
    """`exit_weights`: of each exit's loss in the loss of all, from the sensor up; null: 1.0 down to 0.3, evenly.

    `early_stopping`: after so many epochs in which the weighted loss on the validation part did not fall, training ends
    and the best epoch's weights are kept. `class_weights`: a rare class counts as much as a frequent one.
    `checkpoint_every_s`: the work that a crash may cost; 0 saves after every step. `mixed_float16` needs a GPU.
    """

    epochs: Count = 10
    batch: Count = 128
    approach: Approach = Approach.JOINT
    arithmetic: Arithmetic = Arithmetic.FLOAT32
    optimiser: Optimiser = Optimiser()
    exit_weights: tuple[Annotated[float, Meta(ge=0, le=1000)], ...] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    early_stopping: Count | None = None
    class_weights: bool = False
    checkpoint_every_s: Annotated[float, Meta(ge=0, le=86_400)] = 30.0


class Rates(Document, frozen=True, kw_only=True):
    """Shares of the records; what neither validates nor tests trains. ValueError when they exceed the whole."""

    validation: Fraction = 0.1
    test: Fraction = 0.1

    def __post_init__(self) -> None:
        if self.validation + self.test > 1:
            raise ValueError(f"validation {self.validation} and test {self.test} are more than the whole")

    @property
    def shares(self) -> tuple[float, float, float]:
        """Of training, validation and test."""
        return max(0.0, 1 - self.validation - self.test), self.validation, self.test
