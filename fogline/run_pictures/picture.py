"""One picture: what it is called, how high it is, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import FigureBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """As wide as a page. `draw` is given a figure of its own, or a part of one, of this height."""

    name: str
    title: str
    height_in: float
    draw: Callable[[FigureBase], None]
