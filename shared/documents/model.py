"""A model's manifest: its sub-models, tier by tier, and the artifacts each can be run from."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from shared.documents.parameters import TrainingParameters
from shared.documents.types import ApiVersion, Bytes, Count, Document, Message, Name, NameOrNone, Sha256, TensorSpec


class ArtifactFormat(StrEnum):
    """What the file is; which backends read it is the backends' business."""

    TFLITE = "tflite"
    KERAS = "keras"
    TORCH = "torch"


class Precision(StrEnum):
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


class Task(StrEnum):
    """`classification`: an exit gives class probabilities, shape `[classes]`. `values`: it gives plain numbers.

    `multi_label`: it gives a probability of each label, `[labels]`, none depending on another; a record has any number
    of them.
    """

    CLASSIFICATION = "classification"
    VALUES = "values"
    MULTI_LABEL = "multi_label"


class Artifact(Document, frozen=True, kw_only=True):
    sha256: Sha256
    size_bytes: Bytes
    format: ArtifactFormat
    precision: Precision = Precision.FLOAT32
    file: str = ""


class SubModel(Document, frozen=True, kw_only=True):
    """What one tier runs. `exit` is None where this tier cannot answer, `features` where nothing lies above."""

    tier: Name
    input: TensorSpec
    features: TensorSpec | None = None
    exit: TensorSpec | None = None
    artifacts: Annotated[tuple[Artifact, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        if self.features is None and self.exit is None:
            raise ValueError(f"tier {self.tier!r} has neither `exit` nor `features`: it can neither answer nor forward")


class ModelManifest(Document, frozen=True, kw_only=True):
    """One network in consecutive sub-models, the tier nearest to the sensor first."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    task: Task = Task.CLASSIFICATION
    sub_models: Annotated[tuple[SubModel, ...], Meta(min_length=1)]
    labels: tuple[str, ...] = ()
    description: str = ""
    metrics: dict[str, float] = {}

    def __post_init__(self) -> None:
        tiers = [sub_model.tier for sub_model in self.sub_models]
        if len(set(tiers)) != len(tiers):
            raise ValueError("`sub_models` name a tier twice")
        for lower, upper in pairwise(self.sub_models):
            if lower.features != upper.input:
                raise ValueError(f"`features` of tier {lower.tier!r} do not fit `input` of tier {upper.tier!r}")
        last = self.sub_models[-1]
        if last.exit is None or last.features is not None:
            raise ValueError(f"the last tier {last.tier!r} must have an `exit` and no `features`")
        if self.task is not Task.VALUES:
            self._check_classes("classes" if self.task is Task.CLASSIFICATION else "labels")

    def _check_classes(self, named: str) -> None:
        shapes = {sub_model.exit.shape for sub_model in self.sub_models if sub_model.exit}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"exits of a {self.task} must all have one shape `[{named}]`")
        (classes,) = next(iter(shapes))
        if self.labels and len(self.labels) != classes:
            raise ValueError(f"`labels` has {len(self.labels)} names for {classes} {named}")

    def sub_model(self, tier: str) -> SubModel | None:
        return next((one for one in self.sub_models if one.tier == tier), None)


class SiteShare(Message, frozen=True, kw_only=True):
    """What of one site is in a federated model: accepted `updates`, and their `records`, those of each added up."""

    updates: int = 0
    records: int = 0


class FederatedLineage(Message, frozen=True, kw_only=True):
    """`edition`: of the federations that ever had this name. `rounds`: how many models it published."""

    name: Name
    edition: Count
    strategy: Name
    rounds: Annotated[int, Meta(ge=0)]
    participants: dict[Name, SiteShare] = {}


class Lineage(Message, frozen=True, kw_only=True):
    """Where a trained version comes from: a `run` or a `federation`, of which the other is null.

    `sources`: SHA-256 of the network's files; `records`: names the records of the split and their order; `packages`:
    versions of what computed it; `seed` and `split_seed` as in the request. Of a federation, `request` is empty,
    `stream` and `records` are those that judged it, and `parameters` those of one update at a site.
    """

    run: Count | None = None
    request: NameOrNone = ""
    network: Name
    sources: tuple[Sha256, ...]
    stream: NameOrNone = ""
    records: str
    seed: int
    split_seed: int
    parameters: TrainingParameters
    start_from: str = ""
    packages: dict[str, str] = {}
    federation: FederatedLineage | None = None

    def __post_init__(self) -> None:
        if (self.run is None) == (self.federation is None):
            raise ValueError("a version comes from a `run` or from a `federation`: name one of them")


class ModelVersion(Message, frozen=True, kw_only=True):
    """A manifest as it was registered: immutable, numbered from 1; aliases and note are not.

    `lineage` is null of what was not trained here.
    """

    api_version: ApiVersion = "fogline/v1"
    manifest: ModelManifest
    version: Count
    created_at: str
    lineage: Lineage | None = None
    aliases: tuple[Name, ...] = ()
    note: str = ""


class AliasTarget(Document, frozen=True, kw_only=True):
    """Which version an alias means from now on."""

    version: Count


class Note(Document, frozen=True, kw_only=True):
    """A text for people, in place of the one before."""

    note: Annotated[str, Meta(max_length=10_000)]
