"""What is to be timed where, as it is typed."""

from typing import Any

import pytest

from fogline.profiling_options import profiling
from shared.documents.profile import GivenLink, ProfiledTier
from shared.errors import DocumentError, SettingsError


def test_tiers_links_and_bounds_are_read() -> None:
    found = profiling(
        "digits",
        3,
        ["edge=tier:edge,site:north", "cloud"],
        links=["250000:0.012"],
        memory=["edge=400000"],
        clusters=["cloud=main"],
        repetitions=20,
    )
    assert found.tiers == (
        ProfiledTier(tier="edge", selector={"tier": "edge", "site": "north"}, memory_bytes=400_000),
        ProfiledTier(tier="cloud", selector={"tier": "cloud"}, cluster="main"),
    )
    assert found.links == (GivenLink(bytes_per_s=250_000, fixed_s=0.012),)
    assert (found.run, found.repetitions, found.deadline_s) == (3, 20, 1800.0)


def test_links_that_are_not_given_are_measured_and_one_tier_has_none() -> None:
    assert profiling("digits", 3, ["edge", "cloud"], clusters=["cloud=main"]).links is None
    assert profiling("digits", 3, ["edge"]).links == ()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"tiers": ["edge=north"]}, "write TIER=KEY:VALUE"),
        ({"tiers": ["edge"], "links": ["fast"]}, "write BYTES_PER_S:FIXED_S"),
        ({"tiers": ["edge"], "memory": ["fog=1"]}, "no --tier is called 'fog': there are edge"),
        ({"tiers": ["edge"], "memory": ["edge=much"]}, "write a number of bytes"),
        ({"tiers": ["edge"], "clusters": ["edge"]}, "--cluster 'edge': write TIER=CLUSTER"),
    ],
)
def test_what_is_mistyped_says_how_it_is_written(words: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        profiling("digits", 3, **words)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"tiers": []}, "tiers"),
        ({"tiers": ["edge", "cloud"]}, "tier 'cloud' needs its `cluster`"),
        ({"tiers": ["edge", "cloud"], "links": ["1", "1"]}, "2 tiers have 1 `links` between them, not 2"),
    ],
)
def test_what_cannot_be_is_said_by_the_document(words: dict[str, Any], reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        profiling("digits", 3, **words)
