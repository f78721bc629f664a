"""One window after the other, with a learner of numpy alone."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from agent.training.fitting.departure import DepartedError, Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Arrays
from agent.training.fitting.period import periods
from agent.training.online.checkpoints import checkpoints
from agent.training.online.events import Drifted, OnlineEvent, Published, WindowLearnt
from agent.training.online.fitting import OnlineFitting
from agent.training.online.standing import OnlineStanding
from agent.training.online.windows import Head, Window
from shared.documents import Task, TrainingParameters
from shared.documents.training import Online
from shared.errors import DocumentError, ModelError
from tests.agent.training.fitting.two_exits import CLASSES, FEATURES, TwoExits

RECORDS = 60
PARAMETERS = TrainingParameters(batch=16, seed=5)


class Killed(BaseException):
    pass


class Run:
    """`dies_at`: the n-th thing that is said or published kills it."""

    def __init__(
        self, folder: Path, *, online: Online | None = None, dies_at: int = -1, learner: TwoExits | None = None
    ) -> None:
        self.heard: list[OnlineEvent] = []
        self.damaged: list[str] = []
        self.published: list[Arrays] = []
        self._dies_at = dies_at
        learns = learner or TwoExits()
        (period,) = periods(PARAMETERS, learns.exits)
        kept = checkpoints(folder, run="run", damaged=self.damaged.append)
        self.departure = Departure(lambda: None)
        self.fitting = OnlineFitting(
            learner=learns,
            period=period,
            parameters=PARAMETERS,
            online=online or Online(window=RECORDS, judged_windows=2, margin=0.05),
            task=Task.CLASSIFICATION,
            classes=CLASSES,
            most_rejected=0.05,
            checkpoints=kept,
            publish=self._publish,
            departure=self.departure,
            clock=lambda: 0.0,
            said=self._hear,
        )
        self.fitting.resume(kept.newest())

    def through(self, last: int) -> list[int]:
        """Up to this window; what may be needed again after each."""
        return [self.fitting.learn_from(window(number)) for number in range(self.fitting.standing.window, last + 1)]

    def _hear(self, event: OnlineEvent) -> None:
        self.heard.append(event)
        self._live()

    def _publish(self, standing: OnlineStanding, window: Window, examples: Examples) -> None:
        self.published.append(self.fitting.learner.weights())
        self._live()

    def _live(self) -> None:
        self._dies_at -= 1
        if self._dies_at == 0:
            raise Killed


def window(number: int, *, turned: int = 0, bad: int = 0) -> Window:
    drawn = np.random.default_rng(number)
    labels = np.arange(RECORDS) % CLASSES
    inputs = 2 * np.eye(FEATURES)[labels] + drawn.normal(size=(RECORDS, FEATURES))
    named = (labels + turned) % CLASSES
    named[:bad] = CLASSES
    return Window(head=Head(number=number, positions=((0, number),)), inputs=inputs, labels=named)


def test_a_window_judges_before_it_trains(tmp_path: Path) -> None:
    run = Run(tmp_path)
    before = run.fitting.learner.answers(window(1).inputs)
    run.through(1)
    (learnt,) = [one for one in run.heard if isinstance(one, WindowLearnt)]
    right = (before["cloud"].argmax(axis=1) == window(1).labels).mean()
    assert learnt.scores["cloud"].accuracy == pytest.approx(right)


def test_versions_are_published_as_they_become_better_and_then_no_more(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.through(60)
    published = [one.window for one in run.heard if isinstance(one, Published)]
    assert published[0] == 2
    assert len(published) == len(run.published) < 20
    assert [one.number for one in run.heard if isinstance(one, Published)] == list(range(1, len(published) + 1))


def test_what_is_published_is_what_was_judged(tmp_path: Path) -> None:
    first = Run(tmp_path / "first")
    first.through(1)
    judged = first.fitting.learner.weights()
    first.through(2)
    assert {name: array.tobytes() for name, array in first.published[0].items()} == {
        name: array.tobytes() for name, array in judged.items()
    }


@pytest.mark.parametrize("seed", range(20))
def test_killed_anywhere_it_ends_as_if_it_had_not_been(tmp_path: Path, seed: int) -> None:
    whole = Run(tmp_path / "whole")
    whole.through(12)
    drawn, folder, published = Random(seed), tmp_path / "broken", 0
    while True:
        run = Run(folder, dies_at=drawn.randrange(1, 6))
        try:
            run.through(12)
            break
        except Killed:
            published = max(published, run.fitting.standing.published)
    assert run.fitting.standing == whole.fitting.standing
    assert published <= run.fitting.standing.published
    assert (folder / "00000013.checkpoint").read_bytes() == (tmp_path / "whole" / "00000013.checkpoint").read_bytes()


def test_a_damaged_checkpoint_costs_the_window_that_is_said_to_be_needed(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.through(4) == [1, 2, 3, 4]
    newest = tmp_path / "00000005.checkpoint"
    content = newest.read_bytes()
    newest.write_bytes(content[: len(content) // 2])
    again = Run(tmp_path)
    assert again.fitting.standing.window == 4
    assert "damaged" in again.damaged[0]
    again.through(4)
    assert newest.read_bytes() == content


def test_another_run_does_not_go_on_from_it(tmp_path: Path) -> None:
    Run(tmp_path).through(1)
    with pytest.raises(DocumentError, match="another source"):
        checkpoints(tmp_path, run="another", damaged=print).newest()


def test_asked_to_leave_it_leaves_the_window_for_the_next_process(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.through(1)
    run.departure.asked = True
    with pytest.raises(DepartedError, match="window 2"):
        run.through(2)
    assert Run(tmp_path).fitting.standing.window == 2


def test_a_drift_is_seen(tmp_path: Path) -> None:
    run = Run(tmp_path, online=Online(window=RECORDS, judged_windows=50, margin=0.05))
    run.through(20)
    assert not any(isinstance(one, Drifted) for one in run.heard)
    for number in range(21, 25):
        run.fitting.learn_from(window(number, turned=1))
    assert any(isinstance(one, Drifted) for one in run.heard)


def test_few_labels_that_are_no_class_are_left_out_and_many_end_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.fitting.learn_from(window(1, bad=2))
    assert [one.records for one in run.heard if isinstance(one, WindowLearnt)] == [RECORDS - 2]
    with pytest.raises(DocumentError, match=r"4 of 60 labels of window 2 are no class from 0 to 2.*the first one: 3"):
        run.fitting.learn_from(window(2, bad=4))


@pytest.mark.parametrize("learner", [TwoExits(diverges_at=6), TwoExits(poisoned_at=6)])
def test_a_loss_or_a_weight_that_is_no_number_ends_the_run_and_the_checkpoint_before_stays(
    tmp_path: Path, learner: TwoExits
) -> None:
    run = Run(tmp_path, learner=learner)
    with pytest.raises(ModelError, match="in window 2: lower the learning rate"):
        run.through(3)
    assert Run(tmp_path).fitting.standing.window == 2
