"""The cutting that holds most records, against every cutting counted out."""

import pytest
from hypothesis import assume, given
from msgspec.structs import replace

from agent.training.cutting.bottleneck import most_records
from agent.training.cutting.latency import fastest
from agent.training.cutting.network import Profile
from agent.training.cutting.outcome import Cutting
from shared.errors import DocumentError
from tests.agent.training.cutting.profiles import Counted, all_cuttings, example, profiles

KEEP = 3


def rank(counted: Counted) -> tuple[float, float]:
    """Rounded: two sums of the same numbers in another order are equals."""
    return round(counted.busiest, 9), round(counted.seconds, 9)


def rank_found(found: Cutting) -> tuple[float, float]:
    busy_s = 0.0 if found.records_per_s is None else 1 / found.records_per_s
    return round(busy_s, 9), round(found.expected_s, 9)


@given(profiles())
def test_most_records_and_of_these_the_fastest_are_those_of_brute_force(profile: Profile) -> None:
    counted = sorted(map(rank, all_cuttings(profile)))
    if not counted:
        with pytest.raises(DocumentError, match="no cutting is possible"):
            most_records(profile)
        return
    found = most_records(profile, keep=KEEP)
    assert [rank_found(one) for one in (found.best, *found.runners_up)] == counted[:KEEP]


@given(profiles())
def test_so_are_the_best_for_each_number_of_tiers(profile: Profile) -> None:
    counted = all_cuttings(profile)
    assume(counted)
    best = {
        used: min(rank(one) for one in counted if len(one.until) == used)
        for used in sorted({len(one.until) for one in counted})
    }
    found = most_records(profile, keep=1)
    assert {len(one.parts): rank_found(one) for one in found.by_tiers_used} == best


@given(profiles())
def test_the_busiest_is_as_busy_as_the_records_it_holds_say(profile: Profile) -> None:
    assume(all_cuttings(profile))
    best = most_records(profile).best
    busy = {part.tier: part.busy_s for part in best.parts} | {one.link: one.busy_s for one in best.crossings}
    assert busy[best.busiest] == max(busy.values())
    assert best.records_per_s == (1 / max(busy.values()) if max(busy.values()) > 0 else None)


@given(profiles())
def test_nothing_holds_more_and_the_fastest_is_no_slower(profile: Profile) -> None:
    assume(all_cuttings(profile))
    held, quick = most_records(profile).best, fastest(profile).best
    assert rank_found(held)[0] <= rank_found(quick)[0]
    assert round(quick.expected_s, 9) <= round(held.expected_s, 9)


@given(profiles(is_whole=True))
def test_twice_the_nodes_and_lines_hold_twice_the_records(profile: Profile) -> None:
    doubled = replace(
        profile,
        tiers=tuple(replace(tier, nodes=2 * tier.nodes) for tier in profile.tiers),
        links=tuple(replace(link, lines=2 * link.lines) for link in profile.links),
    )
    before, after = most_records(profile).best, most_records(doubled).best
    assert after.cuts == before.cuts
    if before.records_per_s is not None:
        assert after.records_per_s == pytest.approx(2 * before.records_per_s)


def test_an_example_by_hand() -> None:
    found = most_records(example())
    # Alone, the cloud gets all over both links: 3000 bytes at 100 kB/s. With the edge, 3 ms of its processor.
    assert (found.best.busiest, found.best.tiers) == ("edge", ("edge", "cloud"))
    assert found.best.records_per_s == pytest.approx(1 / 0.003)
    assert [len(one.parts) for one in found.by_tiers_used] == [1, 2, 3]
    alone = found.by_tiers_used[0]
    assert alone.busiest == "edge to fog"
    assert alone.records_per_s == pytest.approx(1 / 0.03)


def test_what_takes_no_time_holds_any_number_of_records() -> None:
    found = most_records(example(tiers=[{"name": "cloud", "segments": [{"time_s": 0.0}]}], links=[])).best
    assert (found.records_per_s, found.busiest) == (None, "cloud")
