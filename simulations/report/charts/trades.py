"""One quantity against several others, under each other: what is had for what."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulations.report.charts import scales, style
from simulations.report.charts.marks import draw_marks
from simulations.report.charts.palette import Palette
from simulations.report.content import Facet, Point, Trade

FACET_IN, AROUND_IN = 1.55, 0.9


def draw(chart: Trade, palette: Palette) -> Figure:
    drawn = style.figure(AROUND_IN + FACET_IN * len(chart.facets))
    places = list(drawn.subplots(len(chart.facets), 1, sharex=True, squeeze=False)[:, 0])
    for axes, facet in zip(places, chart.facets, strict=True):
        _facet(axes, facet, palette)
    across = [point.x for facet in chart.facets for point in _points(facet)]
    scales.apply(places[-1], "x", chart.x, across)
    scales.fit(places[-1], "x", across)
    for place, axes in enumerate(places):
        draw_marks(axes, chart.marks, labelled=place == 0)
    drawn.align_ylabels(places)
    return drawn


def _facet(axes: Axes, facet: Facet, palette: Palette) -> None:
    labels = [one.label for one in facet.series if not one.reference]
    for one in facet.series:
        across, up = [point.x for point in one.points], [point.y.value for point in one.points]
        if one.reference:
            style.reference(axes, across, up, one.label)
        else:
            axes.plot(across, up, color=palette.look(one.label, among=labels).colour, label=one.label)
    heights = [point.y.value for point in _points(facet) if math.isfinite(point.y.value)]
    scales.apply(axes, "y", facet.y, heights)
    if heights and min(heights) == 0:
        axes.set_ylim(bottom=0)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.6)


def _points(facet: Facet) -> list[Point]:
    return [point for one in facet.series for point in one.points]
