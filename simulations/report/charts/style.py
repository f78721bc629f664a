"""How all charts look: the width of a paper's two columns, thin axes, a light grid, text that survives a printer."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH_IN = 7.0
# As many as fit: over the whole width, beside the bars of a chart.
LEGEND_LETTERS, SIDE_LETTERS = 90, 42
INK, FAINT, GRID = "#222222", "#707070", "#e4e4e4"
BETTER, WORSE, UNDECIDED = "#009E73", "#D55E00", "#8a8a8a"

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 7,
    "axes.labelsize": 8.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "text.parse_math": False,  # names come from files: a dollar is a dollar
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 2.2,
    "legend.columnspacing": 1.6,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",  # outlines: a reader's machine may lack the font
}


@contextmanager
def applied(salt: str) -> Iterator[None]:
    """`salt` makes the ids inside an SVG the same in every run."""
    settings: Any = {**_SETTINGS, "svg.hashsalt": salt}
    with mpl.rc_context(settings):
        yield


def figure(height_in: float) -> Figure:
    return Figure(figsize=(WIDTH_IN, height_in), layout="constrained")


def reference(axes: Axes, across: Sequence[float], up: Sequence[float], label: str) -> None:
    """A line to hold what was measured against."""
    axes.plot(across, up, color=FAINT, linestyle=(0, (4, 2)), linewidth=1.1, label=label, zorder=2.5)


def legend(drawn: Figure, labels: Iterable[str]) -> None:
    """Over the whole figure, in the labels' order and as few rows as fit; none for a single series."""
    handles: dict[str, Artist] = {}
    for axes in drawn.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    shown = [label for label in dict.fromkeys(labels) if label in handles]
    if len(shown) > 1:
        chosen = [handles[label] for label in shown]
        said = [shortened(label, LEGEND_LETTERS) for label in shown]
        drawn.legend(chosen, said, loc="outside upper left", ncols=columns(said), borderaxespad=0.2)


def shortened(text: str, letters: int) -> str:
    """At most so many letters: a longer one ends in an ellipsis."""
    return text if len(text) <= letters else f"{text[: max(0, letters - 1)]}\N{HORIZONTAL ELLIPSIS}"


def columns(labels: list[str], width: int = LEGEND_LETTERS) -> int:
    """How many columns of a legend fit into `width` letters."""
    return max(1, min(len(labels), width // (max(map(len, labels)) + 8)))
