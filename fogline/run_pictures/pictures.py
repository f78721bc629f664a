"""Which pictures there are of a run, by the kind of its task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fogline.run_pictures import by_label, confusion, curves, deviations, reliability
from fogline.run_pictures.picture import Picture

if TYPE_CHECKING:
    from agent.training.judging.judgements import Judgements
    from agent.training.results import History


def pictures(
    judgements: "Judgements | None", history: "History | None", *, labels: Sequence[str] = ()
) -> tuple[Picture, ...]:
    """In the order in which they are read. None of them where nothing is known yet."""
    found: list[Picture] = []
    if history is not None and history.epochs:
        found.append(curves.picture(history))
    if judgements is None:
        return tuple(found)
    judged = [*judgements.exits, *([judgements.deployed.judgement] if judgements.deployed else [])]
    if any(one.calibration for one in judged):
        found.append(reliability.picture(judged))
    found += [confusion.picture(one, labels) for one in judged if one.classification]
    if any(one.multilabel for one in judged):
        found.append(by_label.picture(judged, labels))
    if any(one.regression for one in judged):
        found.append(deviations.picture(judged))
    return tuple(found)
