"""One quantity over another with intervals: latency by load, throughput by replicas."""

import math
from itertools import chain

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulations.report.charts import scales, style
from simulations.report.charts.marks import draw_marks
from simulations.report.charts.palette import Look, Palette
from simulations.report.content import Curves, Estimate, Panel, Point, Series

HEIGHT_IN = 2.9
SIDE_BY_SIDE = 3
# Ticks of five letters over the whole width.
ROOM = 22
TITLE_LETTERS, TITLE_PAD = 84, 7


def draw(chart: Curves, palette: Palette) -> Figure:
    """Panels share both axes, so that they can be compared by eye."""
    rows = -(-len(chart.panels) // SIDE_BY_SIDE)
    columns = min(len(chart.panels), SIDE_BY_SIDE)
    drawn = style.figure(HEIGHT_IN * rows)
    grid = drawn.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    places = list(chain.from_iterable(grid))
    for axes, panel in zip(places, chart.panels, strict=False):
        _panel(axes, panel, palette)
    points = [point for panel in chart.panels for series in panel.series for point in series.points]
    for axes, panel in zip(places, chart.panels, strict=False):
        _scales(axes, chart, points)
        above = draw_marks(axes, panel.marks)
        axes.set_title(style.shortened(panel.title, TITLE_LETTERS // columns), pad=TITLE_PAD + above)
        axes.tick_params(labelbottom=True)
    for axes in places[len(chart.panels) :]:
        axes.set_visible(False)
    for axes in chain.from_iterable(row[1:] for row in grid):
        axes.set_ylabel("")
    style.legend(drawn, [series.label for panel in chart.panels for series in panel.series])
    return drawn


def _panel(axes: Axes, panel: Panel, palette: Palette) -> None:
    for series in panel.series:
        if series.reference:
            _reference(axes, series)
        else:
            _measured(axes, series, palette)


def _measured(axes: Axes, series: Series, palette: Palette) -> None:
    look = palette.look(series.label)
    seen = [point for point in series.points if math.isfinite(point.y.value)]
    axes.errorbar(
        [point.x for point in seen],
        [point.y.value for point in seen],
        yerr=[[_reach(point.y, end) for point in seen] for end in (0, 1)],
        label=series.label,
        color=look.colour,
        marker=look.marker,
        elinewidth=1.0,
        capsize=2.5,
    )
    beyond = [point.x for point in series.points if not math.isfinite(point.y.value)]
    _beyond(axes, beyond, look)


def _beyond(axes: Axes, places: list[float], look: Look) -> None:
    """Hollow arrows at the upper end: so many records were lost there that the quantity has no bound."""
    edge = axes.get_xaxis_transform()
    (drawn,) = axes.plot(
        places, [1.0] * len(places), "^", transform=edge, color=look.colour, mfc="white", clip_on=False
    )
    # The layout would measure what is not there as infinitely far away.
    drawn.set_in_layout(False)


def _reach(found: Estimate, end: int) -> float:
    """From the value to an end of its interval; none to an end that is infinite."""
    reach = abs((found.interval or (found.value, found.value))[end] - found.value)
    return reach if math.isfinite(reach) else 0.0


def _reference(axes: Axes, series: Series) -> None:
    across, up = [point.x for point in series.points], [point.y.value for point in series.points]
    style.reference(axes, across, up, series.label)


def _scales(axes: Axes, chart: Curves, points: list[Point]) -> None:
    heights = [height for point in points for height in (point.y.value, *(point.y.interval or ()))]
    heights = [height for height in heights if math.isfinite(height)] or [0.0]
    scales.apply_points(axes, chart.x, [point.x for point in points], room=ROOM // min(len(chart.panels), SIDE_BY_SIDE))
    scales.apply(axes, "y", chart.y, heights)
    if not scales.is_log(chart.y, heights):
        axes.set_ylim(bottom=min(0.0, *heights))
    axes.grid(visible=False, axis="x")
