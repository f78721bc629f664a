"""Nodes that are well are not taken for silent: what would do so is refused, or said where it cannot be."""

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlplane.patience import INTERVALS, hurry
from shared.documents import Problem, decode
from shared.documents.profile import Profiling
from tests.controlplane.stage import FACTS, Site, deployment, opened
from tests.controlplane.test_profile_routes import profiling, trained
from tests.controlplane.training import networked, request

OFTEN, SELDOM = (msgspec.structs.replace(FACTS, report_interval_s=interval) for interval in (1.0, 15.0))
LINE = "20 s, but node slow reports every 15 s and would be taken for silent while it is well: at least 30"


@given(st.floats(0.1, 1e4), st.dictionaries(st.text("abc", min_size=1), st.floats(0.1, 1e4)))
def test_twice_the_longest_interval_is_patience_enough(stale_after_s: float, intervals: dict[str, float]) -> None:
    least = INTERVALS * max(intervals.values(), default=0.0)
    assert (hurry(stale_after_s, intervals) == "") is (stale_after_s >= least)
    assert hurry(max(least, 0.1), intervals) == ""
    assert "\n" not in hurry(stale_after_s, intervals)


async def refused(site: Site, path: str, document: object, **options: Any) -> Problem:  # noqa: ANN401 - httpx's
    response = await site.call("PUT", path, document, **options)
    assert response.status_code == 422, response.text
    return decode(response.content, Problem)


async def test_a_deployment_in_more_of_a_hurry_than_its_nodes_is_refused(site: Site) -> None:
    await site.register("edge")
    await site.enrol("slow", facts=SELDOM, tier="edge")
    await site.enrol("quick", facts=OFTEN, tier="edge")
    for dry_run in ("false", "true"):
        problem = await refused(
            site, "deployments/net", deployment("edge", stale_after_s=20), params={"dry_run": dry_run}
        )
        assert (problem.field, LINE in problem.detail) == ("stale_after_s", True)
    await site.deploy(deployment("edge", stale_after_s=30))


async def test_only_nodes_that_may_get_a_share_count_and_those_that_say_nothing_do_not(site: Site) -> None:
    await site.register("edge")
    await site.enrol("slow", facts=SELDOM, tier="cloud")
    await site.enrol("earlier", tier="edge")
    await site.deploy(deployment("edge", stale_after_s=20))


async def test_what_is_there_may_be_changed_when_a_slow_node_has_come_since(site: Site) -> None:
    await site.register("edge")
    await site.deploy(deployment("edge", stale_after_s=20))
    await site.enrol("slow", facts=SELDOM, tier="edge")
    await site.deploy(deployment("edge", stale_after_s=20, threshold=0.1))
    assert (await refused(site, "deployments/net", deployment("edge", stale_after_s=21))).field == "stale_after_s"


async def test_a_training_request_in_a_hurry_is_refused(site: Site) -> None:
    await networked(site)
    await site.enrol("slow", facts=SELDOM, gpu="yes")
    document = request(stale_after_s=20.0, selector={"gpu": "yes"})
    problem = await refused(site, "training-requests/hourly", document)
    assert (problem.field, LINE in problem.detail) == ("stale_after_s", True)
    elsewhere = msgspec.structs.replace(document, selector={"gpu": "no"})
    assert (await site.call("PUT", "training-requests/hourly", elsewhere)).status_code == 201


async def test_a_profile_in_a_hurry_is_refused(site: Site) -> None:
    await trained(site)
    await site.enrol("slow", facts=SELDOM, tier="edge")
    wanted: Profiling = profiling(stale_after_s=20.0)
    problem = await refused(site, "profiles/small", wanted)
    assert (problem.field, LINE in problem.detail) == ("stale_after_s", True)


async def test_the_setting_is_warned_of_when_a_node_enrols_and_at_each_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with opened(tmp_path, stale_after_s=20) as site:
        await site.enrol("quick", facts=OFTEN)
        assert not caplog.messages
        await site.enrol("slow", facts=SELDOM)
    async with opened(tmp_path, site.clock, stale_after_s=20):
        pass
    async with opened(tmp_path, site.clock, stale_after_s=45):
        pass
    assert [message.startswith(f"--stale-after-s: {LINE}") for message in caplog.messages] == [True, True]
