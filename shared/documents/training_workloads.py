"""The workloads of training: a run, and the watch over a control topic.

Not part of `shared.documents` itself: an announcement is made of words from there.
"""

from typing import Annotated

from msgspec import Meta

from shared.documents.assignment import Workload
from shared.documents.model import Task
from shared.documents.network import NetworkSource
from shared.documents.parameters import Rates, TrainingParameters
from shared.documents.run import RunFile
from shared.documents.training import Export, Online, PseudoLabels, VersionName
from shared.documents.types import Bytes, Count, Fraction, Name, TopicName
from shared.streams.announcement import Announcement
from shared.streams.ranges import Range

TRAINING = "training"
ANNOUNCEMENTS = "announcements"


class StartingPoint(VersionName, frozen=True, kw_only=True):
    """Weights of a version that is there: `weights.npz` of the run that made it."""

    weights: RunFile


class TrainingWorkload(Workload, frozen=True, kw_only=True, tag_field="kind", tag=TRAINING):
    """One attempt at one run. `model`: what its version is registered as. `rates` are settled here.

    `announced_ms`: when the stream was, since the epoch; an open topic is read from its first record of that time on.
    `most_crashes`: so many are tried again without the run getting further between them.
    """

    run: Count
    attempt: Count
    request: Name
    model: Name
    cluster: Name
    stream: Name
    announcement: Announcement
    announced_ms: Annotated[int, Meta(ge=0)] | None = None
    network: NetworkSource
    task: Task = Task.CLASSIFICATION
    classes: Count | None = None
    labels: tuple[str, ...] = ()
    parameters: TrainingParameters = TrainingParameters()
    rates: Rates = Rates()
    split_seed: int = 0
    most_rejected: Fraction = 0.01
    export: Export = Export()
    start_from: StartingPoint | None = None
    pseudo_labels: PseudoLabels | None = None
    online: Online = Online()
    threads: Count | None = None
    memory_bytes: Bytes = 0
    gpu_memory_bytes: Bytes = 0
    most_crashes: Count = 3


class AnnouncementsWorkload(Workload, frozen=True, kw_only=True, tag_field="kind", tag=ANNOUNCEMENTS):
    """Watch a control topic and tell the control plane what is announced, and what of known streams is still there.

    `looked_after`: ranges of streams in the registry on this cluster.
    """

    cluster: Name
    control_topic: TopicName
    group: str
    looked_after: tuple[Range, ...] = ()
    look_every_s: Annotated[float, Meta(gt=0)] = 60.0
