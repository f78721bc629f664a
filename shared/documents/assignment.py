"""What one node must run: a list of workloads under a generation.

Workloads stay undecoded in the assignment, so one of a kind this agent does not know fails alone.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shared.documents.cluster import Cluster
from shared.documents.deployment import Batching, Decoder, Delivery, ExitPolicy, FeaturesEncoding, Uplink
from shared.documents.model import Artifact, SubModel, Task
from shared.documents.types import ApiVersion, Bytes, Count, Message, Name, TopicName

INFERENCE = "inference"


class LoadedVersion(Message, frozen=True, kw_only=True):
    """One version of the sub-model, and the artifact chosen for this node."""

    model: Name
    version: Count
    sub_model: SubModel
    artifact: Artifact
    task: Task = Task.CLASSIFICATION
    labels: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The value of the header `fogline-model`."""
        return f"{self.model}/{self.version}"


class Upper(Message, frozen=True, kw_only=True):
    """Where features go: the upper tier's input topic on its cluster."""

    tier: Name
    cluster: Name
    topic: TopicName
    features: FeaturesEncoding = FeaturesEncoding.U8
    uplink: Uplink = Uplink()


class Workload(Message, frozen=True, kw_only=True):
    """What a node may be given to run, whatever its kind; each kind is a struct of its own with a tag.

    `clusters` holds every cluster named here, so a node needs nothing else to start.
    """

    id: str
    clusters: tuple[Cluster, ...]
    start_deadline_s: float = 120.0


class InferenceWorkload(Workload, frozen=True, kw_only=True, tag_field="kind", tag=INFERENCE):
    """Inference of one sub-model on one tier.

    `versions[0]` serves records that name no version (the first tier's); the others are kept for features they made.
    `exit` None never answers early.
    """

    deployment: Name
    tier: Name
    is_first_tier: bool
    versions: Annotated[tuple[LoadedVersion, ...], Meta(min_length=1)]
    input_cluster: Name
    input_topic: TopicName
    output_cluster: Name
    answers_topic: TopicName
    dead_letter_topic: TopicName
    group: str
    exit: ExitPolicy | None = None
    upper: Upper | None = None
    decoder: Decoder = Decoder()
    delivery: Delivery = Delivery.AT_LEAST_ONCE
    partitions: Count | None = None
    start_offset: Literal["earliest", "latest"] = "earliest"
    backend: Name | None = None
    threads: Count = 1
    memory_bytes: Bytes = 0
    batching: Batching = Batching()


class WorkloadHead(Message, frozen=True, kw_only=True):
    """What every workload has, whatever its kind."""

    kind: str
    id: str


class Assignment(Message, frozen=True, kw_only=True):
    api_version: ApiVersion = "fogline/v1"
    node: Name
    generation: Annotated[int, Meta(ge=0)]
    workloads: tuple[msgspec.Raw, ...] = ()
