"""Runs: whatever nodes say and wherever placement puts them, they end, and only once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from controlplane import runs
from controlplane.runs import Run
from shared.documents import Phase, RunState, Stage, TrainingProgress, WorkloadStatus
from tests.controlplane.training import announcement, request, source

MOST_ATTEMPTS = 3
DEADLINE_S = 50.0
WAITS = "waits for a node: no node carries gpu=yes"
RUN = Run(
    id=1,
    request=request(number=1, most_attempts=MOST_ATTEMPTS, deadline_s=DEADLINE_S),
    network=source(),
    stream="s-1",
    announcement=announcement(),
    began=0.0,
    created_at=0.0,
)

Happenings = list[tuple[WorkloadStatus | None, str | None, float]]
progresses = st.builds(TrainingProgress, attempt=st.integers(1, 6), stage=st.sampled_from(Stage))
statuses = st.none() | st.builds(
    WorkloadStatus,
    id=st.just("run.1"),
    kind=st.just("training"),
    phase=st.sampled_from(Phase),
    reason=st.sampled_from(["", "NaN loss"]),
    training=st.none() | progresses,
)
happenings = st.lists(st.tuples(statuses, st.none() | st.sampled_from(["a", "b", "c"]), st.floats(0, 20)), max_size=20)


def status(stage: Stage, *, attempt: int = 1, reason: str = "", done: int = 0) -> WorkloadStatus:
    progress = TrainingProgress(attempt=attempt, stage=stage, done=done)
    return WorkloadStatus(id="run.1", kind="training", phase=Phase.RUNNING, reason=reason, training=progress)


def advanced(run: Run, said: WorkloadStatus | None, node: str | None, now: float) -> Run:
    return runs.advance(run, status=said, node=node, waits_for=WAITS, now=now, wall=1000 + now)


def lived(run: Run, happened: Happenings) -> list[Run]:
    story, now = [run], 0.0
    for said, node, seconds in happened:
        now += seconds
        story.append(advanced(story[-1], said, node, now))
    return story


@given(happenings)
def test_what_is_over_stays_over(happened: Happenings) -> None:
    story = lived(RUN, happened)
    for before, after in pairwise(story):
        assert after == before or not before.state.is_final


@given(happenings)
def test_attempts_never_go_back_and_are_never_more_than_allowed(
    happened: Happenings,
) -> None:
    story = lived(RUN, happened)
    for before, after in pairwise(story):
        assert before.attempt <= after.attempt <= before.attempt + 1
        assert after.attempts <= MOST_ATTEMPTS
        if before.node is not None and after.node not in (None, before.node):
            assert after.attempt == before.attempt + 1


@given(happenings)
def test_a_run_is_running_exactly_while_a_node_has_it(
    happened: Happenings,
) -> None:
    for one in lived(RUN, happened):
        if not one.state.is_final:
            assert (one.state is RunState.RUNNING) == (one.node is not None)
        if one.state is RunState.WAITING and one is not RUN:
            assert one.reason
        if one.state is RunState.FAILED:
            assert one.reason
            assert one.ended_at is not None
        assert one.progress is None or one.progress.attempt == one.attempt


@given(happenings)
def test_nothing_goes_on_past_its_deadline(
    happened: Happenings,
) -> None:
    last = lived(RUN, happened)[-1]
    assert advanced(last, None, "a", runs.next_change_at(last) or 0.0).state.is_final


@given(happenings, statuses, st.none() | st.sampled_from(["a", "b"]))
def test_a_world_that_stands_still_comes_to_rest(
    happened: Happenings, said: WorkloadStatus | None, node: str | None
) -> None:
    """Whoever has it says nothing of an attempt that is yet to come."""
    last = lived(RUN, happened)[-1]
    now = last.began
    said = None if said and said.training and said.training.attempt > last.attempt else said
    twice = advanced(advanced(last, said, node, now), said, node, now)
    assert advanced(twice, said, node, now) == twice


def test_a_run_waits_runs_and_takes_over_the_progress_of_its_own_attempt() -> None:
    waiting = advanced(RUN, None, None, 1.0)
    assert (waiting.state, waiting.reason, waiting.attempt) == (RunState.WAITING, WAITS, 1)
    running = advanced(waiting, None, "a", 2.0)
    assert (running.state, running.reason, running.node, running.attempt) == (RunState.RUNNING, "", "a", 1)
    far = advanced(running, status(Stage.FITTING, done=7), "a", 3.0)
    assert far.progress == TrainingProgress(attempt=1, stage=Stage.FITTING, done=7)
    assert advanced(far, status(Stage.JUDGING, attempt=2), "a", 4.0) == far


def test_a_node_that_loses_the_run_uses_up_an_attempt() -> None:
    first = advanced(RUN, None, "a", 1.0)
    second = advanced(first, None, "b", 2.0)
    assert (second.state, second.node, second.attempt, second.progress) == (RunState.RUNNING, "b", 2, None)
    waiting = advanced(second, None, None, 3.0)
    assert (waiting.state, waiting.node, waiting.attempt) == (RunState.WAITING, None, 3)
    last = advanced(waiting, None, "b", 4.0)
    assert (last.state, last.attempt) == (RunState.RUNNING, 3)
    over = advanced(last, None, "a", 5.0)
    assert (over.state, over.attempt, over.node) == (RunState.FAILED, 3, "b")
    assert over.reason == "3 attempts: b could not keep it"


def test_attempts_are_counted_from_the_last_retry() -> None:
    anew = replace(RUN, attempt=4, first_attempt=4, node="a", state=RunState.RUNNING)
    assert advanced(anew, None, "b", 1.0).attempt == 5
    once = replace(anew, request=replace(RUN.request, most_attempts=1))
    assert advanced(once, None, "b", 1.0).reason == "1 attempt: a could not keep it"


def test_what_only_another_document_mends_ends_the_run_with_the_reason() -> None:
    running = advanced(RUN, None, "a", 1.0)
    over = advanced(running, status(Stage.FAILED, reason="label 11 of 10 classes"), "a", 2.0)
    assert (over.state, over.reason, over.ended_at) == (RunState.FAILED, "label 11 of 10 classes", 1002.0)
    assert over.progress is not None
    assert "gave no reason" in advanced(running, status(Stage.FAILED), "a", 2.0).reason


def test_a_node_that_cannot_even_begin_says_why_while_it_tries_again() -> None:
    running = advanced(RUN, None, "a", 1.0)
    said = WorkloadStatus(id="run.1", kind="training", phase=Phase.FAILED, reason="artifact cannot be fetched")
    trying = advanced(running, said, "a", 2.0)
    assert (trying.state, trying.reason) == (RunState.RUNNING, "artifact cannot be fetched")
    assert advanced(trying, status(Stage.READING), "a", 3.0).reason == ""


def test_a_result_that_a_restored_database_lacks_is_made_again() -> None:
    running = advanced(RUN, None, "a", 1.0)
    again = advanced(running, status(Stage.FINISHED), "a", 2.0)
    assert (again.state, again.node, again.attempt) == (RunState.RUNNING, "a", 2)
    assert advanced(again, status(Stage.FINISHED), "a", 3.0) == again


def test_a_deadline_says_what_was_waited_for_or_done() -> None:
    assert runs.next_change_at(RUN) == DEADLINE_S
    waited = advanced(advanced(RUN, None, None, 1.0), None, None, DEADLINE_S)
    assert (waited.state, waited.reason) == (RunState.FAILED, f"not done within 50 s: {WAITS}")
    reading = advanced(advanced(RUN, None, "a", 1.0), status(Stage.READING), "a", 2.0)
    assert advanced(reading, None, "a", DEADLINE_S).reason == "not done within 50 s: stage reading"
    day = replace(RUN, request=replace(RUN.request, deadline_s=86_400.0))
    assert advanced(day, None, "a", 86_400.0).reason.startswith("not done within 86,400 s: ")


def test_a_stream_without_an_end_has_no_deadline() -> None:
    online = replace(RUN, announcement=replace(RUN.announcement, ranges=(), open_topic="open"))
    assert runs.next_change_at(online) is None
    assert advanced(online, status(Stage.FITTING), "a", 1e9).state is RunState.RUNNING


def test_a_clock_that_was_set_back_gives_no_more_than_the_deadline() -> None:
    ahead = advanced(replace(RUN, began=1_000_000.0), None, "a", 10.0)
    assert runs.next_change_at(ahead) == 10.0 + DEADLINE_S


def test_a_cancelled_run_hears_nothing_more() -> None:
    cancelled = replace(RUN, state=RunState.CANCELLED, node="a", ended_at=1.0)
    assert advanced(cancelled, status(Stage.FAILED, reason="x"), "b", 1e9) == cancelled
    assert runs.next_change_at(cancelled) is None
