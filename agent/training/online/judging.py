"""A network answers a window it has not learnt from."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Learner
from agent.training.fitting.scores import Score, ScoresTally
from shared.documents.model import Task


class Verdict(NamedTuple):
    """`loss`: of all exits, each weighted; `errors`: `[n]`, 1 where the last exit was wrong, empty of other tasks."""

    scores: dict[str, Score]
    loss: float
    errors: NDArray[np.float64]


def judged(learner: Learner, examples: Examples, *, batch: int, importance: NDArray[np.floating[Any]]) -> Verdict:
    """`importance`: of each exit's loss. Raises ModelError."""
    tally = ScoresTally(learner.exits, examples.task)
    errors: list[NDArray[np.float64]] = []
    for inputs, truth in examples.in_order(examples.training, batch=batch):
        answers = learner.answers(inputs)
        tally.add(answers, truth)
        if examples.task is Task.CLASSIFICATION:
            errors.append((answers[learner.exits[-1]].argmax(axis=1) != truth).astype(np.float64))
    scores = tally.result()
    losses = [scores[name].loss for name in learner.exits]
    return Verdict(scores, float(np.dot(importance, losses)), np.concatenate([*errors, np.zeros(0)]))
