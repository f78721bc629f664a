"""Linear or logarithmic, and ticks that read as people write numbers."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis as DrawnAxis
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from simulations.report.content import Axis
from simulations.report.numbers import with_unit

SPANS = 20.0
MARGIN = 0.03


def is_log(axis: Axis, values: Sequence[float]) -> bool:
    """What the axis says, or whether the greatest value is `SPANS` times the least. Never with a value of 0 or less."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite or min(finite) <= 0:
        return False
    return axis.log if axis.log is not None else max(finite) / min(finite) >= SPANS


def apply(axes: Axes, which: Literal["x", "y"], axis: Axis, values: Sequence[float]) -> None:
    """Scale, ticks and label of one axis for the values that are drawn on it."""
    drawn: DrawnAxis = axes.xaxis if which == "x" else axes.yaxis
    if is_log(axis, values):
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        steps = log_steps(*extremes(values))
        drawn.set_major_locator(LogLocator(subs=steps, numticks=20))
        drawn.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=20) if len(steps) > 1 else NullLocator())
        drawn.set_minor_formatter(NullFormatter())
    else:
        drawn.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    drawn.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    drawn.set_label_text(with_unit(axis.label, axis.unit))


def apply_points(axes: Axes, axis: Axis, values: Sequence[float], *, room: int) -> None:
    """As `apply` on the x axis, with ticks where the points are: what was set in an experiment is read off the axis.

    Not where labels would touch: `room` is how many fit beside each other.
    """
    apply(axes, "x", axis, values)
    distinct = sorted(set(values))
    if fits([math.log(value) for value in distinct] if is_log(axis, values) else distinct, room):
        axes.xaxis.set_major_locator(FixedLocator(distinct))
        axes.xaxis.set_minor_locator(NullLocator())


def fit(axes: Axes, which: Literal["x", "y"], values: Sequence[float]) -> None:
    """From the least to the greatest and a little more, whatever else is drawn. After `apply`."""
    if not any(map(math.isfinite, values)):
        return
    low, high = extremes(values)
    logarithmic = (axes.get_xscale() if which == "x" else axes.get_yscale()) == "log"
    more = (high / low) ** MARGIN if logarithmic else (high - low) * MARGIN
    ends = (low / more, high * more) if logarithmic else (low - more, high + more)
    if low < high:
        (axes.set_xlim if which == "x" else axes.set_ylim)(ends)


def extremes(values: Sequence[float]) -> tuple[float, float]:
    """Of the finite ones. Raises ValueError when there are none."""
    finite = [value for value in values if math.isfinite(value)]
    return min(finite), max(finite)


def fits(places: Sequence[float], room: int) -> bool:
    """Whether no two labels at these ascending places would touch on an axis for `room` evenly spaced ones."""
    gaps = [after - before for before, after in pairwise(places)]
    return not gaps or min(gaps) * room >= places[-1] - places[0]


def log_steps(low: float, high: float) -> tuple[float, ...]:
    """1, 2, 5 within two decades; 1, 3 within four; powers of ten beyond."""
    decades = math.log10(high / low)
    if decades <= 2:
        return (1.0, 2.0, 5.0)
    return (1.0, 3.0) if decades <= 3.5 else (1.0,)


def tick(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"
