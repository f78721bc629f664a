"""Training requests: numbered once, checked by field, and able to train again on what is known."""

from typing import Any

import pytest

from controlplane.documents_in_http import Items
from shared.documents import (
    Configuration,
    Problem,
    ReuseRequest,
    RunView,
    Task,
    TrainingParameters,
    TrainingRequest,
    TrainingRequestStatus,
    VersionName,
    decode,
)
from shared.documents.stream import Kept, StreamView
from tests.controlplane.stage import Site
from tests.controlplane.training import (
    announced,
    announcement,
    networked,
    put,
    report,
    request,
    running,
    trainer,
    wanted,
)


async def problem(site: Site, method: str, path: str, document: object) -> Problem:
    return decode((await site.call(method, path, document)).content, Problem)


async def test_a_number_that_is_left_out_is_the_least_free_and_stays(site: Site) -> None:
    await networked(site)
    assert (await wanted(site, name="a", number=1)).number == 1
    assert (await wanted(site, name="b")).number == 2
    assert (await site.call("DELETE", "training-requests/a")).status_code == 204
    assert (await wanted(site, name="b", parameters=TrainingParameters(epochs=3))).number == 2
    assert (await wanted(site, name="c")).number == 1
    listed = await site.ask(Items[TrainingRequest], "GET", "training-requests")
    assert [(one.name, one.number) for one in listed.items] == [("b", 2), ("c", 1)]


async def test_a_number_that_another_has_is_refused(site: Site) -> None:
    await networked(site)
    await wanted(site, name="a", number=7)
    refused = await problem(site, "PUT", "training-requests/b", request("b", number=7))
    assert (refused.status, refused.field) == (409, "number")
    assert (await wanted(site, name="a", number=8)).number == 8


async def test_a_request_is_put_with_the_tag_of_what_was_seen(site: Site) -> None:
    await networked(site)
    created = await site.call("PUT", "training-requests/hourly", request())
    etag = created.headers["etag"]
    assert (created.status_code, (await site.call("GET", "training-requests/hourly")).headers["etag"]) == (201, etag)
    same = await site.call("PUT", "training-requests/hourly", request(), headers={"If-Match": etag})
    other = await site.call("PUT", "training-requests/hourly", request(), headers={"If-Match": '"other"'})
    assert (same.status_code, same.headers["etag"], other.status_code) == (200, etag, 412)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"configuration": "none"}, "configuration"),
        ({"cluster": "none"}, "cluster"),
        ({"start_from": VersionName(model="small", version=1)}, "start_from"),
        ({"name": "other"}, "name"),
        ({"classes": 3, "labels": ("a", "b")}, "labels"),
    ],
)
async def test_a_request_that_names_what_is_not_there_or_does_not_fit_is_refused_by_field(
    site: Site, changes: dict[str, Any], field: str
) -> None:
    await networked(site)
    refused = await problem(site, "PUT", "training-requests/hourly", request(**{"name": "hourly", **changes}))
    assert (refused.status, refused.field) == (422, field)


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": ("a", "b")},
        {"classes": 3},
        {"classes": 2, "labels": ("a", "b")},
        {"task": Task.VALUES, "labels": ("a",)},
    ],
)
async def test_names_are_counted_where_the_request_says_how_many_classes_there_are(
    site: Site, fields: dict[str, Any]
) -> None:
    await networked(site)
    assert (await wanted(site, **fields)).name == "hourly"


async def test_a_stream_that_is_known_is_trained_on_again(site: Site) -> None:
    await running(site)
    (stream,) = (await site.ask(Items[StreamView], "GET", "streams")).items
    runs = await site.ask(Items[RunView], "POST", "training-requests/hourly/runs", ReuseRequest(stream=stream.id))
    assert [(one.id, one.stream) for one in runs.items] == [(2, stream.id)]
    assert (await site.ask(StreamView, "GET", f"streams/{stream.id}")).runs == (1, 2)


async def test_each_network_of_the_configuration_is_trained(site: Site) -> None:
    await running(site, "small", "large")
    runs = (await site.ask(Items[RunView], "GET", "runs?request=hourly")).items
    assert [one.network for one in runs] == ["large", "small"]


async def test_a_stream_that_is_not_whole_any_more_is_refused_with_what_is_gone(site: Site) -> None:
    node, run = await running(site)
    site.clock.advance(1)
    kept = Kept(topic="data", partition=0, first=40, last=100)
    assert (await report(node, kept=(kept,))).status_code == 204
    refused = await problem(site, "POST", "training-requests/hourly/runs", ReuseRequest(stream=run.stream))
    assert (refused.status, refused.field) == (409, "stream")
    assert "expired up to data:0:40" in refused.detail


async def test_a_stream_of_another_cluster_is_refused(site: Site) -> None:
    _, run = await running(site)
    await put(site, "clusters/other", {"name": "other", "bootstrap_servers": ["kafka:9092"]})
    await wanted(site, name="elsewhere", cluster="other")
    for stream in (run.stream, "s-none"):
        refused = await problem(site, "POST", "training-requests/elsewhere/runs", ReuseRequest(stream=stream))
        assert (refused.status, refused.field) == (422, "stream")


async def test_what_was_announced_a_moment_before_its_request_is_trained_on(site: Site) -> None:
    await networked(site)
    await wanted(site, name="watched", number=99)
    node = await trainer(site)
    await announced(node, number=1, older_s=59)
    await announced(node, announcement("older"), number=1, older_s=61, offset=1)
    await wanted(site, number=1)
    runs = (await site.ask(Items[RunView], "GET", "runs")).items
    assert len(runs) == 1
    stream = await site.ask(StreamView, "GET", f"streams/{runs[0].stream}")
    assert stream.announcement == announcement()


async def test_a_network_that_comes_later_is_trained_on_later_streams_alone(site: Site) -> None:
    node, _ = await running(site, "small", "large")
    await put(site, "configurations/first", Configuration(name="first", networks=("small",)))
    await announced(node, announcement("next"), offset=1)
    assert len((await site.ask(Items[RunView], "GET", "runs")).items) == 3


async def test_a_request_says_whether_anybody_reads_what_is_announced_to_it(site: Site) -> None:
    await networked(site)
    await wanted(site)
    path = "training-requests/hourly/status"
    before = await site.ask(TrainingRequestStatus, "GET", path)
    assert (before.number, before.runs) == (1, ())
    assert "enrol" in before.unwatched
    await announced(await trainer(site))
    assert await site.ask(TrainingRequestStatus, "GET", path) == TrainingRequestStatus(
        name="hourly", number=1, runs=(1,)
    )
    assert (await site.call("GET", "training-requests/none/status")).status_code == 404
