"""Runs over HTTP: shown as they stand, ended and begun anew by an operator, finished by the node that has them."""

from typing import Any

import msgspec
import pytest

from controlplane.documents_in_http import Paged
from shared.documents import (
    Phase,
    Problem,
    RunState,
    RunView,
    Stage,
    TrainingProgress,
    WorkloadStatus,
    decode,
)
from shared.documents.stream import Kept
from tests.controlplane.stage import Node, Site
from tests.controlplane.training import report, run, running, upload


async def says(node: Node, of: RunView, stage: Stage, **more: Any) -> None:  # noqa: ANN401 - fields of a document
    progress = TrainingProgress(attempt=of.attempt, stage=stage, **more)
    await node.report(WorkloadStatus(id=f"run.{of.id}", kind="training", phase=Phase.RUNNING, training=progress))


async def test_a_run_shows_how_far_it_has_come_and_until_when_it_may(site: Site) -> None:
    node, before = await running(site, deadline_s=3600)
    assert (before.state, before.node, before.attempt) == (RunState.RUNNING, "box", 1)
    assert before.deadline == before.created_at.replace("T08", "T09")
    await says(node, before, Stage.FITTING, done=5, total=10)
    progress = (await run(site)).progress
    assert progress is not None
    assert (progress.stage, progress.done, progress.total) == (Stage.FITTING, 5, 10)


async def test_runs_are_listed_by_request_and_state(site: Site) -> None:
    await running(site, "small", "large")
    await site.call("POST", "runs/1/cancel")
    for query, ids in {
        "": [2, 1],
        "?state=cancelled": [1],
        "?request=hourly": [2, 1],
        "?request=other": [],
        "?request=hourly&state=finished": [],
        "?before=2": [1],
        "?limit=1": [2],
    }.items():
        assert [one.id for one in (await site.ask(Paged[RunView], "GET", f"runs{query}")).items] == ids
    assert (await site.call("GET", "runs?state=odd")).status_code == 422


async def test_runs_come_in_pages_the_latest_first(site: Site) -> None:
    await running(site, "small", "large", "huge")
    first = await site.ask(Paged[RunView], "GET", "runs?limit=2")
    assert ([one.id for one in first.items], first.next) == ([3, 2], "2")
    last = await site.call("GET", f"runs?limit=2&before={first.next}")
    assert [one["id"] for one in last.json()["items"]] == [1]
    assert "next" not in last.json()


async def test_a_cancelled_run_leaves_its_node_and_is_over(site: Site) -> None:
    node, _ = await running(site)
    assert b'"run.1"' in msgspec.json.encode(await node.assignment())
    cancelled = await site.ask(RunView, "POST", "runs/1/cancel")
    assert (cancelled.state, cancelled.deadline) == (RunState.CANCELLED, None)
    assert cancelled.ended_at is not None
    assert (await site.call("POST", "runs/1/cancel")).status_code == 409
    assert b'"run.1"' not in msgspec.json.encode(await node.assignment())


async def test_a_run_that_was_ended_begins_anew_with_all_its_attempts(site: Site) -> None:
    await running(site)
    assert (await site.call("POST", "runs/1/retry")).status_code == 409
    await site.call("POST", "runs/1/cancel")
    again = await site.ask(RunView, "POST", "runs/1/retry")
    assert (again.state, again.attempt, again.ended_at) == (RunState.RUNNING, 2, None)


async def test_a_run_does_not_begin_anew_on_a_stream_that_is_gone(site: Site) -> None:
    node, _ = await running(site)
    await site.call("POST", "runs/1/cancel")
    site.clock.advance(1)
    await report(node, kept=(Kept(topic="data", partition=0, first=100, last=100),))
    refused = await site.call("POST", "runs/1/retry")
    assert (refused.status_code, "expired" in decode(refused.content, Problem).detail) == (409, True)


@pytest.mark.parametrize("path", ["runs/7", "runs/7/cancel", "runs/7/retry"])
async def test_a_run_that_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert (await site.call("POST" if path.count("/") == 2 else "GET", path)).status_code == 404


async def test_an_operator_sees_what_a_node_trains_without_the_secrets_of_its_cluster(site: Site) -> None:
    node, _ = await running(site)
    shown = await site.call("GET", f"nodes/{node.name}/assignment")
    assert shown.status_code == 200
    assert {one["kind"] for one in shown.json()["workloads"]} == {"announcements", "training"}


async def test_a_node_uploads_while_it_trains_and_not_otherwise(site: Site) -> None:
    node, _ = await running(site)
    assert (await upload(node, b"x")).status_code == 200
    await site.call("POST", "runs/1/cancel")
    assert (await upload(node, b"y")).status_code == 403
