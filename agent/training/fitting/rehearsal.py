"""What can be known before the first step need not be found out after the last."""

import numpy as np

from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Learner
from agent.training.judging.predictions import SUM_TOLERANCE
from shared.documents.model import Task
from shared.errors import ModelError

_RECORDS = 8


def rehearse(learner: Learner, examples: Examples) -> None:
    """Raises ModelError when the network cannot answer, or not with probabilities where classes are asked for."""
    inputs, _ = next(examples.in_order(examples.training, batch=_RECORDS))
    for name, answers in learner.answers(inputs).items():
        if not np.isfinite(answers).all():
            raise ModelError(f"exit {name!r} answers with NaN or an infinity before anything was learnt")
        outside = (np.abs(answers - 0.5) > 0.5 + SUM_TOLERANCE).any()
        if examples.task is Task.MULTI_LABEL and outside:
            raise ModelError(f"exit {name!r} gives no probabilities of labels, 0 to 1 each: end it with a sigmoid")
        if examples.task is Task.CLASSIFICATION:
            sums = answers.sum(axis=1, dtype=np.float64)
            if (np.abs(sums - 1) > SUM_TOLERANCE).any() or outside:
                raise ModelError(
                    f"exit {name!r} gives no class probabilities, their sum is {sums[0]:.4g}: end it with a softmax"
                )
