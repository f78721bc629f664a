"""Periods, by a learner of numpy: one exit after another, and records that the last exit has labelled."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.training.events import Noticed
from agent.training.fitting.augmentation import generator
from agent.training.fitting.checkpoints import checkpoints
from agent.training.fitting.departure import Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.fit import Fitting
from agent.training.fitting.guesses import Guesses
from agent.training.fitting.learner import Arrays, Learner
from agent.training.fitting.period import Period, periods
from agent.training.fitting.progress import Event, Stepped
from agent.training.fitting.standing import Standing
from agent.training.reading.shelf import Shelf
from agent.training.reading.shelf_writer import ShelfWriter
from shared.documents import Approach, DType, PseudoLabels, Task, TensorSpec, TrainingParameters
from shared.errors import DocumentError, StorageError
from tests.agent.training.fitting.test_fit import KilledError, dies_after, never, nothing, nothing_damaged
from tests.agent.training.fitting.two_exits import CLASSES, FEATURES, Rows, TwoExits

PARAMETERS = TrainingParameters(epochs=2, batch=16, seed=5, checkpoint_every_s=3.0)
TIER_BY_TIER = msgspec.structs.replace(PARAMETERS, approach=Approach.TIER_BY_TIER)
EXAMPLES = Examples(rows=Rows(90), training=np.arange(70), validation=np.arange(70, 90), task=Task.CLASSIFICATION)
ASKED = PseudoLabels(confidence=0.5, weight=0.25, epochs=2)
UNLABELLED = 50


class OneExit(TwoExits):
    """Learns one exit of the two alone, or both."""

    def __init__(self, alone: str | None) -> None:
        super().__init__(rate=0.5)
        self._alone = alone

    def learn(
        self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]
    ) -> NDArray[np.floating[Any]]:
        frozen = {name: array for name, array in self.variables().items() if self._alone and self._alone not in name}
        losses = super().learn(inputs, truth, importance)
        frozen.pop("draws", None)
        self.restore(self.variables() | frozen)
        return losses if self._alone is None else losses[[self.exits.index(self._alone)]]


class Network:
    """What all learners of a process move."""

    def __init__(self) -> None:
        self._weights: Arrays = {}
        self.made: list[tuple[str | None, int]] = []
        self._last: TwoExits | None = None

    def learner(self, period: Period, steps: int) -> Learner:
        self.made.append((period.alone, steps))
        fresh = OneExit(period.alone)
        if self._last is not None:
            fresh.restore_weights(self._last.weights())
            draws = self._last.variables()["draws"]
            fresh.restore(fresh.variables() | {"draws": draws})
        self._last = fresh
        return fresh


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("unlabelled")
    inputs, _ = Rows(UNLABELLED)[np.arange(UNLABELLED)]
    spec = TensorSpec(dtype=DType.FLOAT64, shape=(FEATURES,))
    with ShelfWriter.open(folder, inputs=spec, labels=TensorSpec(dtype=DType.UINT8, shape=())) as writer:
        writer.append(("made", 0), inputs, np.zeros(UNLABELLED, np.uint8), position=UNLABELLED)
    return Shelf.open(folder)


@dataclass(frozen=True, kw_only=True)
class Case:
    parameters: TrainingParameters
    examples: Examples = EXAMPLES
    asked: PseudoLabels | None = None
    start: Arrays | None = None

    def fitting(self, folder: Path, shelf: Shelf, *, network: Network | None = None, said: Any = nothing) -> Fitting:  # noqa: ANN401
        ticks = iter(range(10**9))
        guesses = Guesses(folder=folder / "guesses", inputs=shelf.inputs, asked=self.asked) if self.asked else None
        return Fitting(
            learners=(network or Network()).learner,
            periods=periods(self.parameters, ("edge", "cloud"), self.asked),
            examples=self.examples,
            parameters=self.parameters,
            checkpoints=checkpoints(folder / "checkpoints", run="one", damaged=nothing_damaged),
            departure=Departure(never),
            clock=lambda: float(next(ticks)),
            said=said,
            say_every_s=0.0,
            guesses=guesses,
            start=self.start,
        )

    def result(self, folder: Path, shelf: Shelf) -> tuple[Standing, list[bytes]]:
        one = self.fitting(folder, shelf)
        standing = one.fit()
        return standing, [array.tobytes() for array in one.learner.weights().values()]


def shaken(inputs: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    return inputs + rng.normal(scale=0.1, size=inputs.shape)


CASES = {
    "tier by tier": Case(parameters=TIER_BY_TIER),
    "tier by tier, stopping early": Case(parameters=msgspec.structs.replace(TIER_BY_TIER, epochs=12, early_stopping=1)),
    "pseudo-labels": Case(parameters=PARAMETERS, asked=ASKED),
    "augmented": Case(parameters=PARAMETERS, examples=replace(EXAMPLES, augment=shaken), asked=ASKED),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@settings(max_examples=12)
@given(kills=st.lists(st.integers(0, 40), max_size=4))
def test_a_run_of_several_periods_that_is_killed_anywhere_ends_as_one_that_was_not(
    tmp_path_factory: pytest.TempPathFactory, unlabelled: Shelf, case: Case, kills: list[int]
) -> None:
    undisturbed = case.result(tmp_path_factory.mktemp("undisturbed"), unlabelled)
    folder = tmp_path_factory.mktemp("killed")
    for events in kills:
        with suppress(KilledError):
            case.fitting(folder, unlabelled, said=dies_after(events)).fit()
    assert case.result(folder, unlabelled) == undisturbed


def test_tier_by_tier_each_exit_learns_for_all_epochs_with_an_optimiser_of_its_own(
    tmp_path: Path, unlabelled: Shelf
) -> None:
    network, said = Network(), list[Event]()
    standing = CASES["tier by tier"].fitting(tmp_path, unlabelled, network=network, said=said.append).fit()
    assert network.made == [("edge", 10), ("cloud", 10)]
    assert [list(epoch.training) for epoch in standing.epochs] == [["edge"], ["edge"], ["cloud"], ["cloud"]]
    first, *_, last = (epoch.validation["edge"] for epoch in standing.epochs[1:])
    assert first == last
    assert [(one.epoch, one.epochs) for one in said if isinstance(one, Stepped)][-1] == (4, 4)


def test_the_best_epoch_of_a_tier_is_kept_before_the_next_one_learns(tmp_path: Path, unlabelled: Shelf) -> None:
    standing = CASES["tier by tier, stopping early"].fitting(tmp_path, unlabelled).fit()
    edge = [epoch.validation["edge"].loss for epoch in standing.epochs if "edge" in epoch.training]
    assert standing.epochs[-1].validation["edge"].loss == min(edge)
    assert standing.best is not None
    assert standing.best >= len(edge)


def test_records_the_last_exit_is_sure_of_are_learnt_with_their_weight(tmp_path: Path, unlabelled: Shelf) -> None:
    said: list[Event] = []
    one = CASES["pseudo-labels"].fitting(tmp_path, unlabelled, said=said.append)
    one.fit()
    guessed = Guesses(folder=tmp_path / "guesses", inputs=unlabelled.inputs, asked=ASKED).made()
    assert 0 < len(guessed) < UNLABELLED
    assert Noticed(text=f"the last exit is sure of {len(guessed)} of {UNLABELLED} unlabelled records") in said
    learnt = replace(EXAMPLES, guessed=guessed, guess_weight=ASKED.weight)
    counted = np.concatenate([lesson[2] for lesson in learnt.shuffled(batch=16, seed=0, epoch=0, start_step=0)])
    assert sorted(set(counted.tolist())) == [0.25, 1.0]
    assert (counted == 0.25).sum() == len(guessed)
    inputs, classes = guessed[np.arange(len(guessed))]
    assert (inputs == unlabelled.inputs[guessed.rows[np.arange(len(guessed))]]).all()
    assert ((classes >= 0) & (classes < CLASSES)).all()


def test_guesses_that_are_damaged_when_the_network_has_learnt_further_end_the_run(
    tmp_path: Path, unlabelled: Shelf
) -> None:
    case = CASES["pseudo-labels"]

    def dies(event: Event) -> None:
        if isinstance(event, Stepped) and (event.epoch, event.step) == (4, 2):
            raise KilledError

    with pytest.raises(KilledError):
        case.fitting(tmp_path, unlabelled, said=dies).fit()
    (tmp_path / "guesses" / "classes").write_bytes(b"")
    with pytest.raises(StorageError, match="remove the run's checkpoints"):
        case.fitting(tmp_path, unlabelled).fit()


def test_pseudo_labels_are_refused_where_tiers_learn_one_by_one() -> None:
    with pytest.raises(DocumentError, match="approach"):
        periods(TIER_BY_TIER, ("edge", "cloud"), ASKED)


def test_a_run_begins_with_the_weights_it_is_given(tmp_path: Path, unlabelled: Shelf) -> None:
    trained = CASES["tier by tier"].fitting(tmp_path / "one", unlabelled)
    before = trained.fit().epochs[-1].validation
    start = {name: array.copy() for name, array in trained.learner.weights().items()}
    unmoved = Case(parameters=msgspec.structs.replace(TIER_BY_TIER, epochs=1), start=start)
    found = unmoved.fitting(tmp_path / "two", unlabelled).fit()
    assert found.epochs[0].validation["cloud"] == before["cloud"]


def test_the_generator_of_a_step_depends_on_the_seed_the_epoch_and_the_step_alone() -> None:
    drawn = {generator(*three).random() for three in [(1, 2, 3), (1, 3, 2), (2, 1, 3), (1, 2, 4), (3, 2, 1)]}
    assert len(drawn) == 5
    assert generator(1, 2, 3).random() == generator(1, 2, 3).random()
