"""From what nodes found to the profile that is asked where to cut."""

import pytest

from agent.training.cutting.latency import fastest
from agent.training.cutting.measured import assembled
from agent.training.cutting.network import Head, Link, Segment
from shared.documents import Artifact, ArtifactFormat, DType, TensorSpec
from shared.documents.profile import (
    ExportedSegment,
    GivenLink,
    MeasuredLink,
    ProfiledTier,
    Profiling,
    Segments,
    SegmentTime,
    TierTimes,
)
from shared.errors import DocumentError

SPEC = TensorSpec(dtype=DType.FLOAT32, shape=(4,))
ARTIFACT = Artifact(sha256="0" * 64, size_bytes=1, format=ArtifactFormat.TFLITE)


def segment(after: str | None, until: str | None, head: str | None = None, *, parameters: int = 10) -> ExportedSegment:
    return ExportedSegment(
        after=after,
        until=until,
        head=head,
        input=SPEC,
        features=SPEC if until else None,
        exit=None if until and not head else SPEC,
        artifact=ARTIFACT,
        parameters_bytes=parameters,
        features_bytes={"low": 200, "high": 100}.get(until or "", 0),
    )


SEGMENTS = Segments(
    input_bytes=1000,
    segments=(
        segment(None, "low"),
        segment(None, "high", parameters=30),
        segment(None, None, parameters=60),
        segment("low", "high", parameters=20),
        segment("low", None),
        segment("high", None),
        segment(None, "low", "first", parameters=14),
        segment("low", "high", "second", parameters=29),
    ),
    exits={"edge": "first", "fog": "second", "cloud": "last"},
)
WANTED = Profiling(
    name="digits",
    run=1,
    tiers=(ProfiledTier(tier="edge", memory_bytes=50), ProfiledTier(tier="cloud")),
    links=(GivenLink(bytes_per_s=1000, fixed_s=0.5),),
)


def times(tier: str, time_s: float, link: MeasuredLink | None = None) -> TierTimes:
    found = tuple(
        SegmentTime(after=one.after, until=one.until, head=one.head, time_s=time_s) for one in SEGMENTS.segments
    )
    return TierTimes(profile="digits", profiling="0", tier=tier, backend="litert", records=10, times=found, link=link)


def test_every_time_and_size_stands_where_the_question_expects_it() -> None:
    found = {"edge": times("edge", 0.2), "cloud": times("cloud", 0.1)}
    profile = assembled(WANTED, SEGMENTS, found, {"first": 0.5, "second": 0.25})
    assert [(one.name, one.features_bytes, one.exit) for one in profile.network.cuts] == [
        ("low", 200, "first"),
        ("high", 100, "second"),
    ]
    assert profile.alive == {"low": 0.5, "high": 0.25}
    edge, cloud = profile.tiers
    assert edge.memory_bytes == 50
    assert Segment(after="low", until="high", time_s=0.2, parameters_bytes=20) in edge.segments
    assert len(edge.segments) == 6
    assert cloud.heads == (
        Head(cut="low", time_s=0.1, parameters_bytes=4),
        Head(cut="high", time_s=0.1, parameters_bytes=9),
    )
    assert profile.links == (Link(bytes_per_s=1000, fixed_s=0.5),)
    assert fastest(profile).best.expected_s > 0


def test_an_exit_whose_share_nobody_knows_is_not_chosen() -> None:
    found = {"edge": times("edge", 0.2), "cloud": times("cloud", 0.1)}
    profile = assembled(WANTED, SEGMENTS, found, {"first": 0.5, "last": 0.1})
    assert [one.exit for one in profile.network.cuts] == ["first", None]
    assert [one.cut for one in profile.tiers[0].heads] == ["low"]
    assert profile.alive == {"low": 0.5}


def test_a_measured_link_is_that_of_the_tier_below_it() -> None:
    wanted = Profiling(name="digits", run=1, tiers=(ProfiledTier(tier="edge"), ProfiledTier(tier="cloud", cluster="c")))
    link = MeasuredLink(bytes_per_s=5e6, fixed_s=0.002)
    found = {"edge": times("edge", 0.2, link), "cloud": times("cloud", 0.1)}
    assert assembled(wanted, SEGMENTS, found, {}).links == (Link(bytes_per_s=5e6, fixed_s=0.002),)
    with pytest.raises(DocumentError, match="links: the link above tier 'edge' was not measured"):
        assembled(wanted, SEGMENTS, found | {"edge": times("edge", 0.2)}, {})
    with pytest.raises(DocumentError, match="tiers: tier 'cloud' has no times yet"):
        assembled(wanted, SEGMENTS, {"edge": times("edge", 0.2, link)}, {})
