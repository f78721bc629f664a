"""What watchers tell: every stream is kept once, and starts what waits for it, once."""

import pytest

from controlplane.documents_in_http import Paged
from controlplane.store import events
from shared.documents import Cluster, RunView
from shared.documents.stream import Kept, StreamView
from tests.controlplane.stage import Site
from tests.controlplane.training import (
    CONTROL,
    announced,
    announcement,
    found,
    networked,
    put,
    report,
    running,
    trainer,
    wanted,
)


async def streams(site: Site) -> tuple[StreamView, ...]:
    return (await site.ask(Paged[StreamView], "GET", "streams")).items


async def runs(site: Site) -> tuple[RunView, ...]:
    return (await site.ask(Paged[RunView], "GET", "runs")).items


async def told(site: Site, kind: str) -> list[dict[str, object]]:
    """What events of this kind say."""
    return [
        event.detail
        for event in await site.plane.database.run(lambda session: events.after(session, 0, limit=1000))
        if event.kind == kind
    ]


async def test_an_announced_stream_starts_a_run_and_is_shown_with_it(site: Site) -> None:
    _, run = await running(site)
    (stream,) = await streams(site)
    assert (run.stream, run.request, run.network) == (stream.id, "hourly", "small")
    assert (stream.number, stream.control_topic, stream.runs, stream.expired) == (1, CONTROL, (1,), "")


async def test_told_again_or_announced_again_it_is_one_stream_and_one_run(site: Site) -> None:
    node, _ = await running(site)
    again = found(site, announcement())
    for record in (again, again, found(site, announcement(), offset=5)):
        assert (await report(node, record)).status_code == 204
    assert (len(await streams(site)), len(await runs(site))) == (1, 1)
    assert len(await told(site, "stream_announced")) == 1


async def test_the_same_stream_announced_to_another_request_is_trained_by_that_too(site: Site) -> None:
    node, _ = await running(site)
    await wanted(site, name="daily")
    await announced(node, number=2, offset=1)
    (stream,) = await streams(site)
    assert (stream.number, stream.runs) == (2, (1, 2))


async def test_an_announcement_that_nobody_waits_for_is_kept_and_said(site: Site) -> None:
    await networked(site)
    await wanted(site)
    node = await trainer(site)
    await announced(node, number=9)
    await announced(node, announcement("old"), offset=1, older_s=61)
    assert (len(await streams(site)), await runs(site)) == (2, ())
    assert [one["reason"] for one in await told(site, "announcement_unmatched")] == [
        "no training request has the number 9",
        "announced before training request hourly waited for it",
    ]


async def test_a_refused_announcement_is_said_once_with_its_place(site: Site) -> None:
    await networked(site)
    await wanted(site)
    node = await trainer(site)
    broken = found(site, None, offset=7, refused="no JSON")
    for _ in range(2):
        assert (await report(node, broken)).status_code == 204
    assert await told(site, "announcement_refused") == [{"record": f"{CONTROL}:0:7", "reason": "no JSON"}]
    assert await streams(site) == ()


async def test_a_topic_made_anew_repeats_offsets_and_its_announcements_count(site: Site) -> None:
    node, _ = await running(site)
    site.clock.advance(1)
    await announced(node, announcement("anew"))
    assert len(await runs(site)) == 2


async def test_what_a_stream_has_lost_is_shown(site: Site) -> None:
    node, _ = await running(site)
    for first, gone in ((0, ""), (40, "expired up to data:0:40"), (100, "expired")):
        site.clock.advance(1)
        await report(node, kept=(Kept(topic="data", partition=0, first=first, last=100),))
        (stream,) = await streams(site)
        assert stream.expired == gone
        assert stream.looked_at is not None


async def test_only_a_node_that_watches_a_control_topic_tells_of_it(site: Site) -> None:
    await networked(site)
    await wanted(site, selector={"tier": "cloud"})
    stranger = await trainer(site)
    assert (await report(stranger, found(site, announcement()))).status_code == 409
    watcher = await site.enrol("cloud-1", facts=stranger.facts)
    await site.call("PUT", "nodes/cloud-1/labels", {"labels": {"tier": "cloud"}})
    assert (await report(watcher, found(site, announcement()), cluster="other")).status_code == 409
    assert (await report(watcher, found(site, announcement()))).status_code == 204
    watcher.name = "box"
    assert (await report(watcher, found(site, announcement()))).status_code == 403


async def test_a_long_topic_read_for_the_first_time_does_not_fill_the_log(site: Site) -> None:
    await networked(site)
    await wanted(site)
    node = await trainer(site)
    records = [found(site, None, offset=offset, refused="no JSON") for offset in range(60)]
    assert (await report(node, *records)).status_code == 204
    assert len(await told(site, "announcement_refused")) == 50
    assert await told(site, "announcements_untold") == [{"announcement_refused": 10}]


async def test_streams_come_in_pages_the_latest_first(site: Site) -> None:
    node, _ = await running(site)
    await put(site, "clusters/other", Cluster(name="other", bootstrap_servers=("kafka:9092",)))
    for offset in range(1, 5):
        site.clock.advance(1)
        await announced(node, announcement(f"data-{offset}"), number=9, offset=offset)
    pages, query = list[tuple[str, ...]](), "?limit=2&cluster=main"
    while query:
        page = await site.ask(Paged[StreamView], "GET", f"streams{query}")
        pages.append(tuple(one.announcement.ranges[0].topic for one in page.items))
        if page.next is not None:
            # One that moves to the top meanwhile is in no later page, and nothing is there twice.
            site.clock.advance(1)
            await announced(node, announcement("data-4"), number=9, offset=10 + len(pages))
        query = f"?limit=2&cluster=main&before={page.next}" if page.next else ""
    assert pages == [("data-4", "data-3"), ("data-2", "data-1"), ("data",)]
    assert (await site.ask(Paged[StreamView], "GET", "streams?cluster=other")).items == ()


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "before=s-0123456789abcdef", "before=1.0"])
async def test_a_page_that_cannot_be_is_refused(site: Site, query: str) -> None:
    assert (await site.call("GET", f"streams?{query}")).status_code == 422
