"""Streams that are gone and were of no use are forgotten in time; whatever a run names, or is there, stays."""

from shared.documents.stream import Kept
from tests.controlplane.stage import Node, Site
from tests.controlplane.training import announced, announcement, networked, report, running, trainer, wanted

RETENTION_S = 2_592_000.0


async def listed(site: Site) -> list[str]:
    items = (await site.call("GET", "streams")).json()["items"]
    return sorted(one["announcement"]["ranges"][0]["topic"] for one in items)


async def unmatched(site: Site, *topics: str) -> Node:
    """Streams that nobody waits for."""
    await networked(site)
    await wanted(site)
    node = await trainer(site)
    for offset, topic in enumerate(topics):
        await announced(node, announcement(topic), number=9, offset=offset)
    site.clock.advance(1)
    return node


async def holds(node: Node, **first: int) -> None:
    """By topic, where the log of 100 records begins by now."""
    await report(node, kept=tuple(Kept(topic=topic, partition=0, first=at, last=100) for topic, at in first.items()))


async def swept_after(site: Site, seconds: float) -> list[str]:
    site.clock.advance(seconds)
    await site.plane.expired_streams.sweep()
    return await listed(site)


async def test_what_is_wholly_gone_for_long_is_forgotten_and_the_rest_is_not(site: Site) -> None:
    node = await unmatched(site, "gone", "half", "unseen", "whole")
    await holds(node, gone=100, half=40, whole=0)
    assert await swept_after(site, 0) == ["gone", "half", "unseen", "whole"]
    assert await swept_after(site, RETENTION_S) == ["gone", "half", "unseen", "whole"]
    assert await swept_after(site, 1) == ["half", "unseen", "whole"]


async def test_what_was_announced_long_ago_is_still_said_to_be_expired(site: Site) -> None:
    node = await unmatched(site, "gone")
    assert await swept_after(site, 10 * RETENTION_S) == ["gone"]
    await holds(node, gone=100)
    assert await swept_after(site, 1) == ["gone"]
    (stream,) = (await site.call("GET", "streams")).json()["items"]
    assert stream["expired"] == "expired"


async def test_what_was_missed_by_one_look_alone_is_there_again(site: Site) -> None:
    node = await unmatched(site, "gone")
    await holds(node, gone=100)
    await swept_after(site, 0)
    site.clock.advance(1)
    await holds(node, gone=0)
    assert await swept_after(site, RETENTION_S / 2) == ["gone"]
    await holds(node, gone=100)
    assert await swept_after(site, RETENTION_S) == ["gone"]


async def test_a_stream_with_a_run_stays_for_what_was_made_of_it(site: Site) -> None:
    node, run = await running(site)
    site.clock.advance(1)
    await holds(node, data=100)
    await site.call("POST", f"runs/{run.id}/cancel")
    for _ in range(2):
        assert await swept_after(site, 2 * RETENTION_S) == ["data"]
    assert (await site.call("GET", f"streams/{run.stream}")).json()["expired"] == "expired"


async def test_what_is_forgotten_is_not_brought_back_by_reading_the_same_record_again(site: Site) -> None:
    node = await unmatched(site, "gone")
    before = site.clock.seconds
    await holds(node, gone=100)
    await swept_after(site, 0)
    assert await swept_after(site, RETENTION_S + 1) == []
    # The record as it was written then.
    await announced(node, announcement("gone"), number=9, older_s=site.clock.seconds - before + 1)
    assert await listed(site) == []
    await announced(node, announcement("gone"), number=9, offset=7)
    assert await listed(site) == ["gone"]
