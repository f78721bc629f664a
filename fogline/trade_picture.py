"""What leaving early costs and spares, as a picture."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import SettingsError, UnavailableError
from shared.storage import replace_file

if TYPE_CHECKING:
    from agent.training.exiting.calibration import Calibration
    from simulations.report.content import Facet, Series, Trade

KINDS = (".svg", ".png")


def require_drawable(file: Path) -> None:
    """Raises SettingsError for another kind of picture, UnavailableError that says what to install."""
    if file.suffix.lower() not in KINDS:
        raise SettingsError(f"{file} is no picture that can be drawn: name it .svg or .png")
    if find_spec("matplotlib") is None:
        raise UnavailableError("a picture needs matplotlib: pip install 'fogline[experiments]'")


def draw(found: "Calibration", file: Path) -> None:
    """Raises StorageError."""
    from simulations.report.charts import Palette
    from simulations.report.pictures import picture

    chart = trade(found)
    drawn = picture(chart, Palette.of([chart]))
    replace_file(file, drawn.svg if file.suffix.lower() == ".svg" else drawn.png)


def trade(found: "Calibration") -> "Trade":
    from simulations.report.content import Axis, Mark, Trade

    left = 100 * (1 - found.choice.shares[-1])
    chosen = () if found.choice.is_never else (Mark(at=left, label=f"chosen: {left:.1f} %", good=True),)
    return Trade(
        name="trade",
        title="What leaving early costs and spares",
        x=Axis(label="records that leave early", unit="%", log=False),
        facets=tuple(_facets(found)),
        marks=chosen,
    )


def _facets(found: "Calibration") -> "list[Facet]":
    from simulations.report.content import Axis, Facet

    alone = found.points[0]
    facets = [
        Facet(
            y=Axis(label="right answers lost", unit="%", log=False),
            series=(
                _line("lost", found, [100 * one.harm for one in found.points]),
                _level("risk", found, 100 * found.choice.risk),
            ),
        ),
        Facet(
            y=Axis(label="accuracy", unit="%", log=False),
            series=(
                _line("with exits", found, [100 * one.accuracy for one in found.points]),
                _level("last exit alone", found, 100 * alone.accuracy),
            ),
        ),
    ]
    if alone.latency_s is not None:
        times = [1e3 * (one.latency_s or 0.0) for one in found.points]
        series = (_line("with exits", found, times), _level("last exit alone", found, times[0]))
        facets.append(Facet(y=Axis(label="expected latency", unit="ms", log=False), series=series))
    return facets


def _line(label: str, found: "Calibration", values: list[float]) -> "Series":
    from simulations.report.content import Estimate, Point, Series

    left = [100 * (1 - one.shares[-1]) for one in found.points]
    points = [Point(x=x, y=Estimate(value=value)) for x, value in zip(left, values, strict=True)]
    return Series(label=label, points=tuple(points))


def _level(label: str, found: "Calibration", value: float) -> "Series":
    from simulations.report.content import Estimate, Point, Series

    ends = (0.0, 100 * (1 - found.points[-1].shares[-1]))
    return Series(label=label, points=tuple(Point(x=x, y=Estimate(value=value)) for x in ends), reference=True)
