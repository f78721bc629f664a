"""What happened meanwhile: lines and shades through an axis, their labels above it in rows that do not collide."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from simulations.report.charts import style
from simulations.report.content import Mark

LETTER_IN, ROW_IN = 0.056, 0.14


def draw_marks(axes: Axes, marks: Sequence[Mark], *, labelled: bool = True) -> float:
    """How many points its labels take above the axis. After everything else: they depend on its scale and limits."""
    for mark in marks:
        colour = style.BETTER if mark.good else style.WORSE
        if mark.until is not None:
            axes.axvspan(mark.at, mark.until, color=colour, alpha=0.10, linewidth=0)
        axes.axvline(mark.at, color=colour, linewidth=1.0, linestyle=(0, (3, 1.5)))
    return _label(axes, marks) if labelled else 0.0


def rows(places: Sequence[float], widths: Sequence[float]) -> tuple[int, ...]:
    """The row of each label, the lowest in which it does not run into another. `places` ascend."""
    ends: list[float] = []
    chosen = []
    for place, width in zip(places, widths, strict=True):
        row = next((row for row, end in enumerate(ends) if place >= end), len(ends))
        ends[row : row + 1] = [place + width]
        chosen.append(row)
    return tuple(chosen)


def _label(axes: Axes, marks: Sequence[Mark]) -> float:
    ordered = sorted(marks, key=lambda mark: mark.at)
    width_in = axes.get_position().width * style.WIDTH_IN
    labels = [style.shortened(mark.label, int(width_in / LETTER_IN) - 1) for mark in ordered]
    widths = [LETTER_IN * (len(label) + 1) for label in labels]
    to_axes = axes.transData + axes.transAxes.inverted()
    places = [float(to_axes.transform((mark.at, 1.0))[0]) * width_in for mark in ordered]
    inside = [max(0.0, min(place, width_in - width)) for place, width in zip(places, widths, strict=True)]
    chosen = rows(inside, widths)
    for mark, label, place, begin, row in zip(ordered, labels, places, inside, chosen, strict=True):
        axes.annotate(
            label,
            (mark.at, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(72 * (begin - place), 3 + 72 * ROW_IN * row),
            textcoords="offset points",
            fontsize=7.5,
            color=style.BETTER if mark.good else style.WORSE,
        )
    return 72 * ROW_IN * (max(chosen, default=-1) + 1)
