"""What an operator wants trained: which networks, from which announced streams, how, where, and into what."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.model import ArtifactFormat, Precision, Task
from shared.documents.parameters import Rates, TrainingParameters
from shared.documents.types import (
    ApiVersion,
    Bytes,
    Count,
    Document,
    Fraction,
    Labels,
    Name,
    Seconds,
    TopicName,
)

CONTROL_TOPIC = "KAFKA_ML_CONTROL_TOPIC"
"""Where Kafka-ML's clients announce streams unless told otherwise."""

MOST_REQUEST_NUMBER = 2**31 - 1
NEVER_REQUEST_NUMBERS = range(ord("0"), ord("9") + 1)
"""As one byte, which is what a client makes of a small integer, these read as the digits 0 to 9."""

RequestNumber = Annotated[int, Meta(ge=1, le=MOST_REQUEST_NUMBER)]


class Configuration(Document, frozen=True, kw_only=True):
    """Networks that are trained on the same stream, each by a run of its own."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    networks: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=64)]
    description: str = ""

    def __post_init__(self) -> None:
        if len(set(self.networks)) != len(self.networks):
            raise ValueError("`networks` name one twice")


class TierCut(Document, frozen=True, kw_only=True):
    """One tier's share of the trained network: up to and with the layer `cut`, null for the last; `exit` answers here.

    `exit` null: this tier cannot answer.
    """

    tier: Name
    cut: str | None = None
    exit: str | None = None


class ExportForm(Document, frozen=True, kw_only=True):
    format: ArtifactFormat = ArtifactFormat.TFLITE
    precision: Precision = Precision.FLOAT32


class Export(Document, frozen=True, kw_only=True):
    """`tiers` empty: a tier for each exit, named as the exit, cut where its head hangs.

    An artifact is refused when, over `checked` records of the validation part, any answer is further than its tolerance
    from the trained network's: `tolerance` for float32, `coarse_tolerance` for float16 and int8, in units of the
    exit's output. `representative`: records that full int8 is calibrated on. `profiled`: layers that may be cuts, from
    the sensor up; every part of the network between two of them is exported too, to be timed.
    """

    tiers: tuple[TierCut, ...] = ()
    forms: Annotated[tuple[ExportForm, ...], Meta(min_length=1)] = (ExportForm(),)
    tolerance: Annotated[float, Meta(gt=0)] = 1e-3
    coarse_tolerance: Annotated[float, Meta(gt=0)] = 0.25
    checked: Count = 256
    representative: Count = 256
    profiled: Annotated[tuple[str, ...], Meta(max_length=8)] = ()

    def __post_init__(self) -> None:
        if len(set(self.profiled)) != len(self.profiled):
            raise ValueError("`profiled` names a layer twice")
        tiers = [one.tier for one in self.tiers]
        if len(set(tiers)) != len(tiers):
            raise ValueError("`tiers` name a tier twice")
        if self.tiers and (self.tiers[-1].cut is not None or self.tiers[-1].exit is None):
            raise ValueError("the last of `tiers` has an `exit` and no `cut`")
        if any(one.cut is None for one in self.tiers[:-1]):
            raise ValueError("every one of `tiers` but the last needs a `cut`")
        if len(set(self.forms)) != len(self.forms):
            raise ValueError("`forms` name one twice")


class VersionName(Document, frozen=True, kw_only=True):
    model: Name
    version: Count


class PseudoLabels(Document, frozen=True, kw_only=True):
    """After the labelled records, learn from unlabelled ones that the last exit is this sure of.

    A record labelled so counts `weight` of one labelled by a person. Lee, "Pseudo-Label: The Simple and Efficient
    Semi-Supervised Learning Method for Deep Neural Networks", ICML workshop 2013.
    """

    confidence: Fraction = 0.95
    weight: Fraction = 0.5
    epochs: Count = 1


class Online(Document, frozen=True, kw_only=True):
    """For streams without an end: each window of `window` records judges the network, then trains it.

    A version is published when the mean loss of the last `judged_windows` windows is lower than the published one's
    by the share `margin`. `deployment`: moved to every published version.
    """

    window: Count = 1000
    judged_windows: Count = 5
    margin: Fraction = 0.05
    deployment: Name | None = None


class TrainingRequest(Document, frozen=True, kw_only=True):
    """Waits for streams announced to its `number` on `control_topic` of `cluster`; each starts a run for each network.

    `number` null: the least that is free, pinned when put. `rates` null: as each stream announces. `classes` null: as
    many as the network answers. `split_seed` is not the seed of training: runs that are to be compared share their test
    set. `start_from`: weights to begin with. Nodes qualify when they carry every label of `selector`. A run is tried
    again on another node, or after a crash, `most_attempts` times in all; after `deadline_s` it has failed.
    """

    api_version: ApiVersion = "fogline/v1"
    name: Name
    number: RequestNumber | None = None
    configuration: Name
    cluster: Name
    control_topic: TopicName = CONTROL_TOPIC
    task: Task = Task.CLASSIFICATION
    classes: Count | None = None
    labels: tuple[str, ...] = ()
    parameters: TrainingParameters = TrainingParameters()
    rates: Rates | None = None
    split_seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    most_rejected: Fraction = 0.01
    export: Export = Export()
    start_from: VersionName | None = None
    pseudo_labels: PseudoLabels | None = None
    online: Online = Online()
    selector: Labels = {}
    memory_bytes: Bytes = 0
    gpu_memory_bytes: Bytes = 0
    threads: Annotated[int, Meta(ge=1, le=1024)] | None = None
    most_attempts: Annotated[int, Meta(ge=1, le=100)] = 3
    deadline_s: Seconds = 86_400.0
    stale_after_s: Seconds = 60.0
    start_deadline_s: Seconds = 120.0

    def __post_init__(self) -> None:
        if self.number in NEVER_REQUEST_NUMBERS:
            raise ValueError(
                f"`number` {self.number} is never given: as one byte it reads as the digit {chr(self.number or 0)}"
            )


class RunState(StrEnum):
    """`waiting`: no node has it. The last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)
