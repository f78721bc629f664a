"""What an operator wants: a model version, on which tiers and nodes, from which topics, with which exit policies."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from shared.documents.model import Precision
from shared.documents.types import (
    ApiVersion,
    Bytes,
    Count,
    Document,
    Fraction,
    Labels,
    Message,
    Name,
    Seconds,
    TopicName,
)


class Measure(StrEnum):
    """How sure an exit is, 0 to 1, greater is surer.

    `max_probability`: the greatest probability. `margin`: the greatest less the second. `entropy`: 1 less the
    Shannon entropy over its maximum, ln(classes).
    """

    MAX_PROBABILITY = "max_probability"
    MARGIN = "margin"
    ENTROPY = "entropy"


class ExitPolicy(Document, frozen=True, kw_only=True):
    """The exit answers when its measure is at least `threshold`: 0 answers all."""

    measure: Measure = Measure.MAX_PROBABILITY
    threshold: Fraction = 0.8


class FeaturesEncoding(StrEnum):
    RAW = "raw"
    F16 = "f16"
    U8 = "u8"


class Batching(Document, frozen=True, kw_only=True):
    """`max_wait_ms` 0 takes what is there at once; waiting to fill a batch costs latency at light load."""

    max_records: Annotated[int, Meta(ge=1, le=4096)] = 256
    max_wait_ms: Annotated[float, Meta(ge=0, le=10_000)] = 0.0


class UplinkMode(StrEnum):
    """When the upper tier's cluster is away: `wait` spools on disk, `degrade` answers at this exit."""

    WAIT = "wait"
    DEGRADE = "degrade"


class Uplink(Document, frozen=True, kw_only=True):
    """`deadline_s`: how long a forwarded batch may stay undelivered before the uplink counts as down."""

    mode: UplinkMode = UplinkMode.WAIT
    deadline_s: Seconds = 5.0
    spool_bytes: Bytes = 268_435_456
    compression: Literal["none", "gzip"] = "none"


class DecoderKind(StrEnum):
    RAW = "raw"
    JSON = "json"
    AVRO = "avro"


class Decoder(Document, frozen=True, kw_only=True):
    """How the first tier reads what a sensor sends. `schema` is Avro's; `field` picks one member of JSON or Avro."""

    kind: DecoderKind = DecoderKind.RAW
    schema: str | None = None
    field: str | None = None

    def __post_init__(self) -> None:
        if self.kind is DecoderKind.AVRO and self.schema is None:
            raise ValueError("an avro decoder needs `schema`, the writer's schema as text")


class Delivery(StrEnum):
    AT_LEAST_ONCE = "at_least_once"
    EXACTLY_ONCE = "exactly_once"


class TierSpec(Document, frozen=True, kw_only=True):
    """One tier's share. Nodes qualify when they carry every label of `selector`; the default is `{"tier": <tier>}`.

    `input_topic` defaults to `<prefix>.<deployment>.<tier>` on `cluster`; `output_cluster` to `cluster`.
    """

    tier: Name
    cluster: Name
    selector: Labels | None = None
    replicas: Count | Literal["all"] = 1
    exit: ExitPolicy | None = None
    input_topic: TopicName | None = None
    output_cluster: Name | None = None
    partitions: Count | None = None
    backend: Name | None = None
    precision: Precision = Precision.FLOAT32
    threads: Annotated[int, Meta(ge=1, le=64)] = 1
    memory_bytes: Bytes = 0
    batching: Batching = Batching()
    features: FeaturesEncoding = FeaturesEncoding.U8
    uplink: Uplink = Uplink()

    @property
    def wanted_labels(self) -> dict[str, str]:
        return {"tier": self.tier} if self.selector is None else dict(self.selector)


class Deployment(Document, frozen=True, kw_only=True):
    """`version` `latest` is pinned when put. After `stale_after_s` of silence a node is replaced."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    model: Name
    version: Count | Literal["latest"] = "latest"
    tiers: Annotated[tuple[TierSpec, ...], Meta(min_length=1)]
    decoder: Decoder = Decoder()
    delivery: Delivery = Delivery.AT_LEAST_ONCE
    topic_prefix: TopicName = "fogline"
    answers_topic: TopicName | None = None
    dead_letter_topic: TopicName | None = None
    start_offset: Literal["earliest", "latest"] = "earliest"
    stale_after_s: Seconds = 60.0
    start_deadline_s: Seconds = 120.0

    def __post_init__(self) -> None:
        tiers = [tier.tier for tier in self.tiers]
        if len(set(tiers)) != len(tiers):
            raise ValueError("`tiers` name a tier twice")


class DeploymentView(Message, frozen=True, kw_only=True):
    """A stored deployment: `version` is always a number here. `etag` is what `If-Match` expects."""

    api_version: ApiVersion = "fogline/v1"
    deployment: Deployment
    etag: str
    created_at: str
    updated_at: str
