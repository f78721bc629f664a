"""Profiling: the parts of a trained network that are timed, what an operator wants timed where, and what nodes found.

Not part of `shared.documents` itself: only those who profile need it.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.assignment import Workload
from shared.documents.model import Artifact
from shared.documents.run import RunFile
from shared.documents.types import (
    ApiVersion,
    Bytes,
    Count,
    Document,
    Labels,
    Message,
    Name,
    Seconds,
    TensorSpec,
)

PROFILE = "profile"
SEGMENTS = "segments.json"
SEGMENT_FILES = "segment-"
"""What the names of a run's files begin with that `segments.json` speaks of."""

LayerName = Annotated[str, Meta(min_length=1, max_length=255)]
Digest = Annotated[str, Meta(min_length=1, max_length=64)]
Duration = Annotated[float, Meta(ge=0, le=31_536_000)]
BytesPerSecond = Annotated[float, Meta(ge=1, le=1e15)]
Repetitions = Annotated[int, Meta(ge=10, le=10_000)]


class ExportedSegment(Message, frozen=True, kw_only=True):
    """The layers above `after` up to `until` as one program, null: from the input, to the output.

    `head` names the exit that answers at `until` where the program holds its head too; `exit` is then its answer.
    `features_bytes`: one record's at `until` as they travel, encoded u8 with headers; 0 where nothing travels on.
    """

    after: LayerName | None = None
    until: LayerName | None = None
    head: LayerName | None = None
    input: TensorSpec
    features: TensorSpec | None = None
    exit: TensorSpec | None = None
    artifact: Artifact
    parameters_bytes: Bytes
    features_bytes: Bytes = 0


class Segments(Message, frozen=True, kw_only=True):
    """`segments.json` of a run: `exits` names the exit of each tier that answers, as `validation.npz` does.

    `input_bytes`: one record as the stream has it.
    """

    api_version: ApiVersion = "fogline/v1"
    input_bytes: Bytes
    segments: tuple[ExportedSegment, ...]
    exits: dict[str, LayerName] = {}


class GivenLink(Document, frozen=True, kw_only=True):
    """From one tier to the next: a record needs its bytes / `bytes_per_s` + `fixed_s`."""

    bytes_per_s: BytesPerSecond
    fixed_s: Duration = 0.0


class ProfiledTier(Document, frozen=True, kw_only=True):
    """Timed on one node that carries every label of `selector`. `cluster`: where records come in to this tier.

    `memory_bytes` bounds the parameters of what this tier may be given.
    """

    tier: Name
    selector: Labels = {}
    cluster: Name | None = None
    memory_bytes: Bytes | None = None


class Profiling(Document, frozen=True, kw_only=True):
    """Time the segments that `run` left behind on every tier, the sensor's first.

    `links`: one between each two neighbours; null: measured from each tier's node to the `cluster` of the tier above.
    Each segment is timed at least `repetitions` times. What is not there after `deadline_s` will not come.
    """

    api_version: ApiVersion = "fogline/v1"
    name: Name
    run: Count
    tiers: Annotated[tuple[ProfiledTier, ...], Meta(min_length=1, max_length=16)]
    links: tuple[GivenLink, ...] | None = None
    repetitions: Repetitions = 100
    deadline_s: Seconds = 1800.0
    stale_after_s: Seconds = 60.0
    start_deadline_s: Seconds = 120.0

    def __post_init__(self) -> None:
        if len({one.tier for one in self.tiers}) != len(self.tiers):
            raise ValueError("`tiers` name a tier twice")
        if self.links is None:
            for one in self.tiers[1:]:
                if one.cluster is None:
                    raise ValueError(f"tier {one.tier!r} needs its `cluster`: the link to it is to be measured")
        elif len(self.links) != len(self.tiers) - 1:
            count = len(self.tiers)
            raise ValueError(f"{count} tiers have {count - 1} `links` between them, not {len(self.links)}")

    def upper_cluster(self, tier: str) -> str | None:
        """Where the link above this tier leads, where that is to be measured."""
        if self.links is not None:
            return None
        above = [one.tier for one in self.tiers].index(tier) + 1
        return self.tiers[above].cluster if above < len(self.tiers) else None


class ProfileWorkload(Workload, frozen=True, kw_only=True, tag_field="kind", tag=PROFILE):
    """Time one tier. `files` are what `segments` speaks of, `profiling` is the digest of what was wanted.

    `cluster`: the link to it is measured, by records sent to `topic` and read again.
    """

    profile: Name
    profiling: Digest
    tier: Name
    segments: RunFile
    files: tuple[RunFile, ...]
    cluster: Name | None = None
    topic: str = ""
    repetitions: Repetitions = 100
    budget_s: Seconds = 600.0


class SegmentTime(Message, frozen=True, kw_only=True):
    """`time_s`: the median of one record. `head`: of a segment with this head, what it adds to the one without."""

    after: LayerName | None = None
    until: LayerName | None = None
    head: LayerName | None = None
    time_s: Duration


class MeasuredLink(Message, frozen=True, kw_only=True):
    """By half the way to a broker and back."""

    bytes_per_s: BytesPerSecond
    fixed_s: Duration


class TierTimes(Message, frozen=True, kw_only=True):
    """What a node found of one tier; `records`: how many times each segment was timed at least.

    `link`: the one above this tier, where it was to be measured. `failure`: why there will never be any times.
    """

    api_version: ApiVersion = "fogline/v1"
    profile: Name
    profiling: Digest
    tier: Name
    backend: str = ""
    records: Annotated[int, Meta(ge=0)] = 0
    times: tuple[SegmentTime, ...] = ()
    link: MeasuredLink | None = None
    failure: str = ""


class ProfileState(StrEnum):
    """The last two are final."""

    MEASURING = "measuring"
    FINISHED = "finished"
    FAILED = "failed"


class TierProgress(Message, frozen=True, kw_only=True):
    """`node` times it now, or has timed it; `reason`: what is missing. `times` null: not yet."""

    tier: Name
    node: Name | None = None
    reason: str = ""
    times: TierTimes | None = None


class ProfileView(Message, frozen=True, kw_only=True):
    api_version: ApiVersion = "fogline/v1"
    profiling: Profiling
    state: ProfileState
    reason: str = ""
    tiers: tuple[TierProgress, ...]
    segments: RunFile
    created_at: str
    ended_at: str | None = None
    deadline: str | None = None
