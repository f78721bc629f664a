"""A network judged: what its test says, by the kind of its task. Pure."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import percent, table

if TYPE_CHECKING:
    from agent.training.judging.judgement import Judgement
    from agent.training.judging.judgements import Judgements
    from agent.training.judging.scores import LabelScores

# A confusion matrix of more classes is for a picture.
MOST_CLASSES_IN_A_MATRIX = 16
_Headings = tuple[str, ...]
_CLASSES: _Headings = ("exit", "accuracy", "top 2", "log loss", "macro F1", "calibration error", "Brier")
_LABELS: _Headings = ("exit", "every label right", "labels wrong", "micro F1", "macro F1")
_NUMBERS: _Headings = ("exit", "RMSE", "MAE", "R2")


def exits(found: "Judgements") -> RenderableType:
    """A row an exit, and one for the network as deployed where that is known."""
    judged = _all(found)
    first = judged[0] if judged else None
    headings, row = _CLASSES, _of_classes
    if first is not None and first.regression is not None:
        headings, row = _NUMBERS, _of_numbers
    elif first is not None and first.multilabel is not None:
        headings, row = _LABELS, _of_labels
    rows = [(one.exit, *row(one)) for one in judged]
    return Group(
        Text(f"judged on {found.records:,} records of the test part"), table(headings, rows, empty="No exits.")
    )


def whole(found: "Judgements", title: str, *, labels: Sequence[str] = ()) -> RenderableType:
    """Everything: by exit, then of each exit by class, label or output. `labels`: names of the classes, or none."""
    parts: list[RenderableType] = [Text(title), exits(found)]
    for one in _all(found):
        parts += _details(one, labels)
    if found.deployed is not None:
        parts.append(_leaving(found))
    return Group(*parts)


def _all(found: "Judgements") -> "list[Judgement]":
    return [*found.exits, *([found.deployed.judgement] if found.deployed else [])]


def _of_classes(one: "Judgement") -> Sequence[str]:
    known, sure = one.classification, one.calibration
    if known is None or sure is None:
        return ("-",) * (len(_CLASSES) - 1)
    top = next((percent(top.accuracy) for top in known.top_k if top.k == 2), "-")
    return (
        f"{known.accuracy:.2%}",
        top,
        f"{known.log_loss:.4g}",
        f"{known.macro.f1:.4f}",
        f"{sure.ece:.2%}",
        f"{sure.brier:.4g}",
    )


def _of_labels(one: "Judgement") -> Sequence[str]:
    known = one.multilabel
    if known is None:
        return ("-",) * (len(_LABELS) - 1)
    return (
        f"{known.subset_accuracy:.2%}",
        f"{known.hamming_loss:.2%}",
        _share(known.micro.f1),
        f"{known.macro.f1:.4f}",
    )


def _of_numbers(one: "Judgement") -> Sequence[str]:
    known = one.regression
    if known is None:
        return ("-",) * (len(_NUMBERS) - 1)
    return (f"{known.overall.rmse:.4g}", f"{known.overall.mae:.4g}", _share(known.overall.r2))


def _details(one: "Judgement", labels: Sequence[str]) -> list[RenderableType]:
    if one.classification is not None:
        classes = one.classification.by_class
        parts = [Text(f"{one.exit}, by class"), _by_label("class", classes, labels)]
        if len(classes) <= MOST_CLASSES_IN_A_MATRIX:
            parts += [Text(f"{one.exit}: a row a true class, a column a predicted one"), _matrix(one)]
        return parts
    if one.multilabel is not None:
        return [Text(f"{one.exit}, by label"), _by_label("label", one.multilabel.by_label, labels)]
    if one.regression is not None:
        rows = [
            (str(place), f"{each.rmse:.4g}", f"{each.mae:.4g}", _share(each.r2))
            for place, each in enumerate(one.regression.by_output)
        ]
        return [Text(f"{one.exit}, by output"), table(("output", *_NUMBERS[1:]), rows, empty="No outputs.")]
    return []


def _by_label(what: str, scores: "Iterable[LabelScores]", labels: Sequence[str]) -> RenderableType:
    rows = [
        (
            _name(place, labels),
            f"{each.support:,}",
            f"{each.predicted:,}",
            *map(_share, (each.precision, each.recall, each.f1)),
        )
        for place, each in enumerate(scores)
    ]
    return table((what, "records", "predicted", "precision", "recall", "F1"), rows, empty="None.")


def _matrix(one: "Judgement") -> RenderableType:
    confusion = one.classification.confusion if one.classification else ()
    headings = ("", *(str(place) for place in range(len(confusion))))
    rows = [(str(place), *(str(count or "") for count in row)) for place, row in enumerate(confusion)]
    return table(headings, rows, empty="")


def _leaving(found: "Judgements") -> RenderableType:
    leaving = found.deployed.leaving if found.deployed else ()
    rows = [
        (
            one.exit,
            f"{one.records:,}",
            percent(one.share),
            percent(one.accuracy),
            _count(one.harmed),
            _count(one.helped),
        )
        for one in leaving
    ]
    headings = ("exit", "answers", "share", "accuracy", "lost a right answer", "won one")
    return Group(Text("as deployed"), table(headings, rows, empty=""))


def _name(place: int, labels: Sequence[str]) -> str:
    return f"{place} {labels[place]}" if place < len(labels) else str(place)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
