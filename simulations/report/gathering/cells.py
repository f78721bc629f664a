"""What cells are called, and which of their settings are numbers that something can be drawn over. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulations.experiment.quantities import Bandwidth, Duration, Rate, Share
from simulations.experiment.sweep import Cell
from simulations.report.content import Axis

COUNTED = ("clients", "replicas", "partitions", "brokers", "threads")
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*([A-Za-z/%]+)\s*")
_UNITS = {unit for kind in (Bandwidth, Duration, Rate, Share) for unit in kind.UNITS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A setting that is a number, of one unit, in each of these cells. `others`: what else tells the cells apart."""

    path: str
    axis: Axis
    values: Mapping[int, float]
    others: Mapping[int, str]

    @property
    def name(self) -> str:
        """For files and anchors."""
        return re.sub(r"[^a-z0-9]+", "-", self.path.lower()).strip("-")

    @property
    def series(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.others.values()))


def labels(cells: Sequence[Cell], default: str) -> Mapping[int, str]:
    """A name for each cell, by its index: the settings that differ between cells. No two are the same."""
    found = _described(cells, _differing(cells), default)
    known = list(found.values())
    return {index: label if known.count(label) == 1 else f"{label}, cell {index}" for index, label in found.items()}


def swept(cells: Sequence[Cell], default: str) -> tuple[Swept, ...]:
    """The numbers of a sweep, in its order; the names of everything else beside each."""
    differing = _differing(cells)
    return tuple(found for path in differing if (found := _swept(cells, path, differing, default)))


def setting_name(path: str) -> str:
    """`load.clients` is `clients`, `tiers.edge.replicas` is `edge replicas`."""
    steps = path.split(".")
    return " ".join(steps[1:] if len(steps) > 1 else steps).replace("_", " ")


def number(value: object) -> tuple[float, str] | None:
    """A setting as a number and its unit; None for one that is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value), ""
    found = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    return (float(found[1]), found[2]) if found and found[2] in _UNITS else None


def _differing(cells: Sequence[Cell]) -> list[str]:
    paths = dict.fromkeys(path for cell in cells for path in cell.settings)
    return [path for path in paths if len({repr(cell.settings.get(path)) for cell in cells}) > 1]


def _swept(cells: Sequence[Cell], path: str, differing: Sequence[str], default: str) -> Swept | None:
    found = {cell.index: number(cell.settings.get(path)) for cell in cells}
    numbers = {index: value for index, value in found.items() if value}
    units = {unit for _, unit in numbers.values()}
    if len(numbers) < len(cells) or len(units) != 1:
        return None
    return Swept(
        path=path,
        axis=Axis(label=setting_name(path), unit=units.pop()),
        values={index: value for index, (value, _) in numbers.items()},
        others=_described(cells, [one for one in differing if one != path], default),
    )


def _described(cells: Sequence[Cell], paths: Iterable[str], default: str) -> dict[int, str]:
    told = list(paths)
    return {cell.index: _label(cell.settings, told) or default for cell in cells}


def _label(settings: Mapping[str, object], paths: Iterable[str]) -> str:
    parts = (_part(path, settings[path]) for path in paths if path in settings)
    return ", ".join(part for part in parts if part)


def _part(path: str, value: object) -> str:
    """Tiers by their names; other tables say too much for a name."""
    match path, value:
        case "tiers", [*tiers]:
            names = [tier.get("name", "?") for tier in tiers if isinstance(tier, dict)]
            return "-".join(names) if len(names) > 1 else f"{''.join(names)} only"
        case _, list() | dict() | tuple():
            return ""
        case _, str() if number(value) is None:
            return value
    name = setting_name(path)
    if not name.endswith(COUNTED):
        return f"{name} {value}"
    return f"{value} {name.removesuffix('s') if value == 1 else name}"
