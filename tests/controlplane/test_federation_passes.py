"""Federations follow what nodes say and fail to say, by themselves and over a restart."""

from pathlib import Path

from controlplane.federations import MOST_ENDING_S
from shared.documents import Phase, WorkloadStatus
from shared.documents.federation import Privacy
from shared.documents.federation_workloads import FederationState
from tests.controlplane.federating import (
    NAME,
    PART,
    coordinates,
    coordinator,
    facts,
    founded,
    hands_in,
    outcome,
    progress,
    says,
    stage,
    takes_part,
    tells,
    told,
    view,
)
from tests.controlplane.stage import HandClock, Site, opened
from tests.controlplane.test_scheduler import comes_true


async def is_in(site: Site, state: FederationState) -> bool:
    return (await view(site)).state is state


async def test_a_failure_for_good_makes_a_pass_by_itself(site: Site) -> None:
    hub, north, _ = await stage(site)
    await says(hub, Phase.FAILED, reason="Kafka is away")
    assert await is_in(site, FederationState.WAITING)
    lasting = WorkloadStatus(id=PART, kind="coordinator", phase=Phase.FAILED, reason="no", for_good=True)
    await hub.report(lasting)
    assert await comes_true(lambda: is_in(site, FederationState.FAILED))
    assert await takes_part(north) == []


async def test_a_silent_coordinator_is_replaced_by_itself_and_by_nobody_who_cannot(site: Site) -> None:
    hub, north, _ = await stage(site, stale_after_s=10.0)
    await says(hub)
    other = await coordinator(site, "hub-2")
    site.clock.advance(11)
    await other.report()
    await north.report()

    async def has_moved() -> bool:
        return (await view(site)).coordinator == "hub-2"

    assert await comes_true(has_moved)
    assert (await coordinates(other)).edition == 1


async def test_a_key_that_a_node_tells_reaches_the_coordinator_by_itself(site: Site) -> None:
    hub, north, _ = await stage(site)
    await north.report(facts=facts("inference", "participant", public_key="another"))

    async def is_known() -> bool:
        return (await coordinates(hub)).participants["north"] == "another"

    assert await comes_true(is_known)


async def test_an_ending_that_never_ends_is_over_by_itself(site: Site) -> None:
    hub, _, _ = await stage(site, stale_after_s=1e6)
    await says(hub)
    await tells(hub, progress(3, ended="rounds"))
    site.clock.advance(MOST_ENDING_S)
    assert await comes_true(lambda: is_in(site, FederationState.FAILED))


async def test_over_a_restart_everything_stays_where_it_was(tmp_path: Path) -> None:
    clock = HandClock()
    async with opened(tmp_path, clock) as site:
        hub, north, south = await stage(site, privacy=Privacy(norm=1.0))
        await says(hub)
        await tells(hub, progress(5))
        await told(site, "pause")
        before, given = await view(site), await coordinates(hub)
    clock.advance(3600)
    async with opened(tmp_path, clock) as site:
        for node in (hub, north, south):
            node.site = site
        assert await coordinates(hub) == given
        assert len(await takes_part(north)) == 1
        await says(hub)
        after = await view(site)
        assert (after.state, after.edition, after.coordinator) == (FederationState.PAUSED, 1, "hub")
        assert (after.progress, after.created_at) == (before.progress, before.created_at)
        assert (await tells(hub, progress(6))).status_code == 204
        await site.call("DELETE", f"federations/{NAME}")
    async with opened(tmp_path, clock) as site:
        assert (await founded(site)).edition == 2


async def test_an_outcome_that_was_taken_in_is_acknowledged_again_after_a_restart(tmp_path: Path) -> None:
    clock = HandClock()
    async with opened(tmp_path, clock) as site:
        hub, _, _ = await stage(site)
        await hands_in(hub)
    async with opened(tmp_path, clock) as site:
        hub.site = site
        again = await tells(hub, progress(3, ended="rounds"), outcome())
        assert again.status_code == 204
        assert (await view(site)).version == 1
