"""Whether an exit is right as often as it says: accuracy over confidence, and how many records stand at each.

After DeGroot and Fienberg, "The comparison and evaluation of forecasters", The Statistician 32, 1983.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import FuncFormatter, MultipleLocator

from fogline.run_pictures.picture import Picture
from simulations.report.charts import Palette, style

if TYPE_CHECKING:
    from agent.training.judging.calibration import Calibration
    from agent.training.judging.judgement import Judgement

SIDE_BY_SIDE = 3
ROW_IN = 2.9


def picture(judged: "Sequence[Judgement]") -> Picture:
    shown = [(one.exit, one.calibration) for one in judged if one.calibration]
    rows = -(-len(shown) // SIDE_BY_SIDE)
    return Picture(
        name="reliability", title="Right as often as it says?", height_in=ROW_IN * rows, draw=partial(_draw, shown)
    )


def _draw(shown: "Sequence[tuple[str, Calibration]]", figure: FigureBase) -> None:
    columns, rows = min(len(shown), SIDE_BY_SIDE), -(-len(shown) // SIDE_BY_SIDE)
    places = figure.subplots(2 * rows, columns, sharex=True, squeeze=False, height_ratios=[3, 1] * rows)
    palette = Palette(labels=tuple(name for name, _ in shown))
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        curve, counts = places[2 * row][column], places[2 * row + 1][column]
        if place >= len(shown):
            curve.set_visible(False)
            counts.set_visible(False)
            continue
        name, found = shown[place]
        colour = palette.look(name).colour
        _curve(curve, name, found, colour, is_first=column == 0)
        _counts(counts, found, colour, is_first=column == 0)


def _curve(axes: Axes, name: str, found: "Calibration", colour: str, *, is_first: bool) -> None:
    style.reference(axes, [0, 1], [0, 1], "as sure as right")
    seen = [
        (one.confidence, one.accuracy) for one in found.bins if one.confidence is not None and one.accuracy is not None
    ]
    axes.plot(
        [sure for sure, _ in seen], [right for _, right in seen], color=colour, marker="o", markersize=4, clip_on=False
    )
    axes.set_title(f"{style.shortened(name, 16)}: off by {found.ece:.1%}")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_locator(MultipleLocator(0.25))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    if is_first:
        axes.set_ylabel("right (%)")
    else:
        axes.tick_params(labelleft=False)


def _counts(axes: Axes, found: "Calibration", colour: str, *, is_first: bool) -> None:
    shares = [one.records / found.records for one in found.bins]
    edges = [one.lower for one in found.bins]
    widths = [one.upper - one.lower for one in found.bins]
    axes.bar(edges, shares, width=widths, align="edge", color=colour, alpha=0.55, edgecolor="white", linewidth=0.5)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_locator(MultipleLocator(0.5))
    axes.xaxis.set_major_formatter(FuncFormatter(_percent))
    axes.yaxis.set_major_locator(MultipleLocator(0.5))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    axes.set_xlabel("confidence (%)")
    axes.tick_params(labelbottom=True)
    if is_first:
        axes.set_ylabel("records (%)")
    else:
        axes.tick_params(labelleft=False)


def _percent(share: float, _: object) -> str:
    return f"{100 * share:.0f}"
