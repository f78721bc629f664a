"""The loop: step after step, epoch after epoch, until the end or until somebody asks to leave.

A run ends with the same weights and scores, to the bit on one kind of processor, however often it was killed. What a
step depends on is either computed from the seed, the epoch and the step (which records it sees) or a variable that the
checkpoint holds (weights, moments, the state of the generators that layers draw from); what was done since the last
checkpoint is gone, and is done again in the same way. Time decides when to save and what to say, never what is learnt.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from agent.training.fitting.checkpoints import Checkpoints
from agent.training.fitting.departure import DepartedError, Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.importance import exit_importance
from agent.training.fitting.learner import Arrays, Learner
from agent.training.fitting.progress import Checkpointed, EpochEnded, Resumed, Said, Stepped
from agent.training.fitting.rehearsal import rehearse
from agent.training.fitting.scores import Score, ScoresTally
from agent.training.fitting.standing import Standing
from agent.training.reading.batches import Batch, steps
from shared.documents import TrainingParameters
from shared.errors import DocumentError, ModelError


@dataclass(slots=True, kw_only=True)
class Fitting:
    """One run in this process. `clock`: seconds, monotonic; `say_every_s`: what is said of single steps, at most."""

    learner: Learner
    examples: Examples
    parameters: TrainingParameters
    checkpoints: Checkpoints
    departure: Departure
    clock: Callable[[], float]
    said: Said
    say_every_s: float = 1.0
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
            rehearse(self.learner, self.examples)
            self._resume()
            while not self._is_at_an_end():
                self._epoch()
            if not self._is_saved:
                self._save()
        if self._best:
            self.learner.restore_weights(self._best)
        return self._standing

    def _epoch(self) -> None:
        now = self._standing
        for batch in self.examples.shuffled(
            batch=self.parameters.batch, seed=self.parameters.seed, epoch=now.epoch, start_step=now.step
        ):
            self._step(batch)
            self._heed()
            if self.clock() - self._saved_at >= self.parameters.checkpoint_every_s:
                self._save()
        self._end_epoch()

    def _step(self, batch: Batch) -> None:
        inputs, truth = batch
        losses = self.learner.learn(inputs, truth, self.examples.importance_of(truth))
        if not np.isfinite(losses).all():
            name = self.learner.exits[int(np.argmin(np.isfinite(losses)))]
            step = self._standing.step + 1
            raise self._diverged(f"the loss of exit {name!r} is {losses[self.learner.exits.index(name)]}", step)
        self._standing, self._is_saved = self._standing.after_step(losses, len(truth)), False
        self._unsaid += len(truth)
        if self.clock() - self._said_at >= self.say_every_s or self._standing.step == self._steps:
            self._say_step({name: float(loss) for name, loss in zip(self.learner.exits, losses, strict=True)})

    def _end_epoch(self) -> None:
        validation = self._validated()
        for name, score in validation.items():
            if not np.isfinite(score.loss):
                raise self._diverged(f"the loss of exit {name!r} on the validation part is {score.loss}", self._steps)
        weights = exit_importance(self.parameters, len(self.learner.exits))
        self._standing, self._is_saved = self._standing.after_epoch(self.learner.exits, validation, weights), False
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
            self.learner.restore(found.learner)
            self._standing, self._best, self._is_saved = found.standing, found.best, True
            self.said(Resumed(epoch=self._standing.epoch + 1, step=self._standing.step))
        self._saved_at = self._said_at = self.clock()

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
        self.checkpoints.save(self._standing, learner=variables, best=self._best)
        self._is_saved, self._saved_at = True, self.clock()
        self.said(Checkpointed(epoch=self._standing.epoch + 1, step=self._standing.step))

    def _say_step(self, loss: dict[str, float]) -> None:
        now = self.clock()
        self.said(
            Stepped(
                epoch=self._standing.epoch + 1,
                epochs=self.parameters.epochs,
                step=self._standing.step,
                steps=self._steps,
                records_per_s=self._unsaid / max(now - self._said_at, 1e-9),
                loss=loss,
            )
        )
        self._said_at, self._unsaid = now, 0

    @property
    def _steps(self) -> int:
        return steps(len(self.examples.training), self.parameters.batch)

    def _is_at_an_end(self) -> bool:
        return self._standing.is_at_an_end(epochs=self.parameters.epochs, patience=self.parameters.early_stopping)

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
