"""A learner of numpy alone is judged as any other."""

import numpy as np

from agent.training.examination import judged, scores
from agent.training.fitting.examples import Examples
from shared.documents import Task
from tests.agent.training.fitting.two_exits import CLASSES, Rows, TwoExits

ROWS = Rows(90)
EXAMPLES = Examples(rows=ROWS, training=np.arange(0), validation=np.arange(0), task=Task.CLASSIFICATION)


def test_every_exit_is_judged_by_every_record_of_the_part() -> None:
    learner, part = TwoExits(), np.arange(10, 60)
    found = judged(learner, EXAMPLES, part, outputs=CLASSES, test_set="these", batch=16)
    assert found is not None
    inputs, labels = ROWS[part]
    right = {
        name: float((answers.argmax(axis=1) == labels).mean()) for name, answers in learner.answers(inputs).items()
    }
    assert (found.test_set, found.records) == ("these", 50)
    assert {name: score.accuracy for name, score in scores(found).items()} == right


def test_without_a_test_part_nothing_is_judged() -> None:
    assert judged(TwoExits(), EXAMPLES, np.arange(0), outputs=CLASSES, test_set="", batch=16) is None
    assert scores(None) == {}
