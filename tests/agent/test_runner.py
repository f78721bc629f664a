"""One runner and one workload, from its first moment to its last."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec

from agent.backoff import Backoff
from agent.kinds import kinds
from agent.runner import Runner, Workshop
from agent.workload import RestartNeededError, RunningWorkload
from agent.workloads import Entry, entries, read
from shared.documents import InferenceWorkload, Phase, Workload, WorkloadStatus
from shared.errors import ClusterError, ModelError
from tests.agent.documents import assignment, workload
from tests.agent.scripted import Scripted


class Stage:
    """What a runner is given, and what happened to it."""

    def __init__(self) -> None:
        self.lives: list[Scripted] = []
        self.seen: list[Phase] = []
        self.changed = asyncio.Condition()
        self.proved: list[Entry] = []
        self._pulse = asyncio.Event()
        self.runner: Runner

    def workshop(self) -> Workshop:
        return Workshop(
            read=lambda entry: read(entry, kinds(), {}),
            build=self.build,
            drain_deadline_s=0.2,
            retry=Backoff(first_s=0.01, cap_s=0.01),
        )

    async def build(self, entry: Entry, document: Workload, changed: Callable[[], None]) -> RunningWorkload:
        assert isinstance(document, InferenceWorkload)
        self.lives.append(Scripted(document, changed))
        self._pulse.set()
        return self.lives[-1]

    def stir(self) -> None:
        self._pulse.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                self._pulse.clear()
                await self._pulse.wait()

    async def life(self, number: int, *, start: bool = True) -> Scripted:
        await self.until(lambda: len(self.lives) == number)
        await asyncio.sleep(0)
        if start:
            self.lives[-1].start()
        return self.lives[-1]

    async def phase(self, phase: Phase) -> WorkloadStatus:
        await self.until(lambda: self.runner.status().phase is phase)
        return self.runner.status()


def entry(document: InferenceWorkload) -> Entry:
    return next(iter(entries(assignment(1, document).workloads).values()))


@asynccontextmanager
async def running(document: InferenceWorkload, proven: Entry | None = None) -> AsyncIterator[Stage]:
    stage = Stage()
    stage.runner = Runner(
        entry(document), stage.workshop(), proven=proven, proved=stage.proved.append, changed=stage.stir
    )
    task = asyncio.create_task(stage.runner.run())
    try:
        yield stage
    finally:
        stage.runner.drain()
        await asyncio.wait_for(task, 10)
        assert stage.runner.running.phase is Phase.STOPPED


async def test_it_starts_runs_drains_and_stops() -> None:
    async with running(workload()) as stage:
        assert stage.runner.status().phase is Phase.STARTING
        await stage.life(1)
        status = await stage.phase(Phase.RUNNING)
        assert status.versions == ("m/1",)
        assert status.revision == entry(workload()).revision


async def test_after_a_crash_it_waits_and_starts_again() -> None:
    async with running(workload()) as stage:
        life = await stage.life(1)
        life.crash.set_exception(ClusterError("broker gone"))
        failed = await stage.phase(Phase.FAILED)
        assert (failed.reason, failed.for_good) == ("broker gone", False)
        await stage.life(2)
        assert (await stage.phase(Phase.RUNNING)).reason == ""


async def test_a_bug_in_a_workload_is_a_failure_of_that_workload() -> None:
    async with running(workload()) as stage:
        (await stage.life(1)).crash.set_exception(ZeroDivisionError("oh"))
        assert (await stage.phase(Phase.FAILED)).reason == "ZeroDivisionError: oh"


async def test_ending_unasked_is_a_failure() -> None:
    async with running(workload()) as stage:
        (await stage.life(1)).crash.set_result(None)
        assert "nobody had asked" in (await stage.phase(Phase.FAILED)).reason


async def test_starting_has_a_deadline() -> None:
    async with running(workload(start_deadline_s=0.05)) as stage:
        starting = stage.runner.status()
        await stage.life(1, start=False)
        assert stage.runner.status().deadline is not None
        assert starting.phase is Phase.STARTING
        assert "did not start within 0.05 s" in (await stage.phase(Phase.FAILED)).reason


async def test_draining_has_a_deadline() -> None:
    async with running(workload()) as stage:
        (await stage.life(1)).stuck = True
        await stage.phase(Phase.RUNNING)
        stage.runner.drain()
        assert (await stage.phase(Phase.DRAINING)).deadline is not None
        assert "did not drain within 0.2 s" in (await stage.phase(Phase.STOPPED)).reason


async def test_what_has_not_started_yet_leaves_at_once() -> None:
    async with running(workload()) as stage:
        (await stage.life(1, start=False)).stuck = True
        stage.runner.drain()
        assert (await stage.phase(Phase.STOPPED)).reason == ""


async def test_what_has_finished_or_failed_for_good_lives_on_until_it_is_drained() -> None:
    for phase, for_good in ((Phase.FINISHED, False), (Phase.FAILED, True), (Phase.FAILED, False)):
        async with running(workload()) as stage:
            life = await stage.life(1)
            await stage.phase(Phase.RUNNING)
            life.phase, life.for_good = phase, for_good
            life.changed()
            status = await stage.phase(phase)
            assert (status.deadline, status.for_good) == (None, for_good)
            assert stage.runner.runs_as_assigned is (phase is Phase.FINISHED)
            assert stage.runner.running.phase is Phase.RUNNING
            stage.runner.drain()
            await stage.phase(Phase.STOPPED)
            assert len(stage.lives) == 1


async def test_what_fails_for_good_before_it_ran_is_not_taken_for_a_document_that_works() -> None:
    async with running(workload()) as stage:
        life = await stage.life(1, start=False)
        life.phase = Phase.FAILED
        life.changed()
        await stage.phase(Phase.FAILED)
        assert stage.proved == []


async def test_what_nothing_but_another_document_mends_has_failed_for_good() -> None:
    broken = replace(entry(workload()), raw=msgspec.Raw(b"{}"), revision="broken")
    async with running(workload()) as stage:
        await stage.life(1, start=False)
        stage.runner.update(broken)
        failed = await stage.phase(Phase.FAILED)
        assert ("missing required field" in failed.reason, failed.for_good) == (True, True)


async def test_an_update_is_applied_to_the_living() -> None:
    async with running(workload()) as stage:
        await stage.life(1)
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(version=2)))
        await stage.until(lambda: stage.runner.status().versions == ("m/2",))
        assert stage.runner.status().revision == entry(workload(version=2)).revision
        assert len(stage.lives) == 1


async def test_an_update_that_is_refused_leaves_the_old_one_running_even_over_a_crash() -> None:
    async with running(workload()) as stage:
        life = await stage.life(1)
        life.refusal = ModelError("not a model")
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(version=2)))
        await stage.until(lambda: stage.runner.status().reason == "not a model")
        assert stage.runner.status().versions == ("m/1",)
        life.crash.set_exception(ClusterError("broker gone"))
        again = await stage.life(2)
        assert again.document == workload()
        assert (await stage.phase(Phase.RUNNING)).reason == "not a model"


async def test_an_update_refused_for_a_passing_reason_is_tried_again() -> None:
    async with running(workload()) as stage:
        life = await stage.life(1)
        life.refusal = ClusterError("broker gone")
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(version=2)))
        await stage.until(lambda: stage.runner.status().reason == "broker gone")
        life.refusal = None
        await stage.until(lambda: stage.runner.status().versions == ("m/2",))
        assert stage.runner.status().reason == ""


async def test_a_document_that_cannot_be_read_leaves_the_old_one_running() -> None:
    broken = replace(entry(workload()), raw=msgspec.Raw(b"{}"), revision="broken")
    async with running(workload()) as stage:
        await stage.life(1)
        await stage.phase(Phase.RUNNING)
        stage.runner.update(broken)
        await stage.until(lambda: "missing required field" in stage.runner.status().reason)
        assert stage.runner.status().phase is Phase.RUNNING


async def test_what_cannot_change_live_is_drained_and_started_anew() -> None:
    async with running(workload()) as stage:
        life = await stage.life(1)
        life.refusal = RestartNeededError("another topic")
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(input_topic="other")))
        again = await stage.life(2)
        assert again.document.input_topic == "other"
        assert (await stage.phase(Phase.RUNNING)).reason == ""


async def test_a_document_that_changes_before_it_serves_is_started_anew() -> None:
    async with running(workload()) as stage:
        await stage.life(1, start=False)
        stage.runner.update(entry(workload(version=2)))
        assert (await stage.life(2)).document == workload(version=2)


async def test_after_a_failure_a_new_document_is_tried_at_once() -> None:
    broken = workload(start_deadline_s=-1.0, versions=())
    async with running(broken) as stage:
        await stage.phase(Phase.FAILED)
        stage.runner.update(entry(workload()))
        await stage.life(1)
        await stage.phase(Phase.RUNNING)


async def test_a_restart_is_no_departure_to_reconcile() -> None:
    async with running(workload()) as stage:
        life = await stage.life(1)
        life.stuck, life.refusal = True, RestartNeededError("another topic")
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(input_topic="other")))
        await stage.phase(Phase.DRAINING)
        assert stage.runner.running.phase is Phase.RUNNING


async def test_a_document_that_is_no_good_here_gives_way_to_the_one_that_worked_before_the_boot() -> None:
    worked = entry(workload())
    async with running(workload(version=2), proven=worked) as stage:
        (await stage.life(1, start=False)).crash.set_exception(ModelError("not a model"))
        await stage.life(2)
        status = await stage.phase(Phase.RUNNING)
        assert (status.versions, status.revision, status.reason) == (("m/1",), worked.revision, "not a model")
        stage.runner.update(entry(workload(version=3)))
        await stage.until(lambda: stage.runner.status().versions == ("m/3",))
        assert stage.runner.status().reason == ""


async def test_a_cluster_that_is_away_is_no_reason_to_go_back() -> None:
    async with running(workload(version=2), proven=entry(workload())) as stage:
        (await stage.life(1, start=False)).crash.set_exception(ClusterError("broker gone"))
        assert (await stage.life(2)).document == workload(version=2)


async def test_a_restart_with_a_document_that_is_no_good_goes_back_to_the_old_one() -> None:
    async with running(workload()) as stage:
        (await stage.life(1)).refusal = RestartNeededError("another decoder")
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(version=2)))
        (await stage.life(2, start=False)).crash.set_exception(ModelError("not a model"))
        assert (await stage.life(3)).document == workload()


async def test_documents_that_work_are_told() -> None:
    async with running(workload()) as stage:
        await stage.life(1)
        await stage.phase(Phase.RUNNING)
        stage.runner.update(entry(workload(version=2)))
        await stage.until(lambda: len(stage.proved) == 2)
    assert [one.revision for one in stage.proved] == [entry(workload(version=n)).revision for n in (1, 2)]
