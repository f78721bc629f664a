"""Colours that people with any colour vision tell apart, each with a marker and a dash so that colour is never alone.

The eight of Okabe and Ito, "Color Universal Design" (2008), without their yellow: too faint on white.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulations.report.content import Chart, Curves, Distributions

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# None of them is a mark's green or red.
_OVER_TIME = ("#0072B2", "#E69F00", "#7A4F9A", "#56B4E9", "#333333")
_Dash = str | tuple[int, tuple[float, ...]]
_DASHES: tuple[_Dash, ...] = ("-", (0, (5, 1.5)), (0, (2, 0.9)), (0, (5, 1.5, 1.2, 1.5)))
# The same four in every report, so that a reader learns them once.
_PARTS = {"waiting": "#BDBDBD", "computing": "#0072B2", "producing": "#E69F00", "link": "#9ED8F5"}
_STACKED = ("#0072B2", "#9ED8F5", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#BDBDBD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    colour: str
    marker: str
    dash: _Dash


@dataclass(frozen=True, slots=True)
class Palette:
    """A series looks the same in all charts of one report: by its label's place among all labels."""

    labels: tuple[str, ...]

    @classmethod
    def of(cls, charts: Iterable[Chart]) -> "Palette":
        return cls(tuple(dict.fromkeys(label for chart in charts for label in _labels(chart))))

    def look(self, label: str, *, among: Sequence[str] = ()) -> Look:
        """A label that is in no chart but a timeline has its place `among` those of its strip."""
        if label not in self.labels:
            place = [one for one in among if one not in self.labels].index(label)
            return Look(colour=_OVER_TIME[place % len(_OVER_TIME)], marker="", dash="-")
        place = self.labels.index(label)
        turn, colour = divmod(place, len(_COLOURS))
        return Look(colour=_COLOURS[colour], marker=_MARKERS[colour], dash=_DASHES[(colour + turn) % len(_DASHES)])


def stacked(parts: tuple[str, ...]) -> tuple[str, ...]:
    """A colour a part."""
    return tuple(_PARTS.get(part, _STACKED[place % len(_STACKED)]) for place, part in enumerate(parts))


def _labels(chart: Chart) -> list[str]:
    match chart:
        case Distributions():
            return [one.label for one in chart.series]
        case Curves():
            return [one.label for panel in chart.panels for one in panel.series if not one.reference]
        case _:
            return []
