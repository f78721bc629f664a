"""Two runs side by side, and whether chance alone would make them differ as much."""

from enum import StrEnum

from agent.training.judging.deployed import WHOLE
from agent.training.judging.judgement import Judgement
from agent.training.judging.judgements import Judgements
from agent.training.judging.proportions import mcnemar, newcombe
from shared.documents.types import Message
from shared.errors import DocumentError

CONFIDENCE = 0.95


class Figure(StrEnum):
    """What is compared. Of the root mean squared error less is better."""

    ACCURACY = "accuracy"
    SUBSET_ACCURACY = "subset_accuracy"
    RMSE = "rmse"


class Paired(Message, frozen=True, kw_only=True, tag_field="test", tag="mcnemar_exact"):
    """Both judged the same records in the same order. `p_value`: how often chance alone makes them differ as much.

    `first_only` and `second_only`: records that one run answered rightly and the other did not.
    """

    first_only: int
    second_only: int
    p_value: float


class Apart(Message, frozen=True, kw_only=True, tag_field="test", tag="newcombe_10"):
    """Not known to be the same records: an interval for the difference; 0 outside of it is more than chance."""

    confidence: float
    lower: float
    upper: float


class Compared(Message, frozen=True, kw_only=True):
    """`difference` is the second less the first; `test` is null of plain numbers."""

    exit: str
    figure: Figure
    first: float
    second: float
    difference: float
    test: Paired | Apart | None


class Comparison(Message, frozen=True, kw_only=True):
    """`exits` that both have, in the first's order, then the networks as deployed. `unpaired_because` is empty where
    tests are paired."""

    exits: tuple[Compared, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    unpaired_because: str


def compare(first: Judgements, second: Judgements, *, confidence: float = CONFIDENCE) -> Comparison:
    """Raises DocumentError of networks of different kinds, which have no figure in common."""
    if not 0 < confidence < 1:
        raise DocumentError("not between 0 and 1", field="confidence")
    names, others = _names(first), _names(second)
    reason = _unpaired_because(first, second)
    return Comparison(
        exits=tuple(
            _compared(name, first, second, paired=not reason, confidence=confidence) for name in names if name in others
        ),
        only_first=tuple(name for name in names if name not in others),
        only_second=tuple(name for name in others if name not in names),
        unpaired_because=reason,
    )


def _names(judgements: Judgements) -> list[str]:
    return [one.exit for one in judgements.exits] + ([WHOLE] if judgements.deployed else [])


def _unpaired_because(first: Judgements, second: Judgements) -> str:
    if first.verdicts is None or second.verdicts is None:
        return "which records were answered rightly was not kept of both"
    if not first.test_set or not second.test_set:
        return "the records of both have no name"
    return "" if first.verdicts.same_records(second.verdicts) else "they judged other records, or in another order"


def _compared(name: str, first: Judgements, second: Judgements, *, paired: bool, confidence: float) -> Compared:
    one, other = first.of(name), second.of(name)
    if one is None or other is None:
        raise DocumentError("not judged by both", field=name)
    (figure, before), (other_figure, after) = _figure(one), _figure(other)
    if figure is not other_figure:
        raise DocumentError(f"{figure} of one and {other_figure} of the other cannot be compared", field=name)
    test = None if figure is Figure.RMSE else _paired(name, first, second) if paired else _apart(one, other, confidence)
    return Compared(exit=name, figure=figure, first=before, second=after, difference=after - before, test=test)


def _figure(judgement: Judgement) -> tuple[Figure, float]:
    if judgement.regression:
        return Figure.RMSE, judgement.regression.overall.rmse
    if judgement.accuracy is None:
        raise DocumentError("judged by nothing", field=judgement.exit)
    return Figure.ACCURACY if judgement.classification else Figure.SUBSET_ACCURACY, judgement.accuracy


def _paired(name: str, first: Judgements, second: Judgements) -> Paired | None:
    if first.verdicts is None or second.verdicts is None:
        return None
    one, other = first.verdicts.of(name), second.verdicts.of(name)
    first_only, second_only = int((one & ~other).sum()), int((other & ~one).sum())
    return Paired(first_only=first_only, second_only=second_only, p_value=mcnemar(first_only, second_only))


def _apart(first: Judgement, second: Judgement, confidence: float) -> Apart:
    rights = [round((one.accuracy or 0.0) * one.records) for one in (first, second)]
    lower, upper = newcombe(rights[1], second.records, rights[0], first.records, confidence=confidence)
    return Apart(confidence=confidence, lower=lower, upper=upper)
