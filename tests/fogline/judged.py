"""Runs that were judged, of each kind of task, made of drawn answers."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.scores import Score
from agent.training.fitting.standing import EpochScores
from agent.training.judging.deployed import answering
from agent.training.judging.judgements import Judgements, JudgementsTally
from agent.training.results import History
from shared.documents import ExitPolicy, Task

RECORDS, CLASSES = 2000, 10
# How much truth each exit sees through its noise.
EXITS = {"edge": 2.0, "fog": 2.7, "cloud": 3.4}


def classification(
    *, seed: int = 0, test_set: str = "test", classes: int = CLASSES, deployed: bool = False, exits: Sequence[str] = ()
) -> Judgements:
    draw = np.random.default_rng(seed)
    truth = np.random.default_rng(7).integers(0, classes, RECORDS)
    outputs = {
        name: _softmax(EXITS[name] * np.eye(classes)[truth] + draw.normal(size=(RECORDS, classes)))
        for name in exits or EXITS
    }
    tally = JudgementsTally(exits=tuple(outputs), task=Task.CLASSIFICATION, outputs=classes, test_set=test_set)
    policies = [ExitPolicy(threshold=0.5)] * (len(outputs) - 1)
    answered = answering(list(outputs.values()), [*policies, None]) if deployed else None
    tally.add(outputs, truth, answered)
    return tally.result()


def regression(*, seed: int = 0, outputs: int = 3) -> Judgements:
    draw = np.random.default_rng(seed)
    truth = draw.normal(size=(RECORDS, outputs))
    tally = JudgementsTally(exits=("edge", "cloud"), task=Task.VALUES, outputs=outputs, test_set="test")
    tally.add(
        {"edge": truth + draw.normal(0, 0.4, truth.shape), "cloud": truth + draw.normal(0, 0.2, truth.shape)}, truth
    )
    return tally.result()


def multilabel(*, seed: int = 0, labels: int = 6) -> Judgements:
    draw = np.random.default_rng(seed)
    truth = draw.random((RECORDS, labels)) < np.linspace(0.1, 0.6, labels)
    sure = {"edge": 1.5, "cloud": 2.5}
    outputs = {
        name: 1 / (1 + np.exp(-(much * (2 * truth - 1) + draw.normal(size=truth.shape)))) for name, much in sure.items()
    }
    task = getattr(Task, "MULTI_LABEL", Task.VALUES)
    tally = JudgementsTally(exits=tuple(outputs), task=task, outputs=labels, threshold=0.5, test_set="test")
    tally.add(outputs, truth.astype(np.uint8))
    return tally.result()


def history(*, epochs: int = 12, accuracy: bool = True, validation: bool = True) -> History:
    scores = [_epoch(number, accuracy=accuracy, validation=validation) for number in range(1, epochs + 1)]
    return History(exits=tuple(EXITS), epochs=tuple(scores), best=epochs * 2 // 3 if validation else None)


def _epoch(number: int, *, accuracy: bool, validation: bool) -> EpochScores:
    losses = {name: 2.3 * math.exp(-number / (2 + much)) + 0.6 / much for name, much in EXITS.items()}
    scores = {
        name: Score(loss=1.05 * loss + 0.004 * number, accuracy=1 - loss / 4 if accuracy else None)
        for name, loss in losses.items()
    }
    return EpochScores(epoch=number, training=losses, validation=scores if validation else {})


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares
