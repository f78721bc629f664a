"""One file a kind of chart; `draw` takes any of them."""

from matplotlib.figure import Figure

from simulations.report.charts import curves, differences, distributions, stacks, timeline, trades
from simulations.report.charts.palette import Palette
from simulations.report.content import Chart, Curves, Differences, Distributions, Stacks, Timeline, Trade

__all__ = ["Palette", "draw"]


def draw(chart: Chart, palette: Palette) -> Figure:
    """A figure to be saved inside `style.applied()`, where this must be called too."""
    match chart:
        case Distributions():
            return distributions.draw(chart, palette)
        case Curves():
            return curves.draw(chart, palette)
        case Stacks():
            return stacks.draw(chart)
        case Timeline():
            return timeline.draw(chart, palette)
        case Trade():
            return trades.draw(chart, palette)
        case Differences():
            return differences.draw(chart)
