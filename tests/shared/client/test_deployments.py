"""Changing one threshold and waiting for readiness, without a network or a clock."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.client import DeadlineExceededError, missing
from shared.client.deployments import Deployments, with_exits, with_threshold
from shared.client.flow import Answer, Call
from shared.documents import (
    Deployment,
    DeploymentStatus,
    DeploymentView,
    ExitPolicy,
    Measure,
    TierSpec,
    Unplaced,
    WorkloadView,
    decode,
    encode,
)
from shared.errors import ControlPlaneError, SettingsError
from tests.shared.client.stage import Rehearsal

FASHION = Deployment(
    name="fashion",
    model="fashion-mnist",
    version=3,
    tiers=(
        TierSpec(tier="edge", cluster="edge", exit=ExitPolicy(measure=Measure.MARGIN, threshold=0.5)),
        TierSpec(tier="fog", cluster="fog"),
        TierSpec(tier="cloud", cluster="cloud"),
    ),
)


@given(value=st.floats(0, 1), tier=st.sampled_from(["edge", "fog"]))
def test_a_threshold_changes_one_exit_and_nothing_else(value: float, tier: str) -> None:
    changed = with_threshold(FASHION, tier, value)
    exits = {one.tier: one.exit for one in changed.tiers}
    assert exits[tier] == replace(exits[tier] or ExitPolicy(), threshold=value)
    before = {one.tier: one.exit for one in FASHION.tiers}
    assert {name: one for name, one in exits.items() if name != tier} == {
        name: one for name, one in before.items() if name != tier
    }


def test_a_threshold_keeps_the_measure_of_its_exit() -> None:
    assert with_threshold(FASHION, "edge", 0.9).tiers[0].exit == ExitPolicy(measure=Measure.MARGIN, threshold=0.9)


@pytest.mark.parametrize(("tier", "reason"), [("cloud", "is the last tier"), ("site", "it has edge, fog, cloud")])
def test_no_threshold_for_the_last_tier_or_an_unknown_one(tier: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        with_threshold(FASHION, tier, 0.5)


def test_policies_change_every_early_exit_and_nothing_else() -> None:
    changed = with_exits(FASHION, [None, ExitPolicy(threshold=0.6)])
    assert [tier.exit for tier in changed.tiers[:2]] == [None, ExitPolicy(threshold=0.6)]
    assert replace(changed, tiers=()) == replace(FASHION, tiers=()) and changed.tiers[2] == FASHION.tiers[2]
    assert [replace(tier, exit=None) for tier in changed.tiers] == [replace(tier, exit=None) for tier in FASHION.tiers]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_as_many_policies_as_there_are_early_exits(count: int) -> None:
    with pytest.raises(SettingsError, match=f"{count} exit policies where .* has 2 early exits"):
        with_exits(FASHION, [ExitPolicy()] * count)


def test_set_threshold_puts_only_what_it_has_read() -> None:
    view = DeploymentView(deployment=FASHION, etag="abc", created_at="", updated_at="")
    rehearsal = Rehearsal(lambda call: Answer(status=200, headers={}, body=encode(view)))
    rehearsal.run(Deployments.set_threshold.describe(None, "fashion", "edge", 0.75))
    read, put = rehearsal.calls
    assert (read.method, put.method, put.headers["If-Match"]) == ("GET", "PUT", '"abc"')
    assert decode(put.content or b"", Deployment) == with_threshold(FASHION, "edge", 0.75)


def test_set_exits_puts_only_what_it_has_read() -> None:
    view = DeploymentView(deployment=FASHION, etag="abc", created_at="", updated_at="")
    rehearsal = Rehearsal(lambda call: Answer(status=200, headers={}, body=encode(view)))
    policies = (ExitPolicy(threshold=0.4), None)
    rehearsal.run(Deployments.set_exits.describe(None, "fashion", policies))
    read, put = rehearsal.calls
    assert (read.method, put.method, put.headers["If-Match"]) == ("GET", "PUT", '"abc"')
    assert decode(put.content or b"", Deployment) == with_exits(FASHION, policies)


def test_exits_that_do_not_fit_are_never_put() -> None:
    view = DeploymentView(deployment=FASHION, etag="abc", created_at="", updated_at="")
    rehearsal = Rehearsal(lambda call: Answer(status=200, headers={}, body=encode(view)))
    with pytest.raises(SettingsError, match="1 exit policies"):
        rehearsal.run(Deployments.set_exits.describe(None, "fashion", [None]))
    assert [call.method for call in rehearsal.calls] == ["GET"]


def waiting(reason: str = "") -> DeploymentStatus:
    workload = WorkloadView(node="edge-1", tier="edge", phase="starting", reason=reason)
    return DeploymentStatus(name="fashion", version=3, ready=False, workloads=(workload,))


READY = DeploymentStatus(name="fashion", version=3, ready=True)


def wait(statuses: Iterator[DeploymentStatus], clock: Iterator[float]) -> DeploymentStatus:
    def answer(call: Call[Any]) -> Answer:
        return Answer(status=200, headers={}, body=encode(next(statuses)))

    flow = Deployments.wait_until_ready.describe(None, "fashion", deadline_s=10, clock=lambda: next(clock))
    return Rehearsal(answer).run(flow)


def test_waiting_ends_with_the_first_status_that_is_ready() -> None:
    assert wait(iter([waiting(), waiting(), READY]), iter([0.0, 1.0, 2.0])) == READY


def test_waiting_ends_at_the_deadline_and_says_what_is_missing() -> None:
    with pytest.raises(DeadlineExceededError, match=r"within 10 s: edge on edge-1 is starting \(loading\)"):
        wait(iter([waiting("loading")] * 2), iter([0.0, 5.0, 10.0]))


def test_a_refusal_ends_the_waiting() -> None:
    rehearsal = Rehearsal(lambda call: Answer(status=404, headers={}, body=b""))
    with pytest.raises(ControlPlaneError, match="404"):
        rehearsal.run(Deployments.wait_until_ready.describe(None, "fashion"))


def test_what_is_missing_is_one_line() -> None:
    unplaced = Unplaced(tier="fog", missing=1, reason="no node has tier=fog")
    status = DeploymentStatus(name="x", version=1, ready=False, workloads=waiting().workloads, unplaced=(unplaced,))
    assert missing(status) == "fog lacks 1 (no node has tier=fog); edge on edge-1 is starting"
    assert missing(READY) == "no workload has reported yet"
