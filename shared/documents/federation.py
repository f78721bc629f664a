"""Sites that train one network together: what a federation is asked to do."""

from typing import Annotated, Any

from msgspec import Meta, field

from shared.documents.types import Count, Document, DType, Seconds

Metric = Annotated[
    str, Meta(pattern=r"^[a-z0-9-]{1,63}/(accuracy|loss)$(?!\n)", description="An exit's name and what of it.")
]


class Rounds(Document, frozen=True, kw_only=True):
    """When a round is over: with `updates` accepted, or after `deadline_s` as soon as there are `quorum` of them.

    `updates` 1 publishes a model for each update; as many as there are participants, and `most_stale` 0, is the
    synchronous round. An update that started more than `most_stale` models ago is refused; None accepts any.
    """

    updates: Count = 1
    quorum: Count = 1
    deadline_s: Seconds | None = None
    most_stale: Annotated[int, Meta(ge=0)] | None = None


class Target(Document, frozen=True, kw_only=True):
    """`value`: an accuracy to be reached, or a loss to be undercut."""

    metric: Metric
    value: float


class Patience(Document, frozen=True, kw_only=True):
    """So many `rounds` in which `metric` has not become better than it ever was."""

    metric: Metric
    rounds: Count


class Stop(Document, frozen=True, kw_only=True):
    """What comes first ends the federation. Metrics are those of the coordinator's own evaluation."""

    rounds: Count = 100
    seconds: Seconds | None = None
    target: Target | None = None
    patience: Patience | None = None


class Requirements(Document, frozen=True, kw_only=True):
    """What a site's stream must be like; None: whatever it is. Shapes and types are those of one decoded record.

    `records`: the least that a site trains on. `restrictions`: as Kafka-ML's federated sinks describe their data, and
    every member given here must be given there, and the same; `min` and `max` must lie within.
    """

    shape: tuple[Count, ...] | None = None
    dtype: DType | None = None
    label_shape: tuple[Count, ...] | None = None
    label_dtype: DType | None = None
    records: Count = 1
    restrictions: dict[str, Any] = field(default_factory=dict)
