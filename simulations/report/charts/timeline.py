"""Strips over one time axis: what the records felt, what the logs held, and what broke when."""

from itertools import chain
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulations.report.charts import scales, style
from simulations.report.charts.marks import draw_marks
from simulations.report.charts.palette import Palette
from simulations.report.content import Strip, Timeline

STRIP_IN, AROUND_IN = 1.25, 0.9
# A point, so that one between two gaps is seen.
LINE: dict[str, Any] = {"linewidth": 1.3, "marker": ".", "markersize": 2.5}


def draw(chart: Timeline, palette: Palette) -> Figure:
    drawn = style.figure(AROUND_IN + STRIP_IN * len(chart.strips))
    places = list(drawn.subplots(len(chart.strips), 1, sharex=True, squeeze=False)[:, 0])
    for axes, strip in zip(places, chart.strips, strict=True):
        _strip(axes, strip, palette)
    begin, end = _span(chart)
    places[0].set_xlim(begin, end)
    for place, axes in enumerate(places):
        draw_marks(axes, chart.marks, labelled=place == 0)
    places[-1].set_xlabel("time since the load began (s)")
    drawn.align_ylabels(places)
    return drawn


def _strip(axes: Axes, strip: Strip, palette: Palette) -> None:
    labels = [trace.label for trace in strip.traces]
    for trace in strip.traces:
        look = palette.look(trace.label, among=labels)
        axes.plot(trace.at_s, trace.values, color=look.colour, linestyle=look.dash, label=trace.label, **LINE)
    values = [float(value) for value in chain.from_iterable(trace.values for trace in strip.traces)]
    finite = [value for value in values if np.isfinite(value)]
    scales.apply(axes, "y", strip.axis, finite)
    if not scales.is_log(strip.axis, finite):
        axes.set_ylim(bottom=min([0.0, *finite]))
    if len(labels) > 1 or strip.axis.label not in labels:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.6)


def _span(chart: Timeline) -> tuple[float, float]:
    moments = np.concatenate([trace.at_s for strip in chart.strips for trace in strip.traces])
    return (float(moments.min()), float(moments.max())) if moments.size else (0.0, 1.0)
