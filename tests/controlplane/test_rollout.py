"""Rollouts: whatever happens in whatever order, features never meet tiers that lack their version."""

from hypothesis import given
from hypothesis import strategies as st

from controlplane.rollout import (
    Rollout,
    VersionRef,
    advance,
    begin,
    first_tier_versions,
    next_change_at,
    retarget,
    upper_tier_versions,
)

RETENTION_S = 10.0


def version(number: int) -> VersionRef:
    return VersionRef(model="net", version=number)


def switched(rollout: Rollout, now: float, *still_made: VersionRef) -> Rollout:
    return advance(rollout, uppers_loaded=True, still_made=still_made, now=now, retention_s=RETENTION_S)


def waiting(rollout: Rollout, now: float, *still_made: VersionRef) -> Rollout:
    return advance(rollout, uppers_loaded=False, still_made=still_made, now=now, retention_s=RETENTION_S)


steps = st.lists(
    st.tuples(st.sampled_from(["retarget", "loaded", "wait"]), st.integers(1, 4), st.integers(1, 8)), max_size=30
)


@given(steps)
def test_the_upper_tiers_have_every_version_that_made_features_lately(steps: list[tuple[str, int, int]]) -> None:
    now, rollout = 0.0, begin(version(1), 0.0)
    last_made = {version(1): 0.0}
    for what, number, seconds in steps:
        before, now = rollout, now + seconds
        match what:
            case "retarget":
                rollout = retarget(rollout, version(number), now)
            case "loaded":
                rollout = switched(rollout, now)
            case _:
                rollout = waiting(rollout, now)
        if rollout.serving != before.serving:
            assert rollout.serving in upper_tier_versions(before)
        last_made[before.serving] = now
        lately = {made for made, at in last_made.items() if now - at < RETENTION_S}
        assert lately | set(first_tier_versions(rollout)) <= set(upper_tier_versions(rollout))


@given(steps)
def test_an_upper_tier_serves_the_target_first_and_each_version_once(steps: list[tuple[str, int, int]]) -> None:
    rollout = begin(version(1), 0.0)
    for now, (what, number, _) in enumerate(steps):
        rollout = retarget(rollout, version(number), now) if what == "retarget" else switched(rollout, now)
        versions = upper_tier_versions(rollout)
        assert versions[0] == rollout.target
        assert len(set(versions)) == len(versions)


def test_the_first_tier_waits_for_the_tiers_above() -> None:
    rollout = retarget(begin(version(1), 0), version(2), 1)
    assert first_tier_versions(waiting(rollout, 1000)) == (version(1),)
    assert upper_tier_versions(rollout) == (version(2), version(1))
    assert first_tier_versions(switched(rollout, 2)) == (version(2),)


def test_the_old_version_goes_after_its_retention() -> None:
    rollout = waiting(switched(retarget(begin(version(1), 0), version(2), 1), 2), 3)
    assert next_change_at(rollout) == 13
    assert upper_tier_versions(waiting(rollout, 12)) == (version(2), version(1))
    assert upper_tier_versions(waiting(rollout, 13)) == (version(2),)


def test_the_retention_begins_when_the_last_node_of_the_first_tier_has_let_go_of_the_old_version() -> None:
    rollout = switched(retarget(begin(version(1), 0), version(2), 1), 2)
    for now in (3, 1000):
        rollout = waiting(rollout, now, version(1))
        assert upper_tier_versions(rollout) == (version(2), version(1))
        assert next_change_at(rollout) is None
        assert not rollout.is_settled
    rollout = waiting(rollout, 2000)
    assert rollout.is_settled
    assert next_change_at(rollout) == 2010


def test_a_first_tier_that_falls_back_ends_the_retention() -> None:
    rollout = waiting(switched(retarget(begin(version(1), 0), version(2), 1), 2), 3)
    rollout = waiting(rollout, 13, version(1))
    assert upper_tier_versions(rollout) == (version(2), version(1))
    assert next_change_at(rollout) is None


def test_going_back_before_the_switch_ends_the_rollout() -> None:
    rollout = retarget(retarget(begin(version(1), 0), version(2), 1), version(1), 2)
    assert rollout.is_finished
    assert upper_tier_versions(rollout) == (version(1),)


def test_the_same_target_again_changes_nothing() -> None:
    rollout = retarget(begin(version(1), 0), version(2), 1)
    assert retarget(rollout, version(2), 5) == rollout
