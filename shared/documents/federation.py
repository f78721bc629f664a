"""Sites that train one network together: what a federation is asked to do, what becomes of it, who has which part.

Not part of `shared.documents` itself: an evaluation stream is made of words from there.
"""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, field

from shared.documents.model import Task
from shared.documents.parameters import Rates, TrainingParameters
from shared.documents.training import CONTROL_TOPIC, Export, RequestNumber, VersionName
from shared.documents.types import (
    ApiVersion,
    Bytes,
    Count,
    Document,
    DType,
    Fraction,
    Labels,
    Name,
    Seconds,
    TopicName,
)

FEDERATED_CONTROL_TOPIC = "FEDERATED_DATA_CONTROL_TOPIC"
"""Where Kafka-ML's federated sinks announce data at a site unless told otherwise."""

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


class StrategyChoice(Document, frozen=True, kw_only=True):
    """How updates become the next model. `parameters` are the strategy's own, as docs/federation.md lists them."""

    name: Name = "fedbuff"
    parameters: dict[str, Any] = field(default_factory=dict)


class EncodingKind(StrEnum):
    """`float32`: as it is. `float16`: two bytes a weight. `int8`: one. `top-k`: six for each weight that is sent."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"
    TOP_K = "top-k"


class UpdateEncoding(Document, frozen=True, kw_only=True):
    """How a change travels; what is lost of one is added to the next. `share`: of each tensor, of `top-k` alone."""

    kind: EncodingKind = EncodingKind.FLOAT32
    share: Annotated[float, Meta(gt=0, le=1)] = 0.05


class Invited(Document, frozen=True, kw_only=True):
    """Who may take part: nodes by name, or all that carry every label of `selector`; both empty: every node."""

    nodes: Annotated[tuple[Name, ...], Meta(max_length=10_000)] = ()
    selector: Labels = {}

    def __post_init__(self) -> None:
        if self.nodes and self.selector:
            raise ValueError("`nodes` and `selector` exclude each other: sites are named, or found by their labels")
        if len(set(self.nodes)) != len(self.nodes):
            raise ValueError("`nodes` name one twice")


class LearntData(StrEnum):
    """`all`: each update learns everything the site has. `new`: what came since its last update."""

    ALL = "all"
    NEW = "new"


class NoiseAt(StrEnum):
    """`site`: before an update leaves, so that not even the coordinator sees it without."""

    SITE = "site"
    COORDINATOR = "coordinator"


class Privacy(Document, frozen=True, kw_only=True):
    """Changes are clipped to length `norm`; noise of standard deviation `noise` x `norm` is added to their sum, or at
    the site to each. All updates then count the same. `delta`: at which epsilon is told; a federation ends before
    it exceeds `most_epsilon`.
    """

    norm: Annotated[float, Meta(gt=0, le=1e6)]
    noise: Annotated[float, Meta(ge=0, le=1e3)] = 0.0
    at: NoiseAt = NoiseAt.COORDINATOR
    delta: Annotated[float, Meta(gt=0, lt=1)] = 1e-5
    most_epsilon: Annotated[float, Meta(gt=0)] | None = None


class UpdateParameters(TrainingParameters, frozen=True, kw_only=True):
    """As of a training request, but for `epochs`: an update is one, unless it is to be more."""

    epochs: Count = 1


class Evaluation(Document, frozen=True, kw_only=True):
    """The first labelled stream with an end that is announced to `number` on the `control_topic` of the platform's own
    cluster, by whomever and whenever: the coordinator reads that topic from its beginning, and waits for it.
    """

    number: RequestNumber
    control_topic: TopicName = CONTROL_TOPIC


class Federation(Document, frozen=True, kw_only=True):
    """`cluster`: the platform's Kafka, over which models and updates travel. `site_cluster`: what every site's own
    settings call its own Kafka; there data is announced on `control_topic`.

    `parameters` are those of one update at a site, `rates` the shares of its data that are held back there; null: as
    each stream announces. `metrics`: of a site's held-back records, and all that leaves beside weights and counts.
    `evaluation`: a stream of the platform's own that judges every global model and exports the last one; null: none is
    judged, and the federation leaves weights and no version. `coordinator`: labels of the node that may coordinate.
    """

    api_version: ApiVersion = "fogline/v1"
    name: Name
    network: Name
    cluster: Name
    site_cluster: Name = "site"
    control_topic: TopicName = FEDERATED_CONTROL_TOPIC
    participants: Invited = Invited()
    coordinator: Labels = field(default_factory=lambda: {"coordinator": "true"})
    requirements: Requirements = Requirements()
    strategy: StrategyChoice = StrategyChoice()
    rounds: Rounds = Rounds()
    stop: Stop = Stop()
    task: Task = Task.CLASSIFICATION
    classes: Count | None = None
    labels: tuple[str, ...] = ()
    parameters: UpdateParameters = UpdateParameters()
    data: LearntData = LearntData.ALL
    rates: Rates | None = None
    split_seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    most_rejected: Fraction = 0.01
    metrics: tuple[Metric, ...] = ()
    encoding: UpdateEncoding = UpdateEncoding()
    privacy: Privacy | None = None
    evaluation: Evaluation | None = None
    export: Export = Export()
    start_from: VersionName | None = None
    memory_bytes: Bytes = 0
    threads: Annotated[int, Meta(ge=1, le=1024)] | None = None
    stale_after_s: Seconds = 60.0
    start_deadline_s: Seconds = 120.0

    def __post_init__(self) -> None:
        if self.evaluation is None and (self.stop.target is not None or self.stop.patience is not None):
            raise ValueError("`stop` waits for a metric that nobody measures: name the stream of `evaluation`")
        if self.privacy is not None:
            _require_private(self.strategy, self.privacy)


# What one change of length `norm` does to the next model in these is never longer than `norm` over their number, and
# nothing of it comes again in a later round: what noise at the coordinator is measured by.
_BOUNDED = frozenset({"fedavg", "fedprox", "fedasync", "fedbuff", "norm-bound", "running-average"})


def _require_private(strategy: StrategyChoice, privacy: Privacy) -> None:
    if strategy.name == "scaffold":
        raise ValueError(
            "`privacy` is not kept by `strategy` scaffold, whose control variates leave a site unclipped: take another"
        )
    if privacy.at is NoiseAt.SITE or not privacy.noise:
        return
    if strategy.name not in _BOUNDED:
        raise ValueError(
            f"`privacy.at` coordinator adds noise to a mean of changes, and {strategy.name} makes something else of "
            f"them: take one of {', '.join(sorted(_BOUNDED))}, or add the noise `at` the site"
        )
    rate = strategy.parameters.get("learning_rate", 1.0)
    if isinstance(rate, int | float) and rate > 1:
        raise ValueError(
            f"`strategy.parameters.learning_rate` {rate:g} makes changes longer than `privacy.norm`: 1 or less, or add "
            "the noise `at` the site"
        )
