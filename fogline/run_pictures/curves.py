"""Loss and accuracy by epoch, an exit a colour."""

from functools import partial
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from fogline.run_pictures.picture import Picture
from simulations.report.charts import Palette, style

if TYPE_CHECKING:
    from agent.training.results import History

HEIGHT_IN = 2.7


def picture(history: "History") -> Picture:
    """The best epoch is marked: its weights are kept where training stops early, else those of the last."""
    return Picture(name="curves", title="Learning", height_in=HEIGHT_IN, draw=partial(_draw, history))


def _draw(history: "History", figure: FigureBase) -> None:
    has_accuracy = any(score.accuracy is not None for one in history.epochs for score in one.validation.values())
    places = list(figure.subplots(1, 2 if has_accuracy else 1, squeeze=False)[0])
    palette = Palette(labels=history.exits)
    for name in history.exits:
        _losses(places[0], history, name, palette)
        if has_accuracy:
            _accuracies(places[1], history, name, palette)
    _finish(places[0], history, "loss")
    if has_accuracy:
        places[1].yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
        _finish(places[1], history, "accuracy on the validation part")
    _legend(figure, history, palette)


def _losses(axes: Axes, history: "History", name: str, palette: Palette) -> None:
    look = palette.look(name)
    epochs = [one.epoch for one in history.epochs]
    training = [one.training.get(name, float("nan")) for one in history.epochs]
    axes.plot(epochs, training, color=look.colour, linestyle=(0, (3, 1.5)), linewidth=1.1, alpha=0.85)
    seen = [(one.epoch, one.validation[name].loss) for one in history.epochs if name in one.validation]
    axes.plot([at for at, _ in seen], [loss for _, loss in seen], color=look.colour, marker=_marker(look.marker, seen))


def _accuracies(axes: Axes, history: "History", name: str, palette: Palette) -> None:
    look = palette.look(name)
    seen = [(one.epoch, one.validation[name].accuracy) for one in history.epochs if name in one.validation]
    known = [(at, share) for at, share in seen if share is not None]
    axes.plot(
        [at for at, _ in known], [share for _, share in known], color=look.colour, marker=_marker(look.marker, known)
    )


def _marker(marker: str, points: object) -> str:
    """Many points are a line; a line of one would not be seen."""
    return marker if isinstance(points, list) and len(points) <= 20 else ""


def _finish(axes: Axes, history: "History", label: str) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    if history.best is not None and len(history.epochs) > 1:
        best = history.epochs[history.best].epoch
        axes.axvline(best, color=style.BETTER, linewidth=1.0, linestyle=(0, (3, 1.5)), zorder=1)
        side = "right" if history.best > len(history.epochs) / 2 else "left"
        offset = -3 if side == "right" else 3
        axes.annotate(
            f"best: {best}",
            (best, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(offset, -8),
            textcoords="offset points",
            ha=side,
            fontsize=7.5,
            color=style.BETTER,
        )


def _legend(figure: FigureBase, history: "History", palette: Palette) -> None:
    handles = [
        Line2D(
            [], [], color=palette.look(name).colour, marker=palette.look(name).marker, label=style.shortened(name, 24)
        )
        for name in history.exits
    ]
    if any(one.validation for one in history.epochs):
        handles.append(Line2D([], [], color=style.INK, label="validation"))
    handles.append(Line2D([], [], color=style.INK, linestyle=(0, (3, 1.5)), linewidth=1.1, label="training"))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 6), borderaxespad=0.2)
