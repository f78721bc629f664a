"""Whose update is in which model: a row a site, a dot an update, the darker the staler."""

from collections.abc import Sequence
from functools import partial

from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.ticker import MaxNLocator

from fogline.federation_pictures.elapsed import elapsed
from fogline.run_pictures.picture import Picture
from shared.documents.federation_workloads import FederationView
from simulations.report.charts import style

ROW_IN, AROUND_IN, LEAST_IN, MOST_IN = 0.19, 0.9, 1.8, 7.0
# Rows beyond it have no room for a name.
MOST_NAMED = 40
DOT = 16


def picture(view: FederationView) -> Picture | None:
    """None where no model says who made it."""
    sites = sorted({name for one in view.progress.history for name in one.staleness})
    if not sites:
        return None
    return Picture(
        name="updates",
        title="Whose updates they were made of, and how many models those had missed",
        height_in=min(MOST_IN, max(LEAST_IN, AROUND_IN + ROW_IN * len(sites))),
        draw=partial(_draw, view, sites),
    )


def _draw(view: FederationView, sites: Sequence[str], figure: FigureBase) -> None:
    history = view.progress.history
    moments, unit = elapsed(view.created_at, [one.at for one in history])
    rows = {name: row for row, name in enumerate(sites)}
    dots = [
        (moment, rows[name], stale)
        for moment, one in zip(moments, history, strict=True)
        for name, stale in one.staleness.items()
    ]
    axes = figure.subplots()
    drawn = axes.scatter(
        [moment for moment, _, _ in dots],
        [row for _, row, _ in dots],
        c=[stale for _, _, stale in dots],
        s=DOT,
        cmap="viridis_r",
        vmin=0,
        vmax=max(1, *(stale for _, _, stale in dots)) if dots else 1,
        linewidths=0,
    )
    if len(sites) <= MOST_NAMED:
        axes.set_yticks(range(len(sites)), [style.shortened(name, 20) for name in sites])
    else:
        axes.set_ylabel("site")
    axes.set_ylim(len(sites) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"{unit} since it was put")
    axes.tick_params(axis="y", length=0)
    whole: Figure | SubFigure = axes.figure
    whole.colorbar(drawn, ax=axes, label="staleness", ticks=MaxNLocator(integer=True), pad=0.01)
