"""What a trainer says while it works: one value an event, as JSON one line each.

Epochs and steps are counted from 1, as people do.
"""

from collections.abc import Callable
from enum import StrEnum

from agent.training.events import Noticed, TaggedEvent
from agent.training.fitting.scores import Score


class Phase(StrEnum):
    LOADING = "loading"
    SPLITTING = "splitting"
    FITTING = "fitting"
    JUDGING = "judging"


class PhaseBegun(TaggedEvent, frozen=True, kw_only=True, tag="phase"):
    phase: Phase


class Loaded(TaggedEvent, frozen=True, kw_only=True, tag="loaded"):
    """The network. `exits`: from the sensor up."""

    exits: tuple[str, ...]


class Resumed(TaggedEvent, frozen=True, kw_only=True, tag="resumed"):
    """At the step after the checkpoint's."""

    epoch: int
    step: int


class Stepped(TaggedEvent, frozen=True, kw_only=True, tag="step"):
    """`step` of the `steps` of this epoch are done; `records_per_s` since the event before. `loss`: of this batch."""

    epoch: int
    epochs: int
    step: int
    steps: int
    records_per_s: float
    loss: dict[str, float]


class EpochEnded(TaggedEvent, frozen=True, kw_only=True, tag="epoch"):
    """`training`: mean loss by exit while the epoch went on; `validation`: empty where that part is."""

    epoch: int
    training: dict[str, float]
    validation: dict[str, Score]


class Checkpointed(TaggedEvent, frozen=True, kw_only=True, tag="checkpoint"):
    """On the disk: `step` of this epoch are done."""

    epoch: int
    step: int


class Done(TaggedEvent, frozen=True, kw_only=True, tag="done"):
    """`was_done`: by an earlier process, this one did nothing."""

    was_done: bool
    epochs: int
    test: dict[str, Score]


Event = PhaseBegun | Noticed | Loaded | Resumed | Stepped | EpochEnded | Checkpointed | Done
Said = Callable[[Event], None]
