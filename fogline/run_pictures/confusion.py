"""What one exit takes for what: a row a true class, a column a predicted one, in shares of the row."""

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from fogline.run_pictures.picture import Picture
from simulations.report.charts import style

if TYPE_CHECKING:
    from agent.training.judging.judgement import Judgement

# Numbers in cells, and the names of classes, as long as they can be read.
MOST_NUMBERED, MOST_NAMED = 16, 40
LABEL_LETTERS = 14
LEAST_IN, MOST_IN, CELL_IN, AROUND_IN = 2.6, 6.0, 0.36, 0.9


def picture(judged: "Judgement", labels: Sequence[str]) -> Picture:
    known = judged.classification
    classes = len(known.confusion) if known else 0
    accuracy = f"{known.accuracy:.2%} right" if known else ""
    return Picture(
        name=f"confusion-{_file_name(judged.exit)}",
        title=f"What is taken for what: {style.shortened(judged.exit, 40)}, {accuracy}",
        height_in=min(MOST_IN, max(LEAST_IN, CELL_IN * classes)) + AROUND_IN,
        draw=partial(_draw, np.asarray(known.confusion if known else (), np.int64), tuple(labels)),
    )


def _draw(confusion: NDArray[np.int64], labels: Sequence[str], figure: FigureBase) -> None:
    axes = figure.subplots()
    support = confusion.sum(axis=1, keepdims=True)
    shares = np.divide(confusion, support, out=np.zeros(confusion.shape), where=support > 0)
    # The root lets rare mistakes be seen beside a full diagonal.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1, aspect="equal", interpolation="nearest")
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    _classes(axes, len(confusion), labels)
    if len(confusion) <= MOST_NUMBERED:
        _numbers(axes, shares, confusion)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")


def _classes(axes: Axes, classes: int, labels: Sequence[str]) -> None:
    if classes > MOST_NAMED:
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        return
    known = len(labels) == classes
    names = [style.shortened(one, LABEL_LETTERS) for one in labels] if known else [str(one) for one in range(classes)]
    size = 8 if classes <= MOST_NUMBERED else 6
    is_long = max(map(len, names), default=0) > 3
    axes.set_xticks(
        range(classes), names, fontsize=size, rotation=45 if is_long else 0, ha="right" if is_long else "center"
    )
    axes.set_yticks(range(classes), names, fontsize=size)
    axes.tick_params(length=0)


def _numbers(axes: Axes, shares: NDArray[np.float64], confusion: NDArray[np.int64]) -> None:
    """Percent of the row; what never happened stays empty."""
    for row, column in zip(*np.nonzero(confusion), strict=True):
        share = float(shares[row, column])
        text = f"{100 * share:.0f}" if share >= 0.005 else "<1"
        ink = "white" if np.sqrt(share) > 0.6 else style.INK
        axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=ink)


def _file_name(exit_name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", exit_name).strip("-.") or "exit"
