"""The loop: step after step, epoch after epoch, until the end or until somebody asks to leave.

A run ends with the same weights and scores, to the bit on one kind of processor, however often it was killed. What a
step depends on is either computed from the seed, the epoch and the step (which records it sees) or a variable that the
checkpoint holds (weights, moments, the state of the generators that layers draw from); what was done since the last
checkpoint is gone, and is done again in the same way. Time decides when to save and what to say, never what is learnt.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.checkpoints import Checkpoint, Checkpoints
from agent.training.events import Noticed
from agent.training.fitting.ahead import ahead
from agent.training.fitting.departure import DepartedError, Departure
from agent.training.fitting.examples import Examples, Lesson
from agent.training.fitting.guesses import Guesses
from agent.training.fitting.learner import Arrays, Learner
from agent.training.fitting.period import Period
from agent.training.fitting.progress import Checkpointed, EpochEnded, Resumed, Said, Stepped
from agent.training.fitting.rehearsal import rehearse
from agent.training.fitting.scores import Score, ScoresTally
from agent.training.fitting.standing import Standing
from agent.training.reading.batches import steps
from shared.documents import TrainingParameters
from shared.errors import DocumentError, ModelError


@dataclass(slots=True, kw_only=True)
class Fitting:
    """One run in this process. `clock`: seconds, monotonic; `say_every_s`: what is said of single steps, at most.

    `learners`: for a period and its steps, what learns in it; all of them move the weights of one network. `start`:
    weights to begin with. `guesses`: wanted where a period has pseudo-labels.
    """

    learners: Callable[[Period, int], Learner]
    periods: Sequence[Period]
    examples: Examples
    parameters: TrainingParameters
    checkpoints: Checkpoints[Standing]
    departure: Departure
    clock: Callable[[], float]
    said: Said
    say_every_s: float = 1.0
    start: Mapping[str, NDArray[Any]] | None = None
    guesses: Guesses | None = None
    learner: Learner = field(init=False)
    _examples: Examples = field(init=False)
    _standing: Standing = field(default_factory=Standing, init=False)
    _best: Arrays = field(default_factory=dict, init=False)
    _is_saved: bool = field(default=False, init=False)
    _saved_at: float = field(default=0.0, init=False)
    _said_at: float = field(default=0.0, init=False)
    _unsaid: int = field(default=0, init=False)

    def fit(self) -> Standing:
        """To the end, from wherever an earlier process stopped; the learner then has the weights that count.

        Raises ModelError when a loss or a weight is no longer a number, DocumentError for examples or parameters that
        do not fit, DepartedError when asked to leave, StorageError.
        """
        self._require_examples()
        with self.departure.deferred():
            self._resume()
            while True:
                while not self._is_at_an_end():
                    self._epoch()
                if self._standing.period == len(self.periods) - 1:
                    break
                self._next_period()
            if not self._is_saved:
                self._save()
        self._keep_the_best()
        return self._standing

    def _next_period(self) -> None:
        self._keep_the_best()
        if self.periods[self._standing.period + 1].has_pseudo_labels:
            self._guess()
        self._standing, self._best, self._is_saved = self._standing.after_period(), {}, False
        self._begin()

    def _begin(self) -> None:
        """What learns in this period, and from what."""
        self._examples = self.examples
        if self._period.has_pseudo_labels and self.guesses is not None:
            weight = self.guesses.asked.weight
            self._examples = replace(self.examples, guessed=self.guesses.made(), guess_weight=weight)
        self.learner = self.learners(self._period, self._period.epochs * self._steps)

    def _guess(self) -> None:
        assert self.guesses is not None  # noqa: S101 - whoever asks for such a period gives them
        for _ in self.guesses.make(self.learner, batch=self.parameters.batch):
            self._heed()
        made = len(self.guesses.made())
        self.said(Noticed(text=f"the last exit is sure of {made} of {len(self.guesses.inputs)} unlabelled records"))

    def _epoch(self) -> None:
        now = self._standing
        lessons = self._examples.shuffled(
            batch=self.parameters.batch, seed=self.parameters.seed, epoch=now.epoch, start_step=now.step
        )
        with closing(ahead(lessons)) as prepared:
            for lesson in prepared:
                self._step(lesson)
                self._heed()
                if self.clock() - self._saved_at >= self.parameters.checkpoint_every_s:
                    self._save()
        self._end_epoch()

    def _step(self, lesson: Lesson) -> None:
        losses = self.learner.learn(*lesson)
        records, exits = len(lesson[1]), self._period.exits
        if not np.isfinite(losses).all():
            first = int(np.argmin(np.isfinite(losses)))
            raise self._diverged(f"the loss of exit {exits[first]!r} is {losses[first]}", self._standing.step + 1)
        self._standing, self._is_saved = self._standing.after_step(losses, records), False
        self._unsaid += records
        if self.clock() - self._said_at >= self.say_every_s or self._standing.step == self._steps:
            self._say_step({name: float(loss) for name, loss in zip(exits, losses, strict=True)})

    def _end_epoch(self) -> None:
        validation = self._validated()
        for name, score in validation.items():
            if not np.isfinite(score.loss):
                raise self._diverged(f"the loss of exit {name!r} on the validation part is {score.loss}", self._steps)
        period = self._period
        self._standing = self._standing.after_epoch(period.exits, validation, period.importance)
        self._is_saved = False
        if self.parameters.early_stopping is not None and self._standing.is_best_now():
            self._best = self.learner.weights()
        ended = self._standing.epochs[-1]
        self.said(EpochEnded(epoch=ended.epoch, training=ended.training, validation=ended.validation))

    def _validated(self) -> dict[str, Score]:
        tally = ScoresTally(self.learner.exits, self.examples.task)
        for inputs, truth in self.examples.in_order(self.examples.validation, batch=self.parameters.batch):
            tally.add(self.learner.answers(inputs), truth)
            self._heed()
        self._said_at = self.clock()
        return tally.result()

    def _resume(self) -> None:
        found = self.checkpoints.newest()
        if found is not None:
            self._standing, self._best, self._is_saved = found.standing, found.beside, True
        self._begin()
        if found is None and self.start is not None:
            self._start_from(self.start)
        rehearse(self.learner, self.examples)
        if found is not None:
            self.learner.restore(found.learner)
            self.said(Resumed(epoch=self._standing.epoch + 1, step=self._standing.step))
        self._saved_at = self._said_at = self.clock()

    def _start_from(self, weights: Mapping[str, NDArray[Any]]) -> None:
        # A federation's models have the weights that can be averaged; counters and the like stay the network's own.
        own = {name: one for name, one in self.learner.weights().items() if one.dtype != np.float32}
        try:
            self.learner.restore_weights({**own, **weights})
        except ModelError as error:
            raise ModelError(f"the weights to start from do not fit: {error}") from error

    def _heed(self) -> None:
        if self.departure.asked:
            self._save()
            raise DepartedError(
                f"asked to leave in epoch {self._standing.epoch + 1}, after step {self._standing.step} "
                f"of {self._steps}: the checkpoint is written"
            )

    def _save(self) -> None:
        variables = self.learner.variables()
        for name, array in variables.items():
            # A step whose loss was still a number may have left weights that are none.
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise self._diverged(f"{name} is no longer finite", self._standing.step)
        self.checkpoints.save(Checkpoint(standing=self._standing, learner=variables, beside=self._best))
        self._is_saved, self._saved_at = True, self.clock()
        self.said(Checkpointed(epoch=self._standing.epoch + 1, step=self._standing.step))

    def _say_step(self, loss: dict[str, float]) -> None:
        now = self.clock()
        self.said(
            Stepped(
                epoch=self._standing.epoch + 1,
                epochs=sum(period.epochs for period in self.periods),
                step=self._standing.step,
                steps=self._steps,
                records_per_s=self._unsaid / max(now - self._said_at, 1e-9),
                loss=loss,
            )
        )
        self._said_at, self._unsaid = now, 0

    @property
    def _steps(self) -> int:
        return steps(self._examples.lessons, self.parameters.batch)

    @property
    def _period(self) -> Period:
        return self.periods[self._standing.period]

    def _is_at_an_end(self) -> bool:
        return self._standing.is_at_an_end(epochs=self._period.epochs, patience=self.parameters.early_stopping)

    def _keep_the_best(self) -> None:
        if self._best:
            self.learner.restore_weights(self._best)

    def _diverged(self, what: str, step: int) -> ModelError:
        return ModelError(
            f"{what} in epoch {self._standing.epoch + 1}, step {step} of {self._steps}: lower the learning rate, scale "
            "the inputs within the network, or look for values in the stream that are none"
        )

    def _require_examples(self) -> None:
        if not len(self.examples.training):
            raise DocumentError("no record is left for training: lower them, or send more records", field="rates")
        if self.parameters.early_stopping is not None and not len(self.examples.validation):
            raise DocumentError("wants a validation part, and there is no record in it", field="early_stopping")
