"""What goes on is followed by its changes, here runs, over a control plane that goes away for a while."""

from collections.abc import Callable, Iterable

import pytest

from fogline.run_following import RUNS
from fogline.until_ended import AWAY_S, Following, Lines
from shared.client import Client, ControlPlaneUnreachableError, DeadlineExceededError
from shared.documents import RunState, RunView, Stage, TrainingProgress
from shared.errors import ControlPlaneError

Answer = tuple[RunView, ...] | ControlPlaneError


class Clock:
    """A second passes each time it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def run(state: RunState, *, epoch: int = 1) -> RunView:
    progress = TrainingProgress(attempt=1, stage=Stage.FITTING, epoch=epoch, epochs=3)
    return RunView(
        id=1, request="r", network="n", stream="s", state=state, attempt=1, progress=progress, created_at="now"
    )


def answering(answers: Iterable[Answer]) -> Callable[[], tuple[RunView, ...]]:
    left = iter(answers)

    def ask() -> tuple[RunView, ...]:
        answer = next(left)
        if isinstance(answer, ControlPlaneError):
            raise answer
        return answer

    return ask


def following(answers: Iterable[Answer], *, deadline_s: float | None = None) -> Following[RunView]:
    client = Client("http://localhost", credential="x")
    return Following(
        client=client, ask=answering(answers), words=RUNS, every_s=0.0, deadline_s=deadline_s, clock=Clock()
    )


def test_it_waits_for_the_first_run_and_ends_with_the_last() -> None:
    answers: list[Answer] = [(), (run(RunState.WAITING),), (run(RunState.RUNNING),), (run(RunState.FAILED),)]
    assert following(answers).until_all_ended(lambda views: None) == (run(RunState.FAILED),)


def test_a_control_plane_that_goes_away_for_a_while_ends_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    away = ControlPlaneUnreachableError("nothing answers")
    assert following([away, away, away, (run(RunState.FINISHED),)]).until_all_ended(lambda views: None)
    assert capfd.readouterr().err.count("nothing answers") == 1


def test_one_that_stays_away_or_refuses_ends_it() -> None:
    away: list[Answer] = [ControlPlaneUnreachableError("nothing answers")] * round(AWAY_S + 10)
    with pytest.raises(ControlPlaneUnreachableError):
        following(away).until_all_ended(lambda views: None)
    with pytest.raises(ControlPlaneError, match="no run 1"):
        following([ControlPlaneError("no run 1", status=404)]).until_all_ended(lambda views: None)


def test_a_deadline_names_what_was_waited_for() -> None:
    with pytest.raises(DeadlineExceededError, match="no stream was announced"):
        following([()] * 9, deadline_s=3).until_all_ended(lambda views: None)


def test_a_line_is_said_of_a_change_and_of_no_step() -> None:
    said: list[RunView] = []
    lines = Lines(say=said.append, words=RUNS, clock=lambda: 0.0)
    for view in (run(RunState.RUNNING), run(RunState.RUNNING), run(RunState.RUNNING, epoch=2), run(RunState.FINISHED)):
        lines.show((view,))
    assert [(one.state, one.progress and one.progress.epoch) for one in said] == [
        ("running", 1),
        ("running", 2),
        ("finished", 1),
    ]
