"""A trained network answers the records it has never seen, and is judged by its answers."""

from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Learner
from agent.training.fitting.scores import Score
from agent.training.judging.judgement import Judgement
from agent.training.judging.judgements import Judgements, JudgementsTally
from agent.training.reading.batches import RowNumbers


def judged(
    learner: Learner, examples: Examples, part: RowNumbers, *, outputs: int, test_set: str, batch: int
) -> Judgements | None:
    """Batch by batch, in the order of the disk; None of no records. `outputs`: numbers an exit gives of a record.

    Raises ModelError, DocumentError as the metrics do.
    """
    if not len(part):
        return None
    tally = JudgementsTally(exits=learner.exits, task=examples.task, outputs=outputs, test_set=test_set)
    for inputs, truth in examples.in_order(part, batch=batch):
        tally.add(learner.answers(inputs), truth)
    return tally.result()


def scores(judgements: Judgements | None) -> dict[str, Score]:
    """The two numbers of each exit that people ask for first."""
    return {} if judgements is None else {one.exit: _score(one) for one in judgements.exits}


def _score(judgement: Judgement) -> Score:
    if judgement.classification is not None:
        return Score(loss=judgement.classification.log_loss, accuracy=judgement.accuracy)
    if judgement.multilabel is not None:
        return Score(loss=judgement.multilabel.log_loss, accuracy=judgement.accuracy)
    assert judgement.regression is not None  # noqa: S101 - there is no fourth kind
    return Score(loss=judgement.regression.overall.mse, accuracy=None)
