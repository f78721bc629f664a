"""The fastest cutting, and the one of fewest bytes, against every cutting counted out."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from agent.training.cutting.latency import fastest, fewest_bytes
from agent.training.cutting.network import Link, Profile
from agent.training.cutting.outcome import Comparison, Cutting, evaluate
from shared.errors import DocumentError
from tests.agent.training.cutting.profiles import Counted, all_cuttings, example, profiles

KEEP = 4
# What two orders of one sum may differ by.
ROUNDING = 1 + 1e-12


def listed(comparison: Comparison) -> list[Cutting]:
    return [comparison.best, *comparison.runners_up]


@given(profiles())
def test_the_fastest_are_those_of_brute_force(profile: Profile) -> None:
    counted = sorted(one.seconds for one in all_cuttings(profile))
    if not counted:
        with pytest.raises(DocumentError, match="no cutting is possible"):
            fastest(profile)
        return
    found = listed(fastest(profile, keep=KEEP))
    assert [one.expected_s for one in found] == pytest.approx(counted[:KEEP])


@given(profiles())
def test_so_are_the_best_for_each_number_of_tiers(profile: Profile) -> None:
    counted = all_cuttings(profile)
    assume(counted)
    best = {
        used: min(one.seconds for one in counted if len(one.until) == used)
        for used in sorted({len(one.until) for one in counted})
    }
    found = fastest(profile, keep=1)
    assert {len(one.parts): one.expected_s for one in found.by_tiers_used} == pytest.approx(best)
    assert found.runners_up == ()


@given(profiles())
def test_the_fewest_bytes_are_those_of_brute_force_and_of_these_the_fastest(profile: Profile) -> None:
    counted = sorted((round(one.bytes, 6), one.seconds) for one in all_cuttings(profile))
    assume(counted)
    found = listed(fewest_bytes(profile, keep=KEEP))
    assert [one.expected_bytes for one in found] == pytest.approx([size for size, _ in counted[:KEEP]])
    assert found[0].expected_s == pytest.approx(counted[0][1])


@given(profiles(), st.integers(0, 2))
def test_the_bytes_of_one_link_can_be_what_counts(profile: Profile, link: int) -> None:
    counted = all_cuttings(profile)
    assume(counted and link < len(profile.links))
    above = profile.tiers[link].name
    best = fewest_bytes(profile, above=above).best
    crossing = sum(one.expected_bytes for one in best.crossings if one.lower == above)
    assert crossing == pytest.approx(min(one.link_bytes[link] for one in counted))


@given(profiles())
def test_a_given_cutting_costs_what_brute_force_counts(profile: Profile) -> None:
    for counted in all_cuttings(profile):
        found = evaluate(profile, counted.until)
        assert (found.expected_s, found.expected_bytes) == pytest.approx((counted.seconds, counted.bytes))
        assert dict(zip(found.tiers, [part.until for part in found.parts], strict=True)) == counted.until


@given(profiles())
def test_the_parts_add_up(profile: Profile) -> None:
    for counted in all_cuttings(profile):
        found = evaluate(profile, counted.until)
        times = [*(one.expected_s for one in found.parts), *(one.expected_s for one in found.crossings)]
        assert math.fsum(times) == found.expected_s
        assert math.fsum(one.expected_bytes for one in found.crossings) == found.expected_bytes
        for part in found.parts:
            assert part.expected_s == part.share * (part.segment_s + part.head_s)
        assert [part.after for part in found.parts] == [None, *(part.until for part in found.parts[:-1])]
        assert found.parts[-1].until is None


@given(profiles(is_whole=True), st.integers(0, 2), st.floats(1, 1000))
def test_more_bandwidth_never_makes_it_slower(profile: Profile, link: int, factor: float) -> None:
    assume(link < len(profile.links))
    links = list(profile.links)
    links[link] = replace(links[link], bytes_per_s=links[link].bytes_per_s * factor)
    before, after = fastest(profile).best, fastest(replace(profile, links=tuple(links))).best
    assert after.expected_s <= before.expected_s * ROUNDING


@given(profiles(), st.integers(0, 2))
def test_a_link_of_boundless_cost_is_crossed_only_where_every_way_crosses_it(profile: Profile, link: int) -> None:
    assume(link < len(profile.links))
    links = list(profile.links)
    links[link] = Link(bytes_per_s=1, fixed_s=3e7)
    dear = replace(profile, links=tuple(links))
    counted = all_cuttings(dear)
    assume(counted)
    best = fastest(dear).best
    crosses = any(one.share > 0 for one in best.crossings if one.lower == dear.tiers[link].name)
    assert crosses == all(one.seconds > 1e6 for one in counted)


@given(profiles(), st.integers(0, 60))
def test_a_load_that_must_be_held_leaves_the_fastest_of_those_that_hold_it(profile: Profile, limit_ms: int) -> None:
    # No sum of theirs: equality would be a matter of rounding.
    limit_s = limit_ms / 1000 + 0.000123

    def holds(one: Counted) -> bool:
        return one.busiest <= limit_s

    counted = all_cuttings(profile)
    assume(counted)
    if not any(map(holds, counted)):
        with pytest.raises(DocumentError, match="busy for more than"):
            fastest(profile, busy_limit_s=limit_s)
        return
    found = fastest(profile, busy_limit_s=limit_s).best
    assert found.expected_s == pytest.approx(min(one.seconds for one in counted if holds(one)))
    assert found.records_per_s is None or found.records_per_s >= 1 / limit_s * (1 - 1e-9)


@given(profiles(is_whole=True))
def test_the_runners_up_come_in_order_and_are_all_different(profile: Profile) -> None:
    for found, key in ((fastest(profile), "expected_s"), (fewest_bytes(profile), "expected_bytes")):
        ranks = [getattr(one, key) for one in listed(found)]
        assert all(lower <= upper * ROUNDING for lower, upper in pairwise(ranks))
        assert len({str(one.parts) for one in listed(found)}) == len(listed(found))


def test_an_example_by_hand() -> None:
    best = fastest(example()).best
    assert best.cuts == ("pool1",)
    assert best.tiers == ("edge", "cloud")
    edge, cloud = best.parts
    assert (edge.exit, edge.share, edge.expected_s) == ("edge-exit", 1.0, 0.002 + 0.001)
    assert (cloud.exit, cloud.share, cloud.expected_s) == (None, 0.25, 0.25 * 0.004)
    # 400 bytes at 100 kB/s and at 1 MB/s; the fog runs nothing, but its links are crossed.
    assert [one.expected_s for one in best.crossings] == pytest.approx([0.25 * (0.004 + 0.005), 0.25 * (0.0004 + 0.01)])
    assert best.expected_s == pytest.approx(0.003 + 0.001 + 0.00225 + 0.0026)
    assert best.expected_bytes == 2 * 0.25 * 400
    assert best.busiest == "edge"
    assert best.records_per_s == pytest.approx(1 / 0.003)


def test_a_load_can_be_held_to_the_last_record() -> None:
    assert fastest(example(), busy_limit_s=0.003).best.tiers == ("edge", "cloud")


def test_no_link_lies_above_the_last_tier() -> None:
    with pytest.raises(DocumentError, match="no link lies above a tier 'cloud'"):
        fewest_bytes(example(), above="cloud")
