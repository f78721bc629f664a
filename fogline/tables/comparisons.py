"""Runs side by side. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import table
from shared.documents import RunView

if TYPE_CHECKING:
    from agent.training.judging.comparison import Apart, Compared, Comparison, Paired

_BETTER = {"accuracy": "accuracy", "subset_accuracy": "every label right", "rmse": "RMSE (less is better)"}


def comparisons(runs: Sequence[RunView], found: "Mapping[int, Comparison]") -> RenderableType:
    """`found`: of the first run with each of the others, by the other's number."""
    first, *others = runs
    of_runs = table(
        ("run", "network", "request", "stream", "versions"),
        [(str(one.id), one.network, one.request, one.stream, _versions(one)) for one in runs],
        empty="",
    )
    parts: list[RenderableType] = [of_runs, _figures(first, others, found)]
    for other in others:
        parts += _notes(first, other, found[other.id])
    return Group(*parts)


def _figures(first: RunView, others: Sequence[RunView], found: "Mapping[int, Comparison]") -> RenderableType:
    names = list(dict.fromkeys(one.exit for other in others for one in found[other.id].exits))
    headings = ["exit", "", f"run {first.id}"]
    for other in others:
        headings += [f"run {other.id}", "difference", "more than chance?"]
    rows = [_row(name, others, found) for name in names]
    return table(headings, rows, empty="They have no exit in common.")


def _row(name: str, others: Sequence[RunView], found: "Mapping[int, Comparison]") -> list[str]:
    by_run = [next((one for one in found[other.id].exits if one.exit == name), None) for other in others]
    some = next(one for one in by_run if one is not None)
    row = [name, _BETTER.get(some.figure, some.figure), value(some, some.first)]
    for one in by_run:
        row += ["-", "-", "-"] if one is None else [value(one, one.second), difference(one), chance(one.test)]
    return row


def value(one: "Compared", number: float) -> str:
    return f"{number:.4g}" if one.figure == "rmse" else f"{number:.2%}"


def difference(one: "Compared") -> str:
    return f"{one.difference:+.4g}" if one.figure == "rmse" else f"{100 * one.difference:+.2f} points"


def chance(test: "Paired | Apart | None") -> str:
    """Not said of plain numbers."""
    from agent.training.judging.comparison import Apart, Paired

    if isinstance(test, Paired):
        verdict = "yes" if test.p_value < 0.05 else "no"
        return f"{verdict}, p {test.p_value:.2g} ({test.first_only} : {test.second_only})"
    if isinstance(test, Apart):
        verdict = "no" if test.lower <= 0 <= test.upper else "yes"
        return f"{verdict}, {100 * test.lower:+.2f} to {100 * test.upper:+.2f} points"
    return "-"


def _notes(first: RunView, other: RunView, found: "Comparison") -> list[RenderableType]:
    notes = []
    if found.unpaired_because:
        notes.append(f"runs {first.id} and {other.id} are compared as two samples: {found.unpaired_because}")
    else:
        notes.append(
            f"runs {first.id} and {other.id} judged the same records: in brackets, those that only the one "
            "and only the other answered rightly (McNemar's exact test)"
        )
    for run, names in ((first, found.only_first), (other, found.only_second)):
        if names:
            notes.append(f"only run {run.id} has {', '.join(names)}")
    return [Text(note) for note in notes]


def _versions(one: RunView) -> str:
    return ", ".join(f"{each.model}/{each.version}" for each in one.versions) or "-"
