"""What a whole is made of: bars that lie, so that their names can be read, one group under the other."""

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from simulations.report.charts import scales, style
from simulations.report.charts.palette import stacked
from simulations.report.content import Axis, Bar, BarGroup, Stacks
from simulations.report.numbers import estimate, number

BAR_IN, GROUP_IN, AROUND_IN = 0.27, 0.32, 0.75
ROOM_FOR_NUMBERS, SHOWN_FROM = 1.32, 0.06


def draw(chart: Stacks) -> Figure:
    """A number stands in each part that is wide enough, and the whole with its interval at the end of the bar."""
    bars = sum(len(group.bars) for group in chart.groups)
    drawn = style.figure(AROUND_IN + BAR_IN * bars + GROUP_IN * len(chart.groups))
    heights = [len(group.bars) for group in chart.groups]
    places = list(drawn.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0])
    longest, numbered = longest_bar(chart), any(bar.total for group in chart.groups for bar in group.bars)
    width = longest * (ROOM_FOR_NUMBERS if numbered else 1.01)
    places[0].set_xlim(0, width)
    for axes, group in zip(places, chart.groups, strict=True):
        _group(axes, group, chart.parts, width)
    for axes in places:
        axes.spines["bottom"].set_visible(axes is places[-1])
        axes.tick_params(axis="x", length=3 if axes is places[-1] else 0)
        axes.spines["bottom"].set_bounds(0, longest)
    scales.apply(places[-1], "x", Axis(label=chart.axis.label, unit=chart.axis.unit, log=False), [0.0, longest])
    places[-1].set_xticks([place for place in places[-1].get_xticks() if 0 <= place <= longest])
    style.legend(drawn, chart.parts)
    return drawn


def _group(axes: Axes, group: BarGroup, parts: tuple[str, ...], width: float) -> None:
    axes.set_title(style.shortened(group.title, style.LEGEND_LETTERS), fontsize=8.5)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for row, bar in enumerate(group.bars):
        _bar(axes, row, bar, parts, width)
    axes.set_yticks(range(len(group.bars)), [style.shortened(bar.label, style.SIDE_LETTERS) for bar in group.bars])
    axes.set_ylim(len(group.bars) - 0.45, -0.6)


def _bar(axes: Axes, row: int, bar: Bar, parts: tuple[str, ...], width: float) -> None:
    left = 0.0
    for part, colour, value in zip(parts, stacked(parts), bar.parts, strict=True):
        label = part if row == 0 else None
        axes.barh(row, value, left=left, height=0.72, color=colour, edgecolor="white", linewidth=0.6, label=label)
        if value >= SHOWN_FROM * width:
            middle, ink = left + value / 2, _ink_on(colour)
            axes.text(middle, row, number(value), ha="center", va="center", fontsize=7, color=ink)
        left += value
    if bar.total is None:
        return
    if bar.total.interval:
        low, high = bar.total.interval
        under = row + 0.44
        axes.plot([low, high], [under, under], color=style.INK, linewidth=1.0, solid_capstyle="butt")
    text = estimate(bar.total)
    axes.annotate(text, (sum(bar.parts), row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=7.5)


def longest_bar(chart: Stacks) -> float:
    return max([_end(bar) for group in chart.groups for bar in group.bars], default=0.0) or 1.0


def _end(bar: Bar) -> float:
    """Where the last of its parts or its interval ends."""
    _, high = (bar.total and bar.total.interval) or (0.0, 0.0)
    return max(sum(bar.parts), high)


def _ink_on(colour: str) -> str:
    red, green, blue = to_rgb(colour)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else style.INK
