"""What operators and results make of a run."""

from msgspec.structs import replace

from controlplane.run_changes import cancelled, retried, with_result
from controlplane.runs import Run
from shared.documents import RunFile, RunState, VersionName
from tests.controlplane.training import announcement, request, result, run_view_of, source

RUN = Run(
    id=1,
    request=request(number=1),
    network=source(),
    stream="s-1",
    announcement=announcement(),
    state=RunState.RUNNING,
    node="box",
    attempt=3,
    began=10.0,
    created_at=20.0,
)
VERSION = VersionName(model="small", version=1)


def test_a_run_that_is_cancelled_says_by_whom_and_when() -> None:
    after = cancelled(RUN, wall=30.0)
    assert (after.state, after.reason, after.ended_at) == (RunState.CANCELLED, "cancelled by an operator", 30.0)


def test_a_run_that_begins_anew_has_all_its_attempts_and_all_its_time() -> None:
    after = retried(replace(RUN, state=RunState.FAILED, reason="x", ended_at=1.0), now=99.0)
    assert (after.state, after.reason, after.node, after.ended_at) == (RunState.WAITING, "", None, None)
    assert (after.attempt, after.first_attempt, after.began) == (4, 4, 99.0)


def test_the_same_result_again_changes_nothing() -> None:
    said = result(run_view_of(RUN))
    once = with_result(RUN, said, VERSION, wall=30.0)
    assert (once.state, once.versions, once.ended_at) == (RunState.FINISHED, (VERSION,), 30.0)
    assert with_result(once, said, VERSION, wall=40.0) == once


def test_a_result_that_is_not_the_last_leaves_the_run_running() -> None:
    after = with_result(RUN, result(run_view_of(RUN), is_last=False), VERSION, wall=30.0)
    assert (after.state, after.ended_at) == (RunState.RUNNING, None)


def test_of_files_of_one_name_the_last_is_kept() -> None:
    def file(name: str, digit: str) -> RunFile:
        return RunFile(name=name, sha256=digit * 64, size_bytes=1)

    view = run_view_of(RUN)
    first = with_result(RUN, result(view, files=(file("a", "1"), file("b", "1"))), VERSION, wall=1.0)
    second = with_result(first, result(view, files=(file("b", "2"),)), VERSION, wall=2.0)
    assert second.files == (file("a", "1"), file("b", "2"))
