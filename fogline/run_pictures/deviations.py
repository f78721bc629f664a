"""Networks that give plain numbers: how far each exit is from the truth, output by output."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from fogline.run_pictures.picture import Picture
from simulations.report.charts import Palette, style

if TYPE_CHECKING:
    from agent.training.judging.judgement import Judgement
    from agent.training.judging.regression import Regression

# Beyond it only the mean over all outputs is shown.
MOST_OUTPUTS = 24
ROW_IN, AROUND_IN = 0.22, 0.9


def picture(judged: "Sequence[Judgement]") -> Picture:
    shown = [(one.exit, one.regression) for one in judged if one.regression]
    rows = len(_rows(shown[0][1])) * len(shown)
    return Picture(
        name="errors",
        title="How far from the truth",
        height_in=AROUND_IN + ROW_IN * max(rows, 3),
        draw=partial(_draw, shown),
    )


def _rows(found: "Regression") -> list[str]:
    outputs = [f"output {place}" for place in range(len(found.by_output))]
    return ["all outputs", *outputs] if 1 < len(outputs) <= MOST_OUTPUTS else ["all outputs"]


def _draw(shown: "Sequence[tuple[str, Regression]]", figure: FigureBase) -> None:
    palette = Palette(labels=tuple(name for name, _ in shown))
    places = figure.subplots(1, 2, sharey=True)
    _bars(places[0], shown, palette, "rmse", "root mean squared error")
    _bars(places[1], shown, palette, "mae", "mean absolute error")
    names = _rows(shown[0][1])
    places[0].set_yticks(range(len(names)), names)
    places[0].set_ylim(len(names) - 0.4, -0.6)
    handles, said = places[0].get_legend_handles_labels()
    figure.legend(handles, said, loc="outside lower center", ncols=min(len(said), 4), borderaxespad=0.2)


def _bars(
    axes: Axes, shown: "Sequence[tuple[str, Regression]]", palette: Palette, figure_name: str, label: str
) -> None:
    height = 0.8 / len(shown)
    for turn, (name, found) in enumerate(shown):
        deviations = [found.overall, *(found.by_output if len(_rows(found)) > 1 else ())]
        rows = [row - 0.4 + height * (turn + 0.5) for row in range(len(deviations))]
        r2 = f", R2 {found.overall.r2:.3f}" if found.overall.r2 is not None else ""
        axes.barh(
            rows,
            [getattr(one, figure_name) for one in deviations],
            height=0.9 * height,
            color=palette.look(name).colour,
            label=f"{style.shortened(name, 24)}{r2}",
        )
    axes.set_xlabel(label)
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
