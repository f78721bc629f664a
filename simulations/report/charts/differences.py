"""Two runs held against each other: how much each figure differs, and whether that is more than chance."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simulations.report.charts import style
from simulations.report.content import Difference, Differences
from simulations.report.numbers import p_value, percent

ROW_IN, AROUND_IN = 0.22, 0.75


def draw(chart: Differences) -> Figure:
    """Colour only where the interval leaves out 0: green for better, red for worse, dark where neither is."""
    drawn = style.figure(AROUND_IN + ROW_IN * max(1, len(chart.rows)))
    axes = drawn.subplots()
    axes.axvline(0, color=style.FAINT, linewidth=0.9)
    for row, one in enumerate(chart.rows):
        _row(axes, row, one)
    axes.set_yticks(range(len(chart.rows)), [style.shortened(one.label, style.SIDE_LETTERS) for one in chart.rows])
    axes.set_ylim(len(chart.rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share, decimals=0) if share else "0"))
    axes.set_xlabel("difference of this run from the other")
    return drawn


def colour(one: Difference) -> str:
    low, high = one.relative.interval or (-1.0, 1.0)
    if low <= 0 <= high:
        return style.UNDECIDED
    if one.lower_is_better is None:
        return style.INK
    return style.BETTER if (one.relative.value < 0) == one.lower_is_better else style.WORSE


def _row(axes: Axes, row: int, one: Difference) -> None:
    ink = colour(one)
    if one.relative.interval:
        axes.plot(list(one.relative.interval), [row, row], color=ink, linewidth=1.6, solid_capstyle="butt")
    axes.plot([one.relative.value], [row], color=ink, marker="o", markersize=4.5)
    for place, text in ((1.09, percent(one.relative.value)), (1.23, p_value(one.p))):
        where = axes.get_yaxis_transform()
        axes.annotate(text, (place, row), xycoords=where, va="center", ha="right", fontsize=7.5, color=ink)
