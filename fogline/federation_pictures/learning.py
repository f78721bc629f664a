"""How good the global models are, over rounds and over time, a metric a colour."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import FuncFormatter, MaxNLocator

from fogline.federation_pictures.elapsed import elapsed
from fogline.run_pictures.picture import Picture
from shared.documents.federation_workloads import FederationView, ModelScore
from simulations.report.charts import Palette, style

HEIGHT_IN = 2.7
SITES = "sites' "


def picture(view: FederationView) -> Picture | None:
    """Accuracies, or losses where there are none; what the sites said is broken. None where nobody measures."""
    found = [_series(one) for one in view.progress.history]
    names = tuple(dict.fromkeys(name for one in found for name in one))
    accuracies = tuple(name for name in names if name.endswith("/accuracy"))
    if not names:
        return None
    return Picture(
        name="learning",
        title="How good its models are",
        height_in=HEIGHT_IN,
        draw=partial(_draw, view, accuracies or names, is_accuracy=bool(accuracies)),
    )


def _series(one: ModelScore) -> dict[str, float]:
    return {**one.metrics, **{SITES + name: value for name, value in one.site_metrics.items()}}


def _draw(view: FederationView, names: Sequence[str], figure: FigureBase, *, is_accuracy: bool) -> None:
    history = view.progress.history
    by_round, by_time = figure.subplots(1, 2, sharey=True)
    moments, unit = elapsed(view.created_at, [one.at for one in history])
    palette = Palette(labels=tuple(names))
    for name in names:
        known = [(place, value) for place, one in enumerate(history) if (value := _series(one).get(name)) is not None]
        values = [value for _, value in known]
        _line(by_round, [history[place].round for place, _ in known], values, name, palette)
        _line(by_time, [moments[place] for place, _ in known], values, name, palette)
    by_round.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    by_round.set_xlabel("model")
    by_time.set_xlim(left=0)
    by_time.set_xlabel(f"{unit} since it was put")
    by_round.set_ylabel("accuracy" if is_accuracy else "loss")
    if is_accuracy:
        by_round.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    handles, said = by_round.get_legend_handles_labels()
    figure.legend(handles, said, loc="outside lower center", ncols=min(len(said), 4), borderaxespad=0.2)


def _line(axes: Axes, across: Sequence[float], up: Sequence[float], name: str, palette: Palette) -> None:
    axes.plot(
        across,
        up,
        color=palette.look(name).colour,
        linestyle=(0, (3, 1.5)) if name.startswith(SITES) else "-",
        # Many points are a line; a line of one would not be seen.
        marker=palette.look(name).marker if len(up) <= 20 else "",
        markersize=3.5,
        label=style.shortened(name, 30),
    )
