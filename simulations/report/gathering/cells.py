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


Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A setting that is a number, of one unit, in each of these cells. `others`: what else tells the cells apart.

    `paths` are several where tiers have the same value in every cell.
    """

    paths: Paths
    axis: Axis
    values: Mapping[int, float]
    others: Mapping[int, str]

    @property
    def name(self) -> str:
        """For files and anchors."""
        name = self.paths[0] if len(self.paths) == 1 else f"tiers {self.axis.label}"
        return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")

    @property
    def is_line(self) -> bool:
        """Whether some series has more than one point."""
        return len(self.values) > len(self.series)

    @property
    def series(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.others.values()))


def labels(cells: Sequence[Cell], default: str) -> Mapping[int, str]:
    """A name for each cell, by its index: its own, and the settings that differ between cells. No two are the same."""
    found = _described(cells, _told(cells), default)
    known = list(found.values())
    return {index: label if known.count(label) == 1 else f"{label}, cell {index}" for index, label in found.items()}


def swept(cells: Sequence[Cell], default: str) -> tuple[Swept, ...]:
    """The numbers of a sweep, in its order; the names of everything else beside each."""
    return tuple(found for paths in _differing(cells) if (found := _swept(cells, paths, default)))


def beside(cells: Sequence[Cell]) -> tuple[tuple[int, int], ...]:
    """Indices of cells that differ in nothing but their names, each after that of the first name among them."""
    told, first = _told(cells), next((cell.name for cell in cells), "")
    by_rest: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        by_rest.setdefault(_values(cell, told), []).append(cell)
    bases = {rest: cell.index for rest, alike in by_rest.items() for cell in alike if cell.name == first}
    return tuple(
        (bases[rest], cell.index)
        for rest, alike in by_rest.items()
        for cell in alike
        if rest in bases and cell.name not in {"", first}
    )


def setting_name(*paths: str) -> str:
    """`load.clients` is `clients`, `tiers.edge.replicas` is `edge replicas`, and that of all tiers is `replicas`."""
    skipped = 1 if len(paths) == 1 else 2
    steps = (path.split(".") for path in paths)
    return " and ".join(dict.fromkeys(" ".join(one[skipped:] or one).replace("_", " ") for one in steps))


def number(value: object) -> tuple[float, str] | None:
    """A setting as a number and its unit; None for one that is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value), ""
    found = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    return (float(found[1]), found[2]) if found and found[2] in _UNITS else None


def _differing(cells: Sequence[Cell]) -> list[Paths]:
    """Those of tiers that never differ from each other are one."""
    joint: dict[tuple[object, ...], list[str]] = {}
    for path in dict.fromkeys(path for cell in cells for path in cell.settings):
        values = _values_of(cells, path)
        if len(set(values)) > 1:
            joint.setdefault((*values, "" if path.startswith("tiers.") else path), []).append(path)
    return [tuple(paths) for paths in joint.values()]


def _told(cells: Sequence[Cell]) -> list[Paths]:
    """What differs between cells of one name; without names, between any."""
    by_name: dict[str, list[Cell]] = {}
    for cell in cells:
        by_name.setdefault(cell.name, []).append(cell)
    return [
        paths
        for paths in _differing(cells)
        if any(len(set(_values_of(alike, paths[0]))) > 1 for alike in by_name.values())
    ]


def _values_of(cells: Sequence[Cell], path: str) -> list[str]:
    return [repr(cell.settings.get(path)) for cell in cells]


def _values(cell: Cell, told: Iterable[Paths]) -> tuple[str, ...]:
    return tuple(repr(cell.settings.get(paths[0])) for paths in told)


def _swept(cells: Sequence[Cell], paths: Paths, default: str) -> Swept | None:
    found = {cell.index: number(cell.settings.get(paths[0])) for cell in cells}
    numbers = {index: value for index, value in found.items() if value}
    units = {unit for _, unit in numbers.values()}
    if len(numbers) < len(cells) or len(units) != 1:
        return None
    return Swept(
        paths=paths,
        axis=Axis(label=setting_name(*paths), unit=units.pop()),
        values={index: value for index, (value, _) in numbers.items()},
        others=_others(cells, paths, default),
    )


def _others(cells: Sequence[Cell], paths: Paths, default: str) -> dict[int, str]:
    """A name says what differs between names: where these paths do, everything else is told without it."""
    told = _told(cells)
    if paths in told:
        return _described(cells, [one for one in told if one != paths], default)
    rest = [one for one in _differing(cells) if one != paths]
    return {cell.index: _label(cell.settings, rest) or default for cell in cells}


def _described(cells: Sequence[Cell], told: Sequence[Paths], default: str) -> dict[int, str]:
    parts = {cell.index: (cell.name, _label(cell.settings, told)) for cell in cells}
    return {index: ", ".join(part for part in both if part) or default for index, both in parts.items()}


def _label(settings: Mapping[str, object], told: Iterable[Paths]) -> str:
    parts = (_part(paths, settings[paths[0]]) for paths in told if paths[0] in settings)
    return ", ".join(part for part in parts if part)


def _part(paths: Paths, value: object) -> str:
    """Tiers by their names; other tables say too much for a name."""
    match paths, value:
        case ("tiers",), [*tiers]:
            names = [tier.get("name", "?") for tier in tiers if isinstance(tier, dict)]
            return "-".join(names) if len(names) > 1 else f"{''.join(names)} only"
        case _, list() | dict() | tuple():
            return ""
        case _, str() if number(value) is None:
            return value
    return setting(setting_name(*paths), value)


def setting(name: str, value: object) -> str:
    """`8 clients`, `edge-cloud latency 5 ms`."""
    if not name.endswith(COUNTED):
        return f"{name} {value}"
    return f"{value} {name.removesuffix('s') if value == 1 else name}"
