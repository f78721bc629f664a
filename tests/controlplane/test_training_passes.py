"""Runs and watches are placed, moved and taken away as nodes come, speak, fall silent and go."""

from pathlib import Path

from controlplane.store import clusters, placements
from controlplane.store import events as stored_events
from shared.documents import (
    Drift,
    Event,
    Phase,
    RunState,
    RunView,
    Stage,
    TrainingProgress,
    WorkloadHead,
    WorkloadStatus,
    decode,
)
from shared.documents.training_workloads import AnnouncementsWorkload, TrainingWorkload
from tests.controlplane.stage import HandClock, Node, Site, deployment, opened
from tests.controlplane.test_scheduler import comes_true
from tests.controlplane.training import (
    CONTROL,
    TRAINER,
    announced,
    hand_in,
    networked,
    run,
    running,
    trainer,
    wanted,
)

WATCH = f"announcements.main.{CONTROL}"


def said(
    stage: Stage, *, id_: int = 1, attempt: int = 1, reason: str = "", drift: Drift | None = None
) -> WorkloadStatus:
    phase = {Stage.FAILED: Phase.FAILED, Stage.FINISHED: Phase.FINISHED}.get(stage, Phase.RUNNING)
    progress = TrainingProgress(attempt=attempt, stage=stage, drift=drift)
    return WorkloadStatus(id=f"run.{id_}", kind="training", phase=phase, reason=reason, training=progress)


async def given(node: Node) -> dict[str, bytes]:
    """What the node is to run, by id."""
    raws = [bytes(raw) for raw in (await node.assignment()).workloads]
    return {decode(raw, WorkloadHead).id: raw for raw in raws}


async def events(site: Site, kind: str) -> list[Event]:
    everything = await site.plane.database.run(lambda session: stored_events.after(session, 0, limit=1000))
    return [event for event in everything if event.kind == kind]


async def becomes(site: Site, state: RunState, *, id_: int = 1) -> RunView:
    async def has_become() -> bool:
        return (await run(site, id_)).state is state

    assert await comes_true(has_become)
    return await run(site, id_)


async def test_a_watch_and_a_run_lie_on_the_node_that_can_do_both(site: Site) -> None:
    node, view = await running(site)
    assert (view.state, view.node, view.attempt) == (RunState.RUNNING, "box", 1)
    workloads = await given(node)
    assert sorted(workloads) == [WATCH, "run.1"]
    watch = decode(workloads[WATCH], AnnouncementsWorkload)
    assert [str(one) for one in watch.looked_after] == ["data:0:0:100"]
    training = decode(workloads["run.1"], TrainingWorkload)
    assert (training.run, training.attempt, training.stream) == (1, 1, view.stream)
    assert [event.detail for event in await events(site, "run_placed")] == [{"attempt": 1, "node": "box"}]


async def test_a_node_runs_one_run_after_the_other(site: Site) -> None:
    node, first = await running(site, "small", "large")
    second = await run(site, 2)
    assert (first.state, second.state) == (RunState.RUNNING, RunState.WAITING)
    assert second.reason.startswith("waits for a node: ")
    assert "box: busy: it runs one training at a time" in second.reason
    assert (await hand_in(node, first)).is_success
    await site.place()
    assert (await run(site, 2)).state is RunState.RUNNING
    assert sorted(await given(node)) == [WATCH, "run.2"]


async def test_what_a_node_says_ends_the_run_without_anybody_asking(site: Site) -> None:
    node, _ = await running(site, "small", "large")
    await node.report(said(Stage.FAILED, reason="the loss is not a number"))
    view = await becomes(site, RunState.FAILED)
    assert view.reason == "the loss is not a number"
    assert view.ended_at is not None
    await becomes(site, RunState.RUNNING, id_=2)
    assert [event.subject for event in await events(site, "run_failed")] == ["run/1"]


async def test_a_drift_is_told_once_and_the_next_one_again(site: Site) -> None:
    node, _ = await running(site)
    for window, record in ((3, 40), (3, 40), (5, 0)):
        await node.report(said(Stage.FITTING, drift=Drift(window=window, record=record)))
        await site.place()
    drifts = [(event.subject, event.detail) for event in await events(site, "run_drifted")]
    assert drifts == [("run/1", {"window": 3, "record": 40}), ("run/1", {"window": 5, "record": 0})]


