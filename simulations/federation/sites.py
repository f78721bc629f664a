"""Sites that really train, one after the other in this process, by the learners that a node trains with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.strategy import Local
from agent.federation.weights import Weights
from agent.training.fitting.learner import Learner
from agent.training.fitting.pull import Pull
from simulations.federation.virtual import Learnt, Seconds

MakeLearner = Callable[[Pull | None, int], Learner]
"""Of a pull and the number of steps; all of them move the weights of one network, which sites take turns with."""

_HANDED_DOWN = "control:"


@dataclass(slots=True, kw_only=True)
class TrainingSite:
    """`inputs`: its records; `truth`: their classes. `seconds`: how long its update number so and so takes.

    `steps`: so many of an update in place of `epochs`, each update going on in the data where the one before it ended.
    `seen`: records trained on until now, each as often as it was.

    With control variates (SCAFFOLD's option II) it keeps its own from update to update.
    """

    name: str
    inputs: NDArray[Any]
    truth: NDArray[np.int64]
    make: MakeLearner
    epochs: int
    batch: int
    rate: float
    local: Local
    seed: int
    seconds: Callable[[int], Seconds]
    steps: int | None = None
    updates: int | None = None
    joins_at: Seconds = 0.0
    seen: int = field(default=0, init=False)
    _control: dict[str, NDArray[np.float32]] = field(default_factory=dict, init=False)

    def learn(self, model: Weights, handed_down: Mapping[str, NDArray[Any]], number: int) -> Learnt:
        steps = self._steps()
        one = self.make(self._pull(model, handed_down), steps)
        one.restore_weights({**one.weights(), **model})
        counted = np.ones(self.batch, np.float32)
        for rows in self._batches((number - 1) * steps, steps):
            self.seen += len(rows)
            one.learn(self.inputs[rows], self.truth[rows], counted[: len(rows)])
        after = one.weights()
        change = {name: after[name] - start for name, start in model.items()}
        return Learnt(
            change=change,
            records=len(self.truth),
            steps=steps,
            control=self._moved_control(change, handed_down, steps) if self.local.controls else {},
        )

    def lasts(self, number: int) -> Seconds:
        return self.seconds(number)

    def leaves_after(self, number: int) -> bool:
        return self.updates is not None and number >= self.updates

    def _steps(self) -> int:
        return self.steps or self.epochs * self._epoch()

    def _epoch(self) -> int:
        """In steps."""
        return ceil(len(self.truth) / self.batch)

    def _batches(self, done: int, steps: int) -> Iterator[NDArray[np.int64]]:
        """After so many steps of all updates before."""
        for epoch, those in groupby(range(done, done + steps), lambda step: step // self._epoch()):
            order = np.random.default_rng([self.seed, epoch]).permutation(len(self.truth))
            for step in those:
                start = step % self._epoch() * self.batch
                yield order[start : start + self.batch]

    def _pull(self, model: Weights, handed_down: Mapping[str, NDArray[Any]]) -> Pull | None:
        if not self.local.proximal and not self.local.controls:
            return None
        along = {}
        if self.local.controls:
            along = {name: handed_down[_HANDED_DOWN + name] - self._control.get(name, np.float32(0)) for name in model}
        return Pull(start=model, proximal=self.local.proximal, along=along)

    def _moved_control(
        self, change: Weights, handed_down: Mapping[str, NDArray[Any]], steps: int
    ) -> dict[str, NDArray[np.float32]]:
        """By what its control variate moves: c_i - c + (start - end) / (steps x rate), less c_i."""
        moved = {
            name: -handed_down[_HANDED_DOWN + name] - one / np.float32(steps * self.rate)
            for name, one in change.items()
        }
        self._control = {name: self._control.get(name, np.float32(0)) + one for name, one in moved.items()}
        return moved


def judge(one: Learner, inputs: NDArray[Any], truth: NDArray[np.int64]) -> Callable[[Weights], dict[str, float]]:
    """Accuracy and log loss of every exit on these records."""

    def judged(model: Weights) -> dict[str, float]:
        one.restore_weights({**one.weights(), **model})
        answers = one.answers(inputs)
        metrics = {}
        for name, answer in answers.items():
            sure = np.maximum(answer[np.arange(len(truth)), truth], 1e-12)
            metrics[f"{name}/accuracy"] = float((answer.argmax(axis=1) == truth).mean())
            metrics[f"{name}/loss"] = float(-np.log(sure).mean())
        return metrics

    return judged
