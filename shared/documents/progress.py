"""How far a training run has come: what its node says in the workload's status."""

from enum import StrEnum

from shared.documents.types import Count, Message


class Stage(StrEnum):
    """In this order; `failed` is final for this attempt, and the status says why."""

    FETCHING = "fetching"
    READING = "reading"
    LOADING = "loading"
    SPLITTING = "splitting"
    FITTING = "fitting"
    JUDGING = "judging"
    EXPORTING = "exporting"
    UPLOADING = "uploading"
    FINISHED = "finished"
    FAILED = "failed"


class ExitScore(Message, frozen=True, kw_only=True):
    """`accuracy` is null of plain numbers, which are only near."""

    loss: float
    accuracy: float | None = None


class Drift(Message, frozen=True, kw_only=True):
    """Seen at this record, from 0, of this window, from 1, of a stream without an end."""

    window: Count
    record: int


class TrainingProgress(Message, frozen=True, kw_only=True):
    """`exits`: from the sensor up, once the network is loaded; maps have no order on the wire.

    `done` of `total`: offsets while reading, steps of all epochs while fitting, windows without a total online.
    `loss`: by exit, of the last batch; `validation`: by exit, of the last epoch. `notices`: what a person should know
    though nothing ended because of it, the latest last. `drift`: the latest time that answers became wrong more often.
    """

    attempt: Count
    stage: Stage
    exits: tuple[str, ...] = ()
    done: int = 0
    total: int | None = None
    epoch: int = 0
    epochs: int = 0
    records_per_s: float = 0.0
    loss: dict[str, float] = {}
    validation: dict[str, ExitScore] = {}
    notices: tuple[str, ...] = ()
    drift: Drift | None = None
