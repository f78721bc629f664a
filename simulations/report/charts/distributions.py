"""Left the distribution function, right its tail on an axis of nines, where p99 is as easy to read as p50."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from simulations.report.charts import scales, style
from simulations.report.charts.palette import Look, Palette
from simulations.report.content import Distributions
from simulations.report.quantiles import Curve, curve

HEIGHT_IN = 2.9
NINES = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
BAND = 0.2
# The least few values of a run would take half of a logarithmic axis.
FROM = 0.001


def draw(chart: Distributions, palette: Palette) -> Figure:
    """The line is of all repetitions together, the band holds each of them. Thin: fewer than ten records beyond."""
    drawn = style.figure(HEIGHT_IN)
    body, tail = drawn.subplots(1, 2, sharex=True)
    curves = [(curve(one), one.label) for one in chart.series]
    for found, label in curves:
        _body(body, found, palette.look(label), label)
        _tail(tail, found, palette.look(label))
    _axes_of_body(body)
    _axes_of_tail(tail, deepest=max(float(found.shares[-1]) for found, _ in curves))
    values = [float(value) for found, _ in curves for value in found.values[found.shares >= FROM]]
    for axes in (body, tail):
        scales.apply(axes, "x", chart.axis, values)
        scales.fit(axes, "x", values)
    style.legend(drawn, [one.label for one in chart.series])
    return drawn


def _body(axes: Axes, found: Curve, look: Look, label: str) -> None:
    axes.fill_betweenx(found.shares, found.low, found.high, color=look.colour, alpha=BAND, linewidth=0)
    axes.plot(found.values, found.shares, color=look.colour, linestyle=look.dash, label=label)


def _tail(axes: Axes, found: Curve, look: Look) -> None:
    beyond, sure = 1 - found.shares, found.shares <= found.sure
    axes.fill_betweenx(beyond[sure], found.low[sure], found.high[sure], color=look.colour, alpha=BAND, linewidth=0)
    axes.plot(found.values, beyond, color=look.colour, linewidth=0.6, alpha=0.7)
    axes.plot(found.values[sure], beyond[sure], color=look.colour, linestyle=look.dash)


def _axes_of_body(axes: Axes) -> None:
    axes.set_title("all records")
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:.0f} %"))
    axes.set_ylabel("share of records")


def _axes_of_tail(axes: Axes, *, deepest: float) -> None:
    axes.set_title("the slowest")
    axes.set_yscale("log")
    axes.set_ylim(0.7, max(1 - deepest, 1e-6) * 0.8)
    axes.yaxis.set_major_locator(FixedLocator([1 - nine for nine in NINES if nine <= max(deepest, 0.9)]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda beyond, _: percentile_name(1 - beyond)))


def percentile_name(share: float) -> str:
    """`p50`, `p99.9`."""
    return f"p{np.round(share * 100, 6):g}"
