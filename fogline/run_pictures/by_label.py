"""Networks that say of each label whether it applies: precision and recall, a row a label."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import FuncFormatter

from fogline.run_pictures.picture import Picture
from simulations.report.charts import style

if TYPE_CHECKING:
    from agent.training.judging.judgement import Judgement
    from agent.training.judging.multilabel import Multilabel

# Beyond it those with the most records are shown.
MOST_LABELS = 40
ROW_IN, AROUND_IN, SIDE_BY_SIDE = 0.19, 1.0, 3
PRECISION, RECALL = "#0072B2", "#D55E00"


def picture(judged: "Sequence[Judgement]", labels: Sequence[str]) -> Picture:
    shown = [(one.exit, one.multilabel) for one in judged if one.multilabel]
    rows = -(-len(shown) // SIDE_BY_SIDE)
    count = min(MOST_LABELS, max(len(one.by_label) for _, one in shown))
    return Picture(
        name="labels",
        title="Precision and recall by label",
        height_in=rows * (AROUND_IN + ROW_IN * max(count, 4)),
        draw=partial(_draw, shown, tuple(labels)),
    )


def _draw(shown: "Sequence[tuple[str, Multilabel]]", labels: Sequence[str], figure: FigureBase) -> None:
    columns, rows = min(len(shown), SIDE_BY_SIDE), -(-len(shown) // SIDE_BY_SIDE)
    places = figure.subplots(rows, columns, sharey=True, sharex=True, squeeze=False)
    chosen = _chosen(shown[-1][1])
    for place, axes in enumerate(places.flat):
        if place >= len(shown):
            axes.set_visible(False)
            continue
        _panel(axes, *shown[place], chosen)
    names = [labels[one] if one < len(labels) else str(one) for one in chosen]
    for row in places:
        row[0].set_yticks(range(len(chosen)), [style.shortened(name, 20) for name in names])
    handles, said = places[0][0].get_legend_handles_labels()
    figure.legend(handles, said, loc="outside lower center", ncols=2, borderaxespad=0.2)


def _chosen(found: "Multilabel") -> list[int]:
    order = sorted(range(len(found.by_label)), key=lambda place: -found.by_label[place].support)
    return sorted(order[:MOST_LABELS])


def _panel(axes: Axes, name: str, found: "Multilabel", chosen: Sequence[int]) -> None:
    for row, place in enumerate(chosen):
        scores = found.by_label[place]
        if scores.precision is not None and scores.recall is not None:
            axes.plot([scores.precision, scores.recall], [row, row], color=style.GRID, linewidth=2.5, zorder=1)
    for what, colour, marker in (("precision", PRECISION, "o"), ("recall", RECALL, "D")):
        seen = [(row, getattr(found.by_label[place], what)) for row, place in enumerate(chosen)]
        known = [(row, share) for row, share in seen if share is not None]
        axes.plot(
            [share for _, share in known], [row for row, _ in known], marker, color=colour, markersize=4.5, label=what
        )
    axes.set_title(f"{style.shortened(name, 18)}: {found.subset_accuracy:.1%} wholly right")
    axes.set_xlabel("%")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(len(chosen) - 0.4, -0.6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f}"))
    axes.tick_params(axis="y", length=0)
    axes.tick_params(labelbottom=True)