async def test_a_drift_is_told_without_anybody_asking(site: Site) -> None:
    node, _ = await running(site)
    await node.report(said(Stage.FITTING))
    await node.report(said(Stage.FITTING, drift=Drift(window=3, record=40)))

    async def is_told() -> bool:
        return bool(await events(site, "run_drifted"))

    assert await comes_true(is_told)


async def test_a_silent_node_keeps_its_run_until_another_node_can_take_it(site: Site) -> None:
    silent, _ = await running(site, stale_after_s=60.0)
    await silent.report(said(Stage.FITTING))
    site.clock.advance(61)
    await site.place()
    assert (await run(site)).node == "box"
    other = await site.enrol("other", facts=TRAINER)
    await other.report()
    await site.place()
    view = await run(site)
    assert (view.node, view.attempt, view.state, view.progress) == ("other", 2, RunState.RUNNING, None)
    assert decode((await given(other))["run.1"], TrainingWorkload).attempt == 2
    assert [event.detail["node"] for event in await events(site, "run_moved")] == ["other"]
    await silent.report(said(Stage.FINISHED))
    await site.place()
    assert await run(site) == view


async def test_attempts_are_used_up_and_the_node_is_free_for_the_next_run(site: Site) -> None:
    node, _ = await running(site, "small", "large", most_attempts=1)
    other = await site.enrol("other", facts=TRAINER)
    await other.report()
    await site.place()
    assert (await run(site, 2)).node == "other"
    await site.call("POST", f"nodes/{node.name}/drain")
    assert (await run(site)).reason == "1 attempt: box could not keep it"
    assert (await run(site, 2)).state is RunState.RUNNING
    assert "run.1" not in await given(node)


async def test_a_run_whose_node_is_removed_waits_for_another(site: Site) -> None:
    await running(site)
    await site.call("DELETE", "nodes/box")
    view = await run(site)
    assert (view.state, view.node, view.attempt) == (RunState.WAITING, None, 2)
    await trainer(site, "new")
    assert ((await run(site)).node, (await run(site)).attempt) == ("new", 2)


async def test_a_run_ends_at_its_deadline_with_nobody_asking(site: Site) -> None:
    node, _ = await running(site, deadline_s=3600.0)
    site.clock.advance(3601)
    view = await becomes(site, RunState.FAILED)
    assert view.reason == "not done within 3,600 s: nothing was heard of it"

    async def is_gone() -> bool:
        return "run.1" not in await given(node)

    assert await comes_true(is_gone)


async def test_a_cancelled_run_is_taken_away(site: Site) -> None:
    node, _ = await running(site)
    assert (await site.call("POST", "runs/1/cancel")).is_success
    assert sorted(await given(node)) == [WATCH]


async def test_a_request_that_nobody_watches_is_told_once(site: Site) -> None:
    await networked(site)
    await wanted(site)
    await site.place()
    assert site.plane.scheduler.unwatched["hourly"].startswith("no node carries any labels")
    assert [event.subject for event in await events(site, "training_request_unwatched")] == ["training-request/hourly"]
    await trainer(site)
    assert site.plane.scheduler.unwatched == {}


async def test_a_cluster_that_is_gone_stops_no_pass(site: Site) -> None:
    node, _ = await running(site)
    await site.plane.database.run(lambda session: clusters.remove(session, "main"))
    await site.place()
    view = await run(site)
    assert (view.state, view.reason) == (
        RunState.WAITING,
        "waits for cluster main: there is none of this name, put it",
    )
    assert await given(node) == {}


async def test_a_run_outlives_a_restart(tmp_path: Path) -> None:
    clock = HandClock()
    async with opened(tmp_path, clock) as site:
        node, view = await running(site)
        await node.report(said(Stage.FITTING))
    async with opened(tmp_path, clock) as site:
        await site.place()
        after = await run(site)
        assert (after.state, after.node, after.attempt) == (view.state, view.node, view.attempt)
        assert after.progress is not None


async def test_a_deployment_that_is_removed_leaves_no_placement(site: Site) -> None:
    await site.register("edge")
    await site.enrol("edge-1", tier="edge")
    await site.deploy(deployment("edge"))
    assert [one.owner for one in await site.plane.database.run(placements.everyone)] == ["deployment/net"]
    await site.call("DELETE", "deployments/net")
    assert await site.plane.database.run(placements.everyone) == []


async def test_a_stream_announced_again_for_the_same_request_starts_nothing(site: Site) -> None:
    node, _ = await running(site)
    await announced(node, offset=1)
    assert (await site.call("GET", "runs/2")).status_code == 404
