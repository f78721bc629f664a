"""The loop, by a learner of numpy: the same result however often it dies, and what ends it early."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.training.fitting.checkpoints import checkpoints
from agent.training.fitting.departure import DepartedError, Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.fit import Fitting
from agent.training.fitting.period import periods
from agent.training.fitting.progress import Checkpointed, EpochEnded, Event, Resumed, Stepped
from agent.training.fitting.standing import Standing
from shared.documents import Task, TrainingParameters
from shared.errors import DocumentError, ModelError
from tests.agent.training.fitting.two_exits import Rows, TwoExits

PARAMETERS = TrainingParameters(epochs=3, batch=16, seed=5, checkpoint_every_s=3.0)
EXAMPLES = Examples(rows=Rows(90), training=np.arange(70), validation=np.arange(70, 90), task=Task.CLASSIFICATION)
STEPS = 5


class KilledError(Exception):
    pass


def nothing(_event: Event) -> None:
    pass


def never() -> None:
    raise AssertionError("not while the loop runs")


def fitting(
    folder: Path,
    *,
    learner: TwoExits | None = None,
    parameters: TrainingParameters = PARAMETERS,
    examples: Examples = EXAMPLES,
    said: Callable[[Event], None] = nothing,
    departure: Departure | None = None,
) -> Fitting:
    ticks = itertools.count()
    made = learner or TwoExits()
    return Fitting(
        learners=lambda _period, _steps: made,
        periods=periods(parameters, made.exits),
        examples=examples,
        parameters=parameters,
        checkpoints=checkpoints(folder, run="one", damaged=nothing_damaged),
        departure=departure or Departure(never),
        clock=lambda: float(next(ticks)),
        said=said,
        say_every_s=0.0,
    )


def nothing_damaged(text: str) -> None:
    raise AssertionError(text)


def dies_after(events: int) -> Callable[[Event], None]:
    left = itertools.count(events, -1)

    def said(_event: Event) -> None:
        if next(left) <= 0:
            raise KilledError

    return said


def result(one: Fitting) -> tuple[Standing, list[bytes]]:
    standing = one.fit()
    return standing, [array.tobytes() for array in one.learner.weights().values()]


@settings(max_examples=20)
@given(st.lists(st.integers(0, 30), max_size=4))
def test_a_run_that_is_killed_anywhere_ends_as_one_that_was_not(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int]
) -> None:
    undisturbed = result(fitting(tmp_path_factory.mktemp("undisturbed")))
    folder = tmp_path_factory.mktemp("killed")
    for events in kills:
        with suppress(KilledError):
            fitting(folder, said=dies_after(events)).fit()
    assert result(fitting(folder)) == undisturbed


def test_every_step_is_told_and_every_epoch_is_scored(tmp_path: Path) -> None:
    said: list[Event] = []
    standing = fitting(tmp_path, said=said.append).fit()
    steps = [(one.epoch, one.step) for one in said if isinstance(one, Stepped)]
    assert steps == list(itertools.product((1, 2, 3), range(1, STEPS + 1)))
    ended = [one for one in said if isinstance(one, EpochEnded)]
    assert [one.validation for one in ended] == [one.validation for one in standing.epochs]
    assert ended[-1].validation["cloud"].accuracy is not None
    assert ended[-1].validation["cloud"].loss < ended[0].validation["cloud"].loss


def test_asked_to_leave_it_saves_and_the_next_process_goes_on_from_there(tmp_path: Path) -> None:
    departure, said = Departure(never), list[Event]()

    def leaves(event: Event) -> None:
        if isinstance(event, Stepped) and (event.epoch, event.step) == (2, 3):
            departure.ask()

    with pytest.raises(DepartedError, match="epoch 2, after step 3 of 5"):
        fitting(tmp_path, said=leaves, departure=departure).fit()
    resumed = result(fitting(tmp_path, said=said.append))
    assert said[0] == Resumed(epoch=2, step=3)
    assert resumed == result(fitting(tmp_path / "undisturbed"))


def test_asked_to_leave_while_an_epoch_is_scored_the_next_process_scores_it(tmp_path: Path) -> None:
    departure = Departure(never)

    def leaves(event: Event) -> None:
        if isinstance(event, Stepped) and (event.epoch, event.step) == (1, STEPS):
            departure.ask()

    with pytest.raises(DepartedError):
        fitting(tmp_path, said=leaves, departure=departure).fit()
    assert result(fitting(tmp_path)) == result(fitting(tmp_path / "undisturbed"))


def test_a_run_that_is_over_is_not_trained_further(tmp_path: Path) -> None:
    over = result(fitting(tmp_path))
    said: list[Event] = []
    assert result(fitting(tmp_path, said=said.append)) == over
    assert said == [Resumed(epoch=4, step=0)]


def test_early_stopping_ends_and_keeps_the_weights_of_the_best_epoch(tmp_path: Path) -> None:
    parameters = msgspec.structs.replace(PARAMETERS, epochs=200, early_stopping=3)
    learner = TwoExits(rate=1.5)
    standing = fitting(tmp_path, learner=learner, parameters=parameters).fit()
    assert standing.best is not None
    assert len(standing.epochs) == standing.best + 4 < 200
    shorter = msgspec.structs.replace(PARAMETERS, epochs=standing.best + 1)
    best = TwoExits(rate=1.5)
    fitting(tmp_path / "shorter", learner=best, parameters=shorter).fit()
    assert all((learner.weights()[name] == best.weights()[name]).all() for name in best.exits)


def test_early_stopping_survives_a_kill_after_the_best_epoch(tmp_path: Path) -> None:
    parameters = msgspec.structs.replace(PARAMETERS, epochs=200, early_stopping=3)
    undisturbed = result(fitting(tmp_path / "undisturbed", learner=TwoExits(rate=1.5), parameters=parameters))
    best = undisturbed[0].best
    assert best is not None

    def dies(event: Event) -> None:
        if isinstance(event, Checkpointed) and event.epoch == best + 3:
            raise KilledError

    with pytest.raises(KilledError):
        fitting(tmp_path, learner=TwoExits(rate=1.5), parameters=parameters, said=dies).fit()
    assert result(fitting(tmp_path, learner=TwoExits(rate=1.5), parameters=parameters)) == undisturbed


def test_a_loss_that_is_no_number_ends_the_run_with_its_place_and_leaves_the_checkpoint(tmp_path: Path) -> None:
    said: list[Event] = []
    with pytest.raises(ModelError, match=r"loss of exit 'edge' is nan in epoch 2, step 4 of 5"):
        fitting(tmp_path, learner=TwoExits(diverges_at=STEPS + 4), said=said.append).fit()
    saved = [one for one in said if isinstance(one, Checkpointed)]
    found = checkpoints(tmp_path, run="one", damaged=nothing_damaged).newest()
    assert found is not None
    assert (found.standing.epoch + 1, found.standing.step) == (saved[-1].epoch, saved[-1].step) < (2, 4)


def test_weights_that_are_no_numbers_never_reach_a_checkpoint(tmp_path: Path) -> None:
    parameters = msgspec.structs.replace(PARAMETERS, checkpoint_every_s=0.0)
    with pytest.raises(ModelError, match="edge is no longer finite in epoch 1, step 3 of 5"):
        fitting(tmp_path, learner=TwoExits(poisoned_at=3), parameters=parameters).fit()
    found = checkpoints(tmp_path, run="one", damaged=nothing_damaged).newest()
    assert found is not None
    assert all(np.isfinite(array).all() for array in found.learner.values())


def test_what_cannot_be_trained_is_said_before_the_first_step(tmp_path: Path) -> None:
    none = Examples(rows=Rows(9), training=np.arange(0), validation=np.arange(9), task=Task.CLASSIFICATION)
    with pytest.raises(DocumentError, match="rates"):
        fitting(tmp_path, examples=none).fit()
    unchecked = Examples(rows=Rows(9), training=np.arange(9), validation=np.arange(0), task=Task.CLASSIFICATION)
    with pytest.raises(DocumentError, match="early_stopping"):
        fitting(tmp_path, examples=unchecked, parameters=msgspec.structs.replace(PARAMETERS, early_stopping=1)).fit()


def test_exits_that_give_no_probabilities_are_named(tmp_path: Path) -> None:
    class Logits(TwoExits):
        def answers(self, inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
            return {name: 3 * answers for name, answers in super().answers(inputs).items()}

    with pytest.raises(ModelError, match=r"exit 'edge' gives no class probabilities, their sum is 3: .*softmax"):
        fitting(tmp_path, learner=Logits()).fit()


def test_each_record_counts_as_its_class_does(tmp_path: Path) -> None:
    seen: list[tuple[int, float]] = []

    class Noting(TwoExits):
        def learn(
            self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]
        ) -> NDArray[np.floating[Any]]:
            seen.extend(zip(truth.tolist(), importance.tolist(), strict=True))
            return super().learn(inputs, truth, importance)

    examples = replace(EXAMPLES, importance=np.array([0.5, 1.0, 2.0], np.float32))
    fitting(tmp_path, learner=Noting(), examples=examples).fit()
    assert set(seen) == {(0, 0.5), (1, 1.0), (2, 2.0)}
